import type { TrainingFigures } from '../../core/protocol/training-page-contract.ts';

/** "Epoch 3, loss 0.231, tune Dice 0.842, 2 min left" */
export function describeProgress(progress: TrainingFigures): string {
  if (progress.phase === 'preparing') return 'Reading the cohort';
  if (progress.phase === 'evaluating') return 'Judging on the holdout';
  return [
    `Epoch ${progress.epoch}`,
    ...(progress.loss === null ? [] : [`loss ${progress.loss.toFixed(3)}`]),
    ...(progress.tuneDice === null ? [] : [`tune Dice ${progress.tuneDice.toFixed(3)}`]),
    ...(progress.secondsLeft === null ? [] : [`${timeLeft(progress.secondsLeft)} left`]),
  ].join(', ');
}

function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
