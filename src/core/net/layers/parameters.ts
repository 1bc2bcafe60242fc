import { WeightsMismatchError } from '../graph/errors.ts';
import type { TensorValue } from '../graph/network-engine.ts';
import { describeShape, elementCount } from '../graph/shape.ts';
import { constant, input, type Tensor } from '../graph/tensor.ts';
import { reshape, slice } from '../ops/rearrange.ts';

/** What a parameter is, which decides how it starts. */
export type ParameterRole =
  /** The kernel of a layer; each output sums over `fanIn` inputs. */
  | { readonly kind: 'kernel'; readonly fanIn: number }
  | { readonly kind: 'bias' }
  /** The factor after a normalisation. */
  | { readonly kind: 'scale' };

/**
 * A trainable tensor of a network. Layouts are PyTorch's and ONNX's: a convolution is `[out, in, ...kernel]`, a
 * transposed one `[in, out, ...kernel]`.
 */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
}

/** A layer gets its parameters from this while the graph is being built. */
export type ParameterSource = (parameter: Parameter) => Tensor;

/** Hands out placeholders and notes what was asked for. The parameters of a network are listed in this way. */
export function recordingParameters(): { readonly source: ParameterSource; readonly parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const source: ParameterSource = (parameter) => {
    if (parameters.some(({ name }) => name === parameter.name))
      throw new Error(`Two parameters are called ${parameter.name}.`);
    parameters.push(parameter);
    return input(parameter.name, parameter.shape);
  };
  return { source, parameters };
}

/**
 * Hands out parameters as constants of the graph, under their own names, as a prediction model holds them.
 * @throws WeightsMismatchError when asked for a parameter that is missing or has another shape
 */
export function constantParameters(weights: ReadonlyMap<string, TensorValue>): ParameterSource {
  return (parameter) => {
    const value = requireWeight(weights, parameter);
    return constant(value.data, value.shape, parameter.name);
  };
}

/** @throws WeightsMismatchError */
export function requireWeight(weights: ReadonlyMap<string, TensorValue>, { name, shape }: Parameter): TensorValue {
  const value = weights.get(name);
  if (value === undefined) {
    throw new WeightsMismatchError(`The weights lack "${name}": they belong to another network. Train a new model.`);
  }
  if (value.shape.length !== shape.length || value.shape.some((size, axis) => size !== shape[axis])) {
    const shapes = `${describeShape(value.shape)} where the network has ${describeShape(shape)}`;
    throw new WeightsMismatchError(
      `The weight "${name}" is ${shapes}: it belongs to another network. Train a new model.`,
    );
  }
  return value;
}

/**
 * Cuts parameters out of one vector that holds them all, one after the other. A training graph works on such a vector,
 * so that the optimizer is a handful of operators on one tensor and the state three buffers, whatever the network's
 * size.
 */
export function parametersInVector(vector: Tensor, parameters: readonly Parameter[]): Map<string, Tensor> {
  let start = 0;
  return new Map(
    parameters.map(({ name, shape }) => {
      const end = start + elementCount(shape);
      const part = slice(vector, [{ axis: 0, start, end }]);
      start = end;
      return [name, reshape(part, shape)];
    }),
  );
}

/**
 * Makes one vector of all values in the order of `parameters`.
 * @throws WeightsMismatchError
 */
export function packParameters(
  parameters: readonly Parameter[],
  values: ReadonlyMap<string, TensorValue>,
): Float32Array {
  const vector = new Float32Array(parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  let start = 0;
  for (const parameter of parameters) {
    const value = requireWeight(values, parameter);
    vector.set(value.data, start);
    start += value.data.length;
  }
  return vector;
}

/** Undoes `packParameters`; the values are copies. */
export function unpackParameters(
  parameters: readonly Pick<Parameter, 'name' | 'shape'>[],
  vector: Float32Array,
): Map<string, TensorValue> {
  let start = 0;
  return new Map(
    parameters.map(({ name, shape }) => {
      const end = start + elementCount(shape);
      const value = { data: vector.slice(start, end), shape };
      start = end;
      return [name, value];
    }),
  );
}
