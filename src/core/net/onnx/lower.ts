import { type LoweringTarget, type Operation, sourcesOf, type Tensor } from '../graph/tensor.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from './write-model.ts';

export interface LoweringOptions {
  readonly inputs: readonly Tensor[];
  /** The graph's outputs by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly target: LoweringTarget;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Names that the lowering makes up start like this, so names of weights must not. */
export const generatedPrefix = 'constant_';

/**
 * Writes a tensor graph down as an ONNX model: everything that the outputs reach, sources before users. Composites are
 * expanded for the target; equal constants are written once; trailing outputs that nobody uses are left out.
 */
export function lower({ inputs, outputs, target, metadata = {} }: LoweringOptions): OnnxModel {
  const lowering = new Lowering(target);
  for (const input of inputs) lowering.nameInput(input);
  const outputNames = Object.entries(outputs).map(([name, tensor]) => ({
    name,
    tensor,
    internal: lowering.nameOf(tensor),
  }));
  // A graph output needs a name of its own even if it is another output or an input. ONNX Runtime removes the identity
  // again.
  const identities = outputNames.map(
    ({ name, internal }): OnnxNode => ({
      name,
      type: 'Identity',
      domain: '',
      inputs: [internal],
      outputs: [name],
      attributes: {},
    }),
  );
  return {
    nodes: [...lowering.nodes(), ...identities],
    initializers: lowering.initializers,
    inputs: inputs.map((tensor) => ({
      name: lowering.nameOf(tensor),
      elementType: tensor.elementType,
      shape: tensor.shape,
    })),
    outputs: outputNames.map(({ name, tensor }) => ({ name, elementType: tensor.elementType, shape: tensor.shape })),
    metadata,
  };
}

class Lowering {
  readonly initializers: OnnxInitializer[] = [];
  readonly #target: LoweringTarget;
  readonly #names = new Map<Tensor, string>();
  readonly #operations = new Map<
    Operation,
    { readonly name: string; readonly inputs: readonly string[]; highestUsedOutput: number }
  >();
  readonly #constants = new Map<string, string>();

  constructor(target: LoweringTarget) {
    this.#target = target;
  }

  nameInput(tensor: Tensor): void {
    if (tensor.source.kind !== 'input') throw new Error('A graph input must be made by input().');
    this.#names.set(tensor, tensor.source.name);
  }

  /** Returns the name under which a tensor is found in the ONNX graph, and first writes down what it needs. */
  nameOf(root: Tensor): string {
    // The stack is explicit because deep networks would overflow the call stack of a recursive walk.
    const stack: Tensor[] = [root];
    const expansions = new Map<Tensor, Tensor>();
    while (stack.length > 0) {
      const tensor = stack.at(-1) as Tensor;
      if (this.#names.has(tensor)) {
        stack.pop();
        continue;
      }
      let needed: readonly Tensor[];
      if (tensor.source.kind === 'composite') {
        const expansion = expansions.get(tensor) ?? tensor.source.expand(this.#target);
        expansions.set(tensor, expansion);
        needed = [expansion];
      } else {
        needed = sourcesOf(tensor);
      }
      const missing = needed.filter((source) => !this.#names.has(source));
      if (missing.length > 0) {
        // The first source goes on top, so that it is written first.
        stack.push(...[...missing].reverse());
        continue;
      }
      this.#names.set(tensor, this.#write(tensor, needed));
      stack.pop();
    }
    return this.#names.get(root) as string;
  }

  nodes(): OnnxNode[] {
    return [...this.#operations].map(([operation, { name, inputs, highestUsedOutput }]) => ({
      name,
      type: operation.type,
      domain: operation.domain,
      inputs,
      outputs: Array.from({ length: highestUsedOutput + 1 }, (_, index) => outputName(name, index)),
      attributes: operation.attributes,
    }));
  }

  #write(tensor: Tensor, needed: readonly Tensor[]): string {
    const { source } = tensor;
    if (source.kind === 'input') throw new Error(`The graph uses an input that was not declared: ${source.name}.`);
    if (source.kind === 'constant') return this.#writeConstant(tensor, source.data, source.name);
    const names = needed.map((input) => this.#names.get(input) as string);
    if (source.kind === 'composite') return names[0] as string;
    const { operation, index } = source;
    const written = this.#operations.get(operation) ?? {
      name: `${operation.type.toLowerCase()}_${this.#operations.size}`,
      inputs: names,
      highestUsedOutput: 0,
    };
    written.highestUsedOutput = Math.max(written.highestUsedOutput, index);
    this.#operations.set(operation, written);
    return outputName(written.name, index);
  }

  #writeConstant(tensor: Tensor, data: Float32Array | BigInt64Array, givenName: string | undefined): string {
    const shape = tensor.shape.map(Number);
    // Only short lists are compared by content: that is where repetition is (axes, shapes, scalars).
    const key = givenName ?? (data.length <= 16 ? `${tensor.elementType} ${shape.join()} ${data.join()}` : undefined);
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const name = givenName ?? `${generatedPrefix}${this.initializers.length}`;
    this.initializers.push({ name, shape, data });
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }
}

function outputName(operationName: string, index: number): string {
  return index === 0 ? operationName : `${operationName}_${index}`;
}
