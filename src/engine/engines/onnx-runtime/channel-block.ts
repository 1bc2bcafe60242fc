import { input, type LoweringTarget, operation } from '../../../core/net/graph/tensor.ts';
import { lower } from '../../../core/net/onnx/lower.ts';
import { writeModel } from '../../../core/net/onnx/write-model.ts';
import type { OnnxRuntime } from './load-runtime.ts';

/**
 * Finds how many channels ONNX Runtime's CPU convolutions compute at once: 16 with AVX-512, 8 with AVX2, and so on. It
 * is 1 where they have no such kernels.
 *
 * The runtime itself is asked: the operator that brings an image into the kernels' layout fills its channels up to a
 * whole block. The operator is internal; a runtime that does not let us use it gives 1, with which nothing is
 * rearranged.
 */
export async function channelBlock(runtime: OnnxRuntime): Promise<number> {
  const image = input('image', [1, 4, 1, 1]);
  const reordered = operation('ReorderInput', [image], [1, 16, 1, 1], { domain: 'com.microsoft.nchwc' });
  const model = writeModel(lower({ inputs: [image], outputs: { reordered }, target: 'cpu' }));
  try {
    // The session is quiet, and without optimisations: 4 means fatal errors only.
    const session = await runtime.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
    });
    const outputs = await session.run({ image: new runtime.Tensor('float32', new Float32Array(4), [1, 4, 1, 1]) });
    await session.release();
    return outputs.reordered?.dims[1] ?? 1;
  } catch {
    // There is no such operator here, which is an answer and no failure.
    return 1;
  }
}

/** Says what training graphs for this processor may use. */
export async function cpuTarget(runtime: OnnxRuntime): Promise<LoweringTarget> {
  const block = await channelBlock(runtime);
  if (block === 8) return 'cpu-blocks-8';
  return block === 16 ? 'cpu-blocks-16' : 'cpu';
}
