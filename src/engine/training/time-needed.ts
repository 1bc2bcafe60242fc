import { planInitialWeights, planPredictModel } from '../../core/learn/network.ts';
import type { NetworkEngine } from '../../core/learn/network-engine.ts';
import { inputChannels, type Plan } from '../../core/learn/plan.ts';

/** How long one slice takes to predict: the best of a few tries on slices of nothing, after one to warm up. */
export async function msPerPredictedSlice(engine: NetworkEngine, plan: Plan): Promise<number> {
  const slices = 8;
  const shape = [slices, inputChannels(plan), plan.plane.rows, plan.plane.columns];
  const input = { data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)), shape };
  const predictor = await engine.createPredictor(planPredictModel(plan, planInitialWeights(plan, 0)));
  try {
    await predictor.predict(input);
    let bestMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt++) {
      const beganMs = performance.now();
      await predictor.predict(input);
      bestMs = Math.min(bestMs, performance.now() - beganMs);
    }
    return bestMs / slices;
  } finally {
    await predictor.close();
  }
}
