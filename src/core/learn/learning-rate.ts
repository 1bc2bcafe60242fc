import type { Plan } from './plan.ts';

/**
 * The learning rate of a step.
 *
 * @param step steps done before this one
 * @param progress how much of the run is done, 0..1 (of its epochs or of its minutes)
 */
export function learningRate(
  { optimizer, schedule }: Pick<Plan, 'optimizer' | 'schedule'>,
  step: number,
  progress: number,
): number {
  const warmUp = schedule.warmUpSteps === 0 ? 1 : Math.min(1, (step + 1) / schedule.warmUpSteps);
  const decay = schedule.kind === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress))) : 1;
  return optimizer.learningRate * warmUp * decay;
}
