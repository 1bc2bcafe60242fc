import type { TensorValue } from '../../net/graph/network-engine.ts';
import type { LoweringTarget } from '../../net/graph/tensor.ts';
import { initialWeights } from '../../net/initial-weights.ts';
import { predictModel } from '../../net/predict-model.ts';
import { trainingModel } from '../../net/training-model.ts';
import { PLAN_METADATA_KEY, type Plan } from '../plan/plan.ts';

/**
 * Writes the plan's training step as an ONNX graph.
 * @param seed decides which features are dropped, where the network drops any
 */
export function planTrainingGraph(plan: Plan, target: LoweringTarget, seed: number): Uint8Array {
  return trainingModel(plan.network, {
    batch: plan.batch.size,
    height: plan.plane.rows,
    width: plan.plane.columns,
    loss: plan.loss,
    optimizer: plan.optimizer,
    ...(plan.gradientClip !== null && { gradientClip: plan.gradientClip }),
    ...(plan.averageDecay !== null && { averageDecay: plan.averageDecay }),
    dropoutSeed: seed,
    target,
  });
}

/** Draws random weights to start from. */
export function planInitialWeights(plan: Plan, seed: number): Map<string, TensorValue> {
  return initialWeights(
    plan.network,
    plan.initialization === 'he' ? { kind: 'he', seed } : { kind: 'normal', standardDeviation: 0.01, seed },
  );
}

/**
 * Writes the plan's prediction graph with its weights: an ONNX file that carries the plan, so that it predicts by
 * itself.
 *
 * @param metadata further metadata (name, version), as text
 */
export function planPredictModel(
  plan: Plan,
  weights: ReadonlyMap<string, TensorValue>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return predictModel(plan.network, weights, {
    metadata: { ...metadata, [PLAN_METADATA_KEY]: JSON.stringify(plan) },
  });
}
