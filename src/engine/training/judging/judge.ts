import type { CancelSignal } from '../../../core/cancel.ts';
import type { LeaveOut } from '../../../core/cohort/left-out.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { ModelMismatchError } from '../../../core/learn/learn-errors.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { IGNORED } from '../../../core/learn/planes/plane-transform.ts';
import { slicingAxis } from '../../../core/learn/planes/slice-frame.ts';
import type { CaseTruth } from '../../../core/learn/planes/volume-input.ts';
import { predictVolume } from '../../../core/learn/prediction/predict-volume.ts';
import type { CaseScores } from '../../../core/metrics/case-scores.ts';
import { type CohortScores, scoreCohort } from '../../../core/metrics/cohort-scores.ts';
import { definedMean } from '../../../core/metrics/overlap-scores.ts';
import { absentLabel, DEFAULT_TOLERANCE_MM, scoreSegmentation } from '../../../core/metrics/score-segmentation.ts';
import type { NetworkEngine, Predictor } from '../../../core/net/graph/network-engine.ts';
import { worstSlicePicture } from '../../../core/report/slice-picture.ts';
import type { ReportedCase, ReportPicture } from '../../../core/report/training-report.ts';
import { type CaseInMemory, type CaseLoader, caseTruth } from '../../inputs/case-loader.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';
import { reportedCase } from './reported-case.ts';

/** The tolerance of surface Dice. */
export const TOLERANCE_MM = DEFAULT_TOLERANCE_MM;

/** Pictures are made of so many of the worst cases. */
const PICTURED = 4;

export interface JudgedModel {
  readonly plan: Plan;
  readonly onnx: Uint8Array;
  /** The values of the labels that it has learned; others are not judged. */
  readonly learnt: ReadonlySet<number>;
}

export interface Judgement {
  /** The scores by model. They are null where no case could be read. */
  readonly scores: readonly (CohortScores | null)[];
  /** The cases that were judged on. */
  readonly cases: readonly ReportedCase[];
  /** The pictures show where the first model does worst, worst first. */
  readonly pictures: readonly ReportPicture[];
}

/**
 * Measures models side by side on the same cases, on the images' own voxels, label by label of the first model. A model
 * that cannot predict a case (other channels) scores nothing. A case whose files cannot be read is left out for all:
 * what was trained for hours is worth more than one file that judges it.
 */
export async function judgeModels(
  models: readonly JudgedModel[],
  cases: readonly TrainableCase[],
  set: ReportedCase['set'],
  engine: NetworkEngine,
  loader: CaseLoader,
  onCase: () => void,
  leaveOut: LeaveOut,
): Promise<Judgement> {
  const reference = models[0].plan;
  const perModel = models.map((): CaseScores[] => []);
  const reported: ReportedCase[] = [];
  let worst: { readonly meanDice: number; readonly picture: ReportPicture }[] = [];
  const predictors: Predictor[] = [];
  try {
    for (const { onnx } of models) predictors.push(await engine.createPredictor(onnx));
    for (const found of cases) {
      const loaded = await loader.load(found).catch((error: unknown) => {
        if (!(error instanceof VoxelLoopError)) throw error;
        leaveOut({ id: found.files.id, reason: `${error.message} It does not judge the model.` });
      });
      if (loaded) {
        const { id } = found.files;
        const truth = caseTruth(found, loaded, reference.labels);
        reported.push(reportedCase(id, set, loaded.image, truth, reference));
        for (const [index, { plan, learnt }] of models.entries()) {
          const prediction = await predictIn(reference, loaded, plan, predictors[index]);
          const scores = scorePrediction(id, prediction, truth, loaded, reference, learnt);
          perModel[index].push(scores);
          // A case without any label is no picture, so undefined Dice is compared as the best.
          const meanDice = Number.isNaN(scores.meanDice) ? 1 : scores.meanDice;
          if (index > 0 || !prediction || (worst.length === PICTURED && meanDice >= (worst.at(-1)?.meanDice ?? 0))) {
            continue;
          }
          const picture = picturePrediction(id, prediction, truth, loaded, reference);
          if (!picture) continue;
          worst = [...worst, { meanDice, picture }].sort((a, b) => a.meanDice - b.meanDice).slice(0, PICTURED);
        }
      }
      onCase();
    }
  } finally {
    for (const predictor of predictors) await predictor.close();
  }
  return {
    scores: perModel.map((ofCases) => (ofCases.length === 0 ? null : scoreCohort(ofCases))),
    cases: reported,
    pictures: worst.map(({ picture }) => picture),
  };
}

/** Predicts the classes of `reference` by voxel. It is null where the model wants other channels than the case has. */
export async function predictIn(
  reference: Plan,
  { image }: CaseInMemory,
  plan: Plan,
  predictor: Predictor,
  signal?: CancelSignal,
): Promise<Uint8Array | Uint16Array | null> {
  try {
    const { classes } = await predictVolume(image, plan, predictor, { signal });
    // A label that the reference does not know counts as background.
    const toReference = plan.labels.map(({ value }) =>
      Math.max(
        0,
        reference.labels.findIndex((label) => label.value === value),
      ),
    );
    for (let voxel = 0; voxel < classes.length; voxel++) classes[voxel] = toReference[classes[voxel]];
    return classes;
  } catch (error) {
    if (error instanceof ModelMismatchError) return null;
    throw error;
  }
}

/**
 * Scores a prediction in classes of `labels`. No score is defined where there is no prediction, and none of labels that
 * the model has not learned.
 *
 * @param learnt values of the labels that it has learned
 */
export function scorePrediction(
  id: string,
  prediction: Uint8Array | Uint16Array | null,
  truth: CaseTruth,
  { image: { grid } }: CaseInMemory,
  { labels }: Plan,
  learnt: ReadonlySet<number>,
): CaseScores {
  const scored = labels.slice(1);
  if (!prediction) {
    return {
      id,
      labels: scored.map(absentLabel),
      countedVoxels: 0,
      meanDice: Number.NaN,
      voxelAccuracy: Number.NaN,
    };
  }
  const scores = scoreSegmentation(id, prediction, truth.classes, {
    shape: grid.shape,
    spacingMm: grid.spacingMm,
    labels: scored,
    ignored: IGNORED,
    toleranceMm: TOLERANCE_MM,
  });
  const judged = scores.labels.map((label) => (learnt.has(label.value) ? label : absentLabel(label)));
  return { ...scores, labels: judged, meanDice: definedMean(judged.map(({ dice }) => dice)) };
}

function picturePrediction(
  caseId: string,
  prediction: Uint8Array | Uint16Array,
  truth: CaseTruth,
  { image }: CaseInMemory,
  { slicing }: Plan,
): ReportPicture | null {
  return worstSlicePicture({
    caseId,
    prediction,
    grid: image.grid,
    image: image.channels[0],
    axis: slicingAxis(image.grid, slicing),
    truth: truth.classes,
    ignored: IGNORED,
  });
}
