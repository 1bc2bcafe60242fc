import { afterAll, describe, expect, it } from 'vitest';
import type { EngineId } from '../../../src/core/engines/engine-id.ts';
import { planInitialWeights, planPredictModel } from '../../../src/core/learn/training/network.ts';
import type { Predictor, TensorValue } from '../../../src/core/net/graph/network-engine.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { NetworkRunError } from '../../../src/engine/device/engine-errors.ts';
import { createOnnxEngine } from '../../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { SteadyEngine } from '../../../src/engine/steady/steady-engine.ts';
import { enginesWith, type Fault, NOTHING } from '../../support/faulty-engine.ts';
import { SMALL_PLAN } from '../../support/small-plan.ts';

const cpu = await createOnnxEngine('cpu', { threads: 1 });
afterAll(() => cpu.close());
const model = planPredictModel(SMALL_PLAN, planInitialWeights(SMALL_PLAN, 1));

const OUT_OF_MEMORY = 'CUDA failure 2: out of memory ; GPU=0';
const LOST = 'Device lost';

function images(count: number): TensorValue {
  const random = new SeededRandom(count);
  return { data: Float32Array.from({ length: count * 64 }, () => random.normal()), shape: [count, 1, 8, 8] };
}

async function undisturbed(input: TensorValue): Promise<TensorValue> {
  const predictor = await cpu.createPredictor(model);
  const found = await predictor.predict(input);
  await predictor.close();
  return found;
}

async function predictorOn(faults: Parameters<typeof enginesWith>[0], choice: 'auto' | 'webgpu' = 'auto') {
  const engines = await enginesWith(faults);
  const notes: string[] = [];
  const start = () => SteadyEngine.start(engines, choice, 'predict', (note) => notes.push(note));
  const engine = await start();
  return { engines, engine, notes, start, predictor: await engine.createPredictor(model) };
}

async function expectAsUndisturbed(predictor: Predictor, count: number): Promise<void> {
  const input = images(count);
  const found = await predictor.predict(input);
  const expected = await undisturbed(input);
  expect(found.shape).toEqual(expected.shape);
  expect(found.data).toEqual(expected.data);
}

describe('prediction on an engine that fails', () => {
  it('goes on with half as many images when memory runs out, says so once, and knows it for the next job', async () => {
    const seen: number[] = [];
    const small: Fault = ({ images: count }) => {
      seen.push(count);
      return count > 3 ? OUT_OF_MEMORY : null;
    };
    const { engine, notes, start, predictor } = await predictorOn({ cuda: small });
    await expectAsUndisturbed(predictor, 13);
    expect(seen).toEqual([13, 6, 3, 3, 3, 3, 1]);
    expect(notes).toEqual([
      'faulty cuda ran out of memory: it predicts 6 slices at a time instead of 13.',
      'faulty cuda ran out of memory: it predicts 3 slices at a time instead of 6.',
    ]);
    expect(engine.name).toBe('faulty cuda');
    await predictor.close();
    const next = await (await start()).createPredictor(model);
    await expectAsUndisturbed(next, 4);
    expect(notes).toHaveLength(2);
  });

  it('falls back where not even one image fits, each time to the fastest that is left', async () => {
    const full: Fault = () => OUT_OF_MEMORY;
    const { engine, notes, predictor } = await predictorOn({ cuda: full, webgpu: full });
    await expectAsUndisturbed(predictor, 2);
    expect(notes).toEqual([
      'faulty cuda ran out of memory: it predicts 1 slice at a time instead of 2.',
      'faulty cuda ran out of memory, even with one slice at a time: prediction goes on with faulty webgpu.',
      'faulty webgpu ran out of memory: it predicts 1 slice at a time instead of 2.',
      'faulty webgpu ran out of memory, even with one slice at a time: prediction goes on with ONNX Runtime CPU.',
    ]);
    expect(engine.name).toBe('ONNX Runtime CPU');
  });

  it('falls back from a device that gets lost, also where that engine was asked for, and does not return to it', async () => {
    const runs: number[] = [];
    const lost: Fault = ({ count }) => {
      runs.push(count);
      return count === 1 ? LOST : null;
    };
    const { engines, notes, start, predictor } = await predictorOn({ webgpu: lost }, 'webgpu');
    for (const count of [3, 4, 5]) await expectAsUndisturbed(predictor, count);
    expect(runs).toEqual([0, 1]);
    expect(notes).toEqual(['faulty webgpu lost its device: prediction goes on with ONNX Runtime CPU.']);
    // While this process lives the device is gone. What is remembered of the engine is not touched.
    expect((await engines.get('auto', 'predict')).id).toBe('cpu');
    expect((await engines.report(false)).engines.find(({ id }) => id === 'webgpu')?.verdict.predicts).toBe(true);
    expect((await start()).name).toBe('faulty webgpu');
  });

  it('takes none of those that failed before, also where none is left', async () => {
    const engines = await enginesWith({ webgpu: () => null });
    const start = (choice: 'auto' | 'webgpu', ...without: EngineId[]) =>
      SteadyEngine.start(engines, choice, 'predict', () => undefined, { without });
    expect((await start('webgpu', 'webgpu')).id).toBe('cpu');
    expect((await start('auto', 'cpu')).id).toBe('webgpu');
    await expect(start('auto', 'cpu', 'webgpu')).rejects.toThrow(/Every engine of this machine failed/);
  });

  it('keeps to the smallest number that another job came to', async () => {
    const engines = await enginesWith({ webgpu: () => null });
    engines.limitPixels('webgpu', 100);
    engines.limitPixels('webgpu', 200);
    expect(engines.mostPixels('webgpu')).toBe(100);
    engines.limitPixels('webgpu', 50);
    expect(engines.mostPixels('webgpu')).toBe(50);
  });

  it('does not take the zeros of a device without memory for a prediction', async () => {
    const { notes, predictor } = await predictorOn({ webgpu: ({ images: count }) => (count > 1 ? NOTHING : null) });
    await expectAsUndisturbed(predictor, 3);
    expect(notes).toEqual(['faulty webgpu ran out of memory: it predicts 1 slice at a time instead of 3.']);
  });

  it('falls back from one that fails for reasons that nobody knows', async () => {
    const { notes, predictor } = await predictorOn({ webgpu: () => 'Something odd' });
    await expectAsUndisturbed(predictor, 2);
    expect(notes).toEqual(['faulty webgpu stopped working: prediction goes on with ONNX Runtime CPU.']);
  });

  it('is given up where the CPU fails too, with the reason', async () => {
    const { predictor } = await predictorOn({ webgpu: () => LOST });
    const wrong = { data: new Float32Array(3 * 64), shape: [1, 3, 8, 8] };
    await expect(predictor.predict(wrong)).rejects.toThrow(NetworkRunError);
  });

  it('falls back together: two predictors of a job are on one engine', async () => {
    const { engine, predictor } = await predictorOn({ webgpu: ({ count }) => (count >= 1 ? LOST : null) });
    const other = await engine.createPredictor(model);
    await expectAsUndisturbed(other, 2);
    await expectAsUndisturbed(predictor, 2);
    await expectAsUndisturbed(other, 2);
    expect(engine.name).toBe('ONNX Runtime CPU');
  });
});
