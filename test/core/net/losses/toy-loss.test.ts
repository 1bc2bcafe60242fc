import { describe, expect, it, vi } from 'vitest';
import { parseOverrides } from '../../../../src/core/learn/plan/plan-overrides.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan } from '../../../../src/core/learn/planning/make-plan.ts';
import { planInitialWeights, planTrainingGraph } from '../../../../src/core/learn/training/network.ts';
import type { Loss } from '../../../../src/core/net/losses/loss.ts';
import { createOnnxEngine } from '../../../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { BALL_LABELS, ballCase } from '../../../support/learn-cases.ts';

/** What a newcomer writes: a file with the function, and a line in the registry. */
vi.mock('../../../../src/core/net/losses/registry.ts', async (original) => {
  const { losses } = (await original()) as { losses: Record<string, Loss> };
  const { multiply, subtract } = await import('../../../../src/core/net/ops/arithmetic.ts');
  const { reduceMean } = await import('../../../../src/core/net/ops/mean.ts');
  const { reshape } = await import('../../../../src/core/net/ops/rearrange.ts');
  /** The mean over pixels and classes of how far probabilities are from the truth, squared (Brier's score). */
  const toy: Loss = ({ probabilities }, { oneHot, counted }) => {
    const apart = subtract(multiply(probabilities, counted), oneHot);
    return reshape(reduceMean(multiply(apart, apart), [0, 1, 2, 3]), []);
  };
  return { losses: { ...losses, toy } };
});

describe('a loss that is added to the registry alone', () => {
  const { image, truth } = ballCase(1, [16, 16, 6]);
  const planWith = (loss: string) =>
    makePlan(
      {
        preset: 'auto',
        labels: BALL_LABELS,
        channelNames: ['image'],
        cases: [caseFingerprint(image, truth, 3)],
        cores: 1,
        onGpu: false,
        memoryBytes: 2 ** 34,
      },
      parseOverrides(JSON.stringify({ loss, batch: { size: 1 } }), 'plan.json'),
    );

  it('can be named in a plan, and no other can', () => {
    expect(planWith('toy').loss).toBe('toy');
    expect(() => planWith('no loss')).toThrow(/loss/);
  });

  it('trains', async () => {
    const plan = planWith('toy');
    const engine = await createOnnxEngine('cpu', { threads: 1 });
    const graph = planTrainingGraph(plan, engine.target, 1);
    const trainer = await engine.createTrainer({ graph, weights: planInitialWeights(plan, 1) });
    const { rows, columns } = plan.plane;
    const target = Float32Array.from({ length: rows * columns }, (_, pixel) => (pixel % columns < columns / 2 ? 1 : 0));
    const channels = plan.network.inChannels;
    const data = Float32Array.from({ length: channels * rows * columns }, (_, at) => target[at % (rows * columns)]);
    const input = { data, shape: [1, channels, rows, columns] };
    const losses: number[] = [];
    for (let step = 0; step < 12; step++) {
      losses.push(await trainer.step(input, { data: target, shape: [1, rows, columns] }, 0.01));
    }
    await engine.close();
    expect(losses[0]).toBeGreaterThan(0);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
  });
});
