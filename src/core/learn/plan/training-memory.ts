import { elementCount, knownShape } from '../../net/shape.ts';
import { parametersOf } from '../../net/unet.ts';
import { inputChannels, type Plan } from './plan.ts';

/** Tensors as large as the first level's features that a step holds at once, gradients and the other levels included. */
const HELD_TENSORS = 50;
/** Weights, their gradients, and two vectors of the optimizer. */
const HELD_PARAMETERS = 4;

/** About how much memory a training step of the plan takes, in bytes: to tell what cannot be from what can. */
export function trainingMemoryBytes(plan: Plan): number {
  const { network, plane, batch } = plan;
  const pixels = batch.size * plane.rows * plane.columns;
  const features = HELD_TENSORS * pixels * network.baseFilters + pixels * inputChannels(plan);
  const parameters = parametersOf(network).reduce((sum, { shape }) => sum + elementCount(knownShape(shape)), 0);
  return 4 * (features + HELD_PARAMETERS * parameters);
}
