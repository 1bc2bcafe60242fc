import type { SetScores } from '../../core/cohort/cohort-record.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { caseDice, meanDefined } from '../../core/learn/case-dice.ts';
import { ModelMismatchError } from '../../core/learn/learn-errors.ts';
import type { NetworkEngine, Predictor } from '../../core/learn/network-engine.ts';
import type { Plan } from '../../core/learn/plan.ts';
import { IGNORED } from '../../core/learn/plane-transform.ts';
import { predictVolume } from '../../core/learn/predict-volume.ts';
import { OverlapCounter } from '../../core/metrics/overlap-counter.ts';
import { type CaseLoader, caseTruth, type LoadedCase } from './case-loader.ts';
import type { TrainableCase } from './find-cases.ts';

export interface JudgedModel {
  readonly plan: Plan;
  readonly onnx: Uint8Array;
}

/**
 * Measures models side by side on the same cases, on the images' own voxels, label by label of `labels`: the first
 * model's table. A model that cannot predict a case (other channels) scores nothing. A case whose files cannot be read is
 * left out for all: what was trained for hours is worth more than one file that judges it.
 */
export async function judgeModels(
  models: readonly JudgedModel[],
  cases: readonly TrainableCase[],
  engine: NetworkEngine,
  loader: CaseLoader,
  onCase: () => void,
  log: (level: 'warning', message: string) => void,
): Promise<SetScores[]> {
  const { labels } = models[0].plan;
  const perCase = models.map((): SetScores['cases'] => []);
  const predictors: Predictor[] = [];
  try {
    for (const { onnx } of models) predictors.push(await engine.createPredictor(onnx));
    for (const found of cases) {
      const loaded = await loader.load(found).catch((error: unknown) => {
        if (!(error instanceof VoxelLoopError)) throw error;
        log('warning', `Case ${found.files.id} could not judge the model: ${error.message}`);
      });
      if (loaded) {
        for (const [index, { plan }] of models.entries()) {
          const dice = await judgeCase(found, loaded, plan, predictors[index], models[0].plan);
          perCase[index].push({ id: found.files.id, dice });
        }
      }
      onCase();
    }
  } finally {
    for (const predictor of predictors) await predictor.close();
  }
  return perCase.map((ofCases) => ({
    meanDice: meanDefined(ofCases.map(({ dice }) => meanDefined(dice))),
    labels: labels.slice(1).map(({ value, name }, index) => ({
      value,
      name,
      meanDice: meanDefined(ofCases.map(({ dice }) => dice[index])),
    })),
    cases: ofCases,
  }));
}

/** Dice by label of `reference` (background left out), over the slices that count. */
async function judgeCase(
  found: TrainableCase,
  loaded: LoadedCase,
  plan: Plan,
  predictor: Predictor,
  reference: Plan,
): Promise<(number | null)[]> {
  const { image } = loaded;
  const truth = caseTruth(found, loaded, reference.labels);
  const counter = new OverlapCounter(reference.labels.length, IGNORED);
  let classes: Uint8Array | Uint16Array;
  try {
    ({ classes } = await predictVolume(image, plan, predictor));
  } catch (error) {
    if (error instanceof ModelMismatchError) return reference.labels.slice(1).map(() => null);
    throw error;
  }
  // A label that the reference does not know counts as background.
  const toReference = plan.labels.map(({ value }) =>
    Math.max(
      0,
      reference.labels.findIndex((label) => label.value === value),
    ),
  );
  counter.add(
    Int16Array.from(classes, (label) => toReference[label]),
    truth.classes,
  );
  return caseDice(counter);
}
