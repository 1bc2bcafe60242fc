import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../../src/core/net/initial-weights.ts';
import { predictModel } from '../../../../src/core/net/predict-model.ts';
import { seedUNet } from '../../../../src/core/net/unet-description.ts';
import { channelBlock } from '../../../../src/engine/engines/onnx-runtime/channel-block.ts';
import { compileForCpu } from '../../../../src/engine/engines/onnx-runtime/compile-for-cpu.ts';
import { loadRuntime } from '../../../../src/engine/engines/onnx-runtime/load-runtime.ts';

describe('compiling a stored model for the CPU', () => {
  const model = (baseFilters: number): Uint8Array => {
    const description = seedUNet({ baseFilters });
    return predictModel(description, initialWeights(description, { kind: 'he', seed: 2 }));
  };

  it('leaves wide networks alone, and narrow ones where the processor has narrow kernels', async () => {
    const runtime = await loadRuntime();
    const wide = model(8);
    expect(await compileForCpu(runtime, wide)).toBe(wide);
    const narrow = model(4);
    const compiled = await compileForCpu(runtime, narrow);
    expect(compiled === narrow).toBe((await channelBlock(runtime)) < 16);
  });
});
