import { NetworkShapeError } from './errors.ts';
import { type Dim, describeShape, elementCount, type Shape } from './shape.ts';

export type ElementType = 'float32' | 'int64' | 'bool';

/**
 * An ONNX attribute is an integer, a float (marked, since JavaScript has one number type), a text or a list of
 * integers.
 */
export type Attribute = number | { readonly float: number } | string | readonly number[];

/**
 * Says which operators a graph may use. `portable` keeps to those that ONNX Runtime's GPU providers run too; the others
 * allow those that only its CPU provider has or runs fast. `cpu-blocks-N` also allows those for channels in blocks of
 * N, which only processors with such vector registers have.
 */
export type LoweringTarget = 'portable' | 'cpu' | 'cpu-blocks-8' | 'cpu-blocks-16';

/** Returns how many channels the kernels of a target work on at once; 1 means that it has no such kernels. */
export function channelBlockOf(target: LoweringTarget): number {
  if (target === 'cpu-blocks-8') return 8;
  return target === 'cpu-blocks-16' ? 16 : 1;
}

/**
 * The vector-Jacobian product of a differentiable tensor y = f(inputs). It has for each input a function from dL/dy to
 * dL/dinput, called only when that gradient is needed, or null where the input is not differentiable. Gradients have
 * their tensor's shape.
 */
export type GradientRules = readonly (((outputGradient: Tensor) => Tensor) | null)[];

/** One ONNX node. */
export interface Operation {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputCount: number;
}

export type TensorSource =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: Float32Array | BigInt64Array; readonly name?: string }
  | { readonly kind: 'output'; readonly operation: Operation; readonly index: number }
  /** A function that has a gradient, or an expansion into operators, of its own. */
  | {
      readonly kind: 'composite';
      readonly inputs: readonly Tensor[];
      readonly expand: (target: LoweringTarget) => Tensor;
    };

/**
 * A node of the tensor graph. It is immutable and holds what it is computed from. A graph is what its outputs reach, so
 * there is no registry to keep; two equal sub-expressions are shared exactly when the same object is used twice.
 */
export interface Tensor {
  readonly shape: Shape;
  readonly elementType: ElementType;
  readonly source: TensorSource;
  readonly gradientRules: GradientRules | undefined;
}

/** Makes a tensor that is given when the graph runs. */
export function input(name: string, shape: Shape): Tensor {
  return { shape, elementType: 'float32', source: { kind: 'input', name }, gradientRules: undefined };
}

/**
 * Makes a tensor that is written into the model.
 * @param name its name in the ONNX file, for weights; constants of the program itself have none
 */
export function constant(data: Float32Array, shape: readonly number[], name?: string): Tensor {
  if (data.length !== elementCount(shape)) {
    throw new NetworkShapeError(`${data.length} numbers do not fill the shape ${describeShape(shape)}.`);
  }
  const source: TensorSource = name === undefined ? { kind: 'constant', data } : { kind: 'constant', data, name };
  return { shape, elementType: 'float32', source, gradientRules: undefined };
}

/** Makes a constant without axes: it broadcasts with everything. */
export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/** Makes a list of integers as ONNX wants it for shapes, axes, starts and ends. */
export function integers(values: readonly number[]): Tensor {
  const data = BigInt64Array.from(values, BigInt);
  return { shape: [values.length], elementType: 'int64', source: { kind: 'constant', data }, gradientRules: undefined };
}

export interface OperationOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  readonly elementType?: ElementType;
  readonly gradientRules?: GradientRules;
}

/** Makes the result of one ONNX operator with one output. */
export function operation(
  type: string,
  inputs: readonly Tensor[],
  shape: Shape,
  options: OperationOptions = {},
): Tensor {
  const node: Operation = {
    type,
    domain: options.domain ?? '',
    inputs,
    attributes: options.attributes ?? {},
    outputCount: 1,
  };
  return {
    shape,
    elementType: options.elementType ?? 'float32',
    source: { kind: 'output', operation: node, index: 0 },
    gradientRules: options.gradientRules,
  };
}

/** Makes the results of one ONNX operator with several outputs; only the first may be differentiable. */
export function operationWithOutputs(
  type: string,
  inputs: readonly Tensor[],
  outputs: readonly { readonly shape: Shape; readonly elementType: ElementType }[],
  options: OperationOptions = {},
): Tensor[] {
  const node: Operation = {
    type,
    domain: options.domain ?? '',
    inputs,
    attributes: options.attributes ?? {},
    outputCount: outputs.length,
  };
  return outputs.map((output, index) => ({
    ...output,
    source: { kind: 'output', operation: node, index },
    gradientRules: index === 0 ? options.gradientRules : undefined,
  }));
}

/**
 * Makes a function of `inputs` that is differentiated by its own rules rather than operator by operator (faster or more
 * exact), or that is written differently for different targets.
 */
export function composite(
  inputs: readonly Tensor[],
  shape: Shape,
  expand: (target: LoweringTarget) => Tensor,
  gradientRules?: GradientRules,
): Tensor {
  return { shape, elementType: 'float32', source: { kind: 'composite', inputs, expand }, gradientRules };
}

/** Returns the tensors that a tensor is directly computed from, as far as differentiation is concerned. */
export function sourcesOf(tensor: Tensor): readonly Tensor[] {
  if (tensor.source.kind === 'output') return tensor.source.operation.inputs;
  if (tensor.source.kind === 'composite') return tensor.source.inputs;
  return [];
}

export function dimOf(tensor: Tensor, axis: number): Dim {
  const dim = tensor.shape[axis];
  if (dim === undefined) throw new NetworkShapeError(`${describeShape(tensor.shape)} has no axis ${axis}.`);
  return dim;
}
