import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxGraphNode } from '../../../core/net/onnx/read-graph.ts';

export type TensorFlow = typeof tfjs;

/** An operator is given tensors, and lists of sizes and axes as plain numbers. */
export type Operand = tfjs.Tensor | readonly number[];

type Attributes = OnnxGraphNode['attributes'];
type Run = (tf: TensorFlow, inputs: readonly Operand[], attributes: Attributes) => tfjs.Tensor;

/**
 * The operators of the portable target, by their ONNX names, in TensorFlow's. Images are `[batch, channels, y, x]` in
 * the graph; TensorFlow's convolutions want channels last, on the CPU at least, so these turn what they are given and
 * give it back turned.
 */
export const operators: Readonly<Record<string, Run>> = {
  Add: (tf, [a, b]) => tf.add(tensor(a), tensor(b)),
  Sub: (tf, [a, b]) => tf.sub(tensor(a), tensor(b)),
  Mul: (tf, [a, b]) => tf.mul(tensor(a), tensor(b)),
  Div: (tf, [a, b]) => tf.div(tensor(a), tensor(b)),
  Max: (tf, [a, b]) => tf.maximum(tensor(a), tensor(b)),
  Neg: (tf, [a]) => tf.neg(tensor(a)),
  Exp: (tf, [a]) => tf.exp(tensor(a)),
  Log: (tf, [a]) => tf.log(tensor(a)),
  Sqrt: (tf, [a]) => tf.sqrt(tensor(a)),
  Floor: (tf, [a]) => tf.floor(tensor(a)),
  Relu: (tf, [a]) => tf.relu(tensor(a)),
  Sigmoid: (tf, [a]) => tf.sigmoid(tensor(a)),
  LeakyRelu: (tf, [a], { alpha }) => tf.leakyRelu(tensor(a), Number(alpha)),
  Greater: (tf, [a, b]) => tf.greater(tensor(a), tensor(b)),
  Equal: (tf, [a, b]) => tf.equal(tensor(a), tensor(b)),
  Cast: (tf, [a]) => tf.cast(tensor(a), 'float32'),
  Identity: (tf, [a]) => tf.clone(tensor(a)),
  MatMul: (tf, [a, b]) => tf.matMul(tensor(a), tensor(b)),
  Transpose: (tf, [a], { perm }) => tf.transpose(tensor(a), [...list(perm)]),
  Reshape: (tf, [a, shape]) => {
    const x = tensor(a);
    // In ONNX a 0 copies the input's size at that place.
    const sizes = list(shape).map((size, axis) => (size === 0 ? (x.shape[axis] ?? 0) : size));
    return tf.reshape(x, sizes);
  },
  Expand: (tf, [a, shape]) => tf.broadcastTo(tensor(a), [...list(shape)]),
  Concat: (tf, parts, { axis }) => tf.concat(parts.map(tensor), Number(axis)),
  Gather: (tf, [a, order], { axis }) => tf.gather(tensor(a), tf.tensor1d([...list(order)], 'int32'), Number(axis)),
  ReduceSum: (tf, [a, axes]) => tf.sum(tensor(a), [...list(axes)], true),
  ReduceMax: (tf, [a], { axes }) => tf.max(tensor(a), [...list(axes)], true),
  Slice: (tf, [a, starts, ends, axes]) => {
    const x = tensor(a);
    const begin = x.shape.map(() => 0);
    const size = [...x.shape];
    for (const [at, axis] of list(axes).entries()) {
      begin[axis] = list(starts)[at] as number;
      size[axis] = (list(ends)[at] as number) - begin[axis];
    }
    return tf.slice(x, begin, size);
  },
  Pad: (tf, [a, amounts]) => {
    const x = tensor(a);
    const pads = list(amounts);
    return padded(
      tf,
      x,
      x.shape.map((_, axis) => [pads[axis] as number, pads[axis + x.rank] as number]),
    );
  },
  InstanceNormalization: (tf, [a, scale, shift], { epsilon }) => {
    const x = tensor(a);
    const space = x.shape.map((_, axis) => axis).slice(2);
    const perChannel = x.shape.map((size, axis) => (axis === 1 ? size : 1));
    const { mean, variance } = tf.moments(x, space, true);
    const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, Number(epsilon))));
    const scaled = tf.mul(normalised, tf.reshape(tensor(scale), perChannel));
    return tf.add(scaled, tf.reshape(tensor(shift), perChannel));
  },
  MaxPool: (tf, [a], { kernel_shape, strides }) =>
    channelsFirst(tf, tf.maxPool(channelsLast(tf, tensor(a)), pair(kernel_shape), pair(strides), 'valid')),
  Conv: (tf, [a, weight, bias], attributes) => {
    const strides = attributes.strides === undefined ? ([1, 1] as [number, number]) : pair(attributes.strides);
    const [top = 0, left = 0, bottom = 0, right = 0] = list(attributes.pads ?? []);
    const x = padded(tf, channelsLast(tf, tensor(a)), [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]) as tfjs.Tensor4D;
    const y =
      Number(attributes.group ?? 1) === 1
        ? tf.conv2d(x, tf.transpose(tensor(weight), [2, 3, 1, 0]) as tfjs.Tensor4D, strides, 'valid')
        : eachChannelAlone(tf, x, tensor(weight), strides);
    return channelsFirst(tf, bias === undefined ? y : tf.add(y, tensor(bias)));
  },
  ConvTranspose: (tf, [a, weight, bias], attributes) => {
    const x = channelsLast(tf, tensor(a));
    const kernel = pair(attributes.kernel_shape);
    const strides = pair(attributes.strides);
    const [top = 0, left = 0, bottom = 0, right = 0] = list(attributes.pads ?? []);
    const [moreRows = 0, moreColumns = 0] = list(attributes.output_padding ?? []);
    const [batch = 0, rows = 0, columns = 0] = x.shape;
    const outputs = tensor(weight).shape[1] ?? 0;
    const whole = tf.conv2dTranspose(
      x,
      tf.transpose(tensor(weight), [2, 3, 1, 0]) as tfjs.Tensor4D,
      [batch, (rows - 1) * strides[0] + kernel[0], (columns - 1) * strides[1] + kernel[1], outputs],
      strides,
      'valid',
    );
    const y = padded(tf, whole, [
      [0, 0],
      [-top, moreRows - bottom],
      [-left, moreColumns - right],
      [0, 0],
    ]);
    return channelsFirst(tf, bias === undefined ? y : tf.add(y, tensor(bias)));
  },
};

/**
 * A convolution in which every channel has its own kernels, `[channels * each, 1, y, x]`; the results of a channel lie
 * together.
 */
function eachChannelAlone(
  tf: TensorFlow,
  x: tfjs.Tensor4D,
  weight: tfjs.Tensor,
  strides: readonly [number, number],
): tfjs.Tensor {
  const channels = x.shape[3];
  const [kernels = 0, , rows = 0, columns = 0] = weight.shape;
  const filter = tf.transpose(tf.reshape(weight, [channels, kernels / channels, rows, columns]), [2, 3, 0, 1]);
  // TensorFlow knows only equal strides here: the others are taken out of what all places give.
  const stride = strides[0] === strides[1] ? strides[0] : 1;
  const y = tf.depthwiseConv2d(x, filter as tfjs.Tensor4D, stride, 'valid');
  if (stride === strides[0] && stride === strides[1]) return y;
  return tf.stridedSlice(y, [0, 0, 0, 0], [...y.shape], [1, ...strides, 1]);
}

function channelsLast(tf: TensorFlow, x: tfjs.Tensor): tfjs.Tensor4D {
  return tf.transpose(x, [0, 2, 3, 1]) as tfjs.Tensor4D;
}

function channelsFirst(tf: TensorFlow, x: tfjs.Tensor): tfjs.Tensor {
  return tf.transpose(x, [0, 3, 1, 2]);
}

/** Puts zeros around, by axis before and after; a negative amount cuts off. */
function padded(tf: TensorFlow, x: tfjs.Tensor, amounts: readonly (readonly [number, number])[]): tfjs.Tensor;
function padded(tf: TensorFlow, x: tfjs.Tensor, amounts: readonly (readonly number[])[]): tfjs.Tensor;
function padded(tf: TensorFlow, x: tfjs.Tensor, amounts: readonly (readonly number[])[]): tfjs.Tensor {
  const cut = (amount = 0) => Math.max(0, -amount);
  const isCut = amounts.some((axis) => axis.some((amount) => amount < 0));
  const begin = amounts.map(([before]) => cut(before));
  const size = x.shape.map((length, axis) => length - cut(amounts[axis]?.[0]) - cut(amounts[axis]?.[1]));
  const inside = isCut ? tf.slice(x, begin, size) : x;
  const around = amounts.map(([before = 0, after = 0]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
  return around.every(([before, after]) => before === 0 && after === 0) ? inside : tf.pad(inside, around);
}

function tensor(operand: Operand | undefined): tfjs.Tensor {
  if (operand === undefined || isList(operand)) throw new Error('The graph gives an operator no tensor.');
  return operand;
}

function list(operand: Operand | number | string | undefined): readonly number[] {
  if (typeof operand === 'object' && isList(operand)) return operand;
  throw new Error('The graph gives an operator no list of numbers.');
}

function pair(operand: number | string | readonly number[] | undefined): [number, number] {
  const [first, second] = list(operand);
  if (first === undefined || second === undefined) throw new Error('The graph is not about slices.');
  return [first, second];
}

function isList(operand: Operand): operand is readonly number[] {
  return Array.isArray(operand);
}
