import type * as tfjs from '@tensorflow/tfjs-core';
import { ModelFormatError } from '../../../core/net/graph/errors.ts';
import { type OnnxGraphNode, readModelGraph } from '../../../core/net/onnx/read-graph.ts';
import { type Operand, operators, type TensorFlow } from './operators.ts';

/** Runs an ONNX graph operator by operator. Constants are on the device from the start. */
export class GraphProgram {
  readonly #tf: TensorFlow;
  readonly #nodes: readonly OnnxGraphNode[];
  readonly #outputs: readonly string[];
  readonly #constants = new Map<string, Operand>();
  /** The values that nobody needs after each node. */
  readonly #finished: readonly (readonly string[])[];

  /** @throws ModelFormatError if it is no graph of the portable target */
  constructor(tf: TensorFlow, model: Uint8Array) {
    const { nodes, constants, outputs } = readModelGraph(model);
    const unknown = nodes.find(({ type, domain }) => domain !== '' || operators[type] === undefined);
    if (unknown)
      throw new ModelFormatError(`This network has an operator that TensorFlow does not run: ${unknown.type}.`);
    this.#tf = tf;
    this.#nodes = nodes;
    this.#outputs = outputs;
    for (const [name, { data, shape }] of constants) {
      this.#constants.set(name, data instanceof Float32Array ? tf.tensor(data, [...shape], 'float32') : data);
    }
    this.#finished = lastUses(nodes, new Set([...outputs, ...this.#constants.keys()]));
  }

  /**
   * @param feeds tensors by name; they stay the caller's
   * @returns the graph's outputs by name, to be disposed of by the caller
   */
  run(feeds: Readonly<Record<string, tfjs.Tensor>>): Record<string, tfjs.Tensor> {
    const tf = this.#tf;
    const results = tf.tidy(() => {
      const values = new Map<string, Operand>([...this.#constants, ...Object.entries(feeds)]);
      for (const [at, { type, inputs, outputs, attributes }] of this.#nodes.entries()) {
        const given = inputs.map((name) => values.get(name) as Operand);
        // The constructor has checked that it is there.
        const run = operators[type] as (typeof operators)[string];
        values.set(
          outputs[0] as string,
          tf.tidy(() => run(tf, given, attributes)),
        );
        for (const name of this.#finished[at] ?? []) {
          if (!(name in feeds)) (values.get(name) as tfjs.Tensor).dispose();
        }
      }
      return this.#outputs.map((name) => values.get(name) as tfjs.Tensor);
    });
    return Object.fromEntries(this.#outputs.map((name, at) => [name, results[at] as tfjs.Tensor]));
  }

  close(): void {
    for (const constant of this.#constants.values()) if ('dispose' in constant) constant.dispose();
    this.#constants.clear();
  }
}

/**
 * Finds where each value is used last. Thousands of images of a training step would otherwise lie on the device
 * together.
 */
function lastUses(nodes: readonly OnnxGraphNode[], kept: ReadonlySet<string>): string[][] {
  const lastUse = new Map<string, number>();
  for (const [at, { inputs, outputs }] of nodes.entries()) {
    for (const name of [...inputs, ...outputs.slice(0, 1)]) lastUse.set(name, at);
  }
  const finished: string[][] = nodes.map(() => []);
  for (const [name, at] of lastUse) if (!kept.has(name)) finished[at]?.push(name);
  return finished;
}
