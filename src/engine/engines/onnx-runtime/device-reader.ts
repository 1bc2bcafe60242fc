import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { input, scalar } from '../../../core/net/graph/tensor.ts';
import { lower } from '../../../core/net/onnx/lower.ts';
import { writeModel } from '../../../core/net/onnx/write-model.ts';
import { multiply } from '../../../core/net/ops/arithmetic.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { createSession, runSession, type SessionSettings } from './session.ts';

/**
 * Brings vectors back from the device. `Tensor.getData()` of a GPU tensor aborts the process in onnxruntime-node 1.30,
 * so a GPU vector is sent through a graph that multiplies by one and whose output lies in main memory. (An Identity
 * would be optimised away, and the output left on the GPU.)
 */
export class DeviceReader {
  readonly #runtime: OnnxRuntime;
  readonly #settings: SessionSettings;
  #session: { readonly length: number; readonly session: Promise<InferenceSession> } | undefined;

  constructor(runtime: OnnxRuntime, settings: SessionSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  /**
   * Returns the vector's numbers; do not change them.
   * @throws NetworkRunError
   */
  async read(vector: Tensor): Promise<Float32Array> {
    if (vector.location === 'cpu') return vector.data as Float32Array;
    const length = vector.dims[0] as number;
    if (this.#session?.length !== length) {
      await this.close();
      this.#session = { length, session: createSession(this.#runtime, copyGraph(length), this.#settings) };
    }
    const { copy } = await runSession(await this.#session.session, { vector });
    return (copy as Tensor).data as Float32Array;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await (await session?.session)?.release();
  }
}

function copyGraph(length: number): Uint8Array {
  const vector = input('vector', [length]);
  return writeModel(lower({ inputs: [vector], outputs: { copy: multiply(vector, scalar(1)) }, target: 'portable' }));
}
