import { elementCount, knownShape } from '../../net/graph/shape.ts';
import { parametersOf } from '../../net/unet.ts';
import { inputChannels, type Plan } from './plan.ts';

/**
 * A step holds at once so many tensors as large as the first level's features, gradients and the other levels included.
 */
const HELD_TENSORS = 50;
/** A prediction holds fewer, because it keeps nothing but what later levels are joined with. */
const HELD_WHEN_PREDICTING = 8;
/** These are the weights, their gradients, and two vectors of the optimizer. */
const HELD_PARAMETERS = 4;

/** Estimates how much memory a training step of the plan takes, in bytes, to tell what cannot be from what can. */
export function trainingMemoryBytes(plan: Plan): number {
  const { network, plane, batch } = plan;
  const pixels = batch.size * plane.rows * plane.columns;
  const features = HELD_TENSORS * pixels * network.baseFilters + pixels * inputChannels(plan);
  const parameters = parametersOf(network).reduce((sum, { shape }) => sum + elementCount(knownShape(shape)), 0);
  return 4 * (features + HELD_PARAMETERS * parameters);
}

/**
 * Estimates how much memory predicting one image takes, in bytes.
 * @param pixels the number of pixels of its plane
 */
export function predictionMemoryBytes(plan: Plan, pixels: number): number {
  const { network, labels } = plan;
  return 4 * pixels * (HELD_WHEN_PREDICTING * network.baseFilters + inputChannels(plan) + labels.length);
}

/** A training step may take this share of the memory, because the estimate is a rough one. */
const SHARE = 0.8;

/** Returns the plan with as many slices in a step as the memory holds: they are halved until they fit, down to one. */
export function withFittingBatch(plan: Plan, memoryBytes: number): Plan {
  let fitting = plan;
  while (fitting.batch.size > 1 && trainingMemoryBytes(fitting) > SHARE * memoryBytes) {
    fitting = { ...plan, batch: { ...plan.batch, size: Math.floor(fitting.batch.size / 2) } };
  }
  return fitting;
}
