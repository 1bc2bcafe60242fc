import type { TrainSample } from '../protocol/engine/interrupted-training.ts';
import type { TrainEvaluation } from '../protocol/engine/train.ts';

/** The curves of a training while it runs, as the host keeps and the page shows them. They are plain data. */
export interface TrainingCurves {
  /** The samples ascend in step; there are at most `MOST_SAMPLES`. */
  readonly samples: readonly TrainSample[];
  /** A sample is kept only if it comes at least so many steps after the last one. */
  readonly everySteps: number;
  /** The evaluations ascend in step. */
  readonly evaluations: readonly TrainEvaluation[];
}

/** A chart has no pixels to show more of them. */
export const MOST_SAMPLES = 400;

export const NO_CURVES: TrainingCurves = { samples: [], everySteps: 1, evaluations: [] };

/**
 * Makes the curves of a run that was interrupted. Loss and rate come from the samples that it wrote down, or else from
 * what its evaluations knew.
 */
export function curvesOf({
  evaluations,
  samples,
}: {
  readonly evaluations: readonly TrainEvaluation[];
  readonly samples: readonly TrainSample[];
}): TrainingCurves {
  return (samples.length > 0 ? samples : evaluations)
    .map(({ step, loss, learningRate }) => ({ step, loss, learningRate }))
    .reduce(withSample, { ...NO_CURVES, evaluations });
}

/**
 * Adds one more sample, unless it comes too soon after the last. A training may take a day: when there are too many
 * samples, every other one is dropped, and those that follow come half as often, so that the curve stays evenly fine.
 */
export function withSample(curves: TrainingCurves, sample: TrainSample): TrainingCurves {
  const last = curves.samples.at(-1);
  if (last && sample.step < last.step + curves.everySteps) return curves;
  const samples = [...curves.samples, sample];
  if (samples.length <= MOST_SAMPLES) return { ...curves, samples };
  const thinned = samples.filter((_, index) => index % 2 === 0);
  const span = sample.step - samples[0].step;
  return { ...curves, samples: thinned, everySteps: Math.ceil(span / thinned.length) };
}

/** Adds the newest evaluation, if it is not there yet. */
export function withEvaluation(curves: TrainingCurves, evaluation: TrainEvaluation): TrainingCurves {
  const last = curves.evaluations.at(-1);
  if (last && evaluation.step <= last.step) return curves;
  return { ...curves, evaluations: [...curves.evaluations, evaluation] };
}
