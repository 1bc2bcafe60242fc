/**
 * Do the signals of the review queue find what needs correcting? `npm run bench -- uncertainty --model FOLDER [--data DIR]`.
 *
 * Predicts the val cases of the hippocampus cohort with a model that has not seen them, and prints for each signal (and
 * for simpler measures) Spearman's correlation with one minus the true Dice (both labels pooled), and the share of all
 * such error that lies in the fifth of slices that it puts first: over slices that truly show a label, over slices that
 * show one or are said to, and over all slices; for uncertainty also along the two other axes. Then the same for
 * slices of every fifth case together with four disturbed copies of it, for whole cases by what a case is placed by, and
 * for components: their doubt against the share of their voxels that is wrong.
 *
 * Signals are those of the product, with what it knows of the training data in `training-slices.json` of the model.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { expectedGain } from '../src/core/cohort/review/expected-gain.ts';
import {
  chooseReviewAxis,
  readSlice,
  sliceFrame,
  slicingAxis,
  writeSlice,
} from '../src/core/learn/planes/slice-frame.ts';
import type { ImageVolume } from '../src/core/learn/planes/volume-input.ts';
import { mostProbable } from '../src/core/learn/prediction/predict-volume.ts';
import { predictedComponents } from '../src/core/learn/prediction/predicted-components.ts';
import { type Disagreement, sliceDisagreements, spreadBytes } from '../src/core/learn/prediction/slice-disagreement.ts';
import { sliceDistances } from '../src/core/learn/prediction/slice-distances.ts';
import { doubtOf, sliceUncertainties } from '../src/core/learn/prediction/uncertainty.ts';
import { voxelProbabilities } from '../src/core/learn/prediction/voxel-probabilities.ts';
import { createOnnxEngine } from '../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { readCaseImage } from '../src/engine/inputs/images.ts';
import { readModelFile } from '../src/engine/inputs/model-file.ts';
import { readTrainingSlices } from '../src/node/cohort/models/training-slices-file.ts';
import { readLabelVolume } from '../src/node/volumes/labels/label-volume.ts';
import { DISTURBANCES, type Disturbance, disturbImage } from './support/disturb-image.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';
import { spearman } from './support/statistics.ts';

const { values: options } = parseArgs({
  options: { model: { type: 'string' }, data: { type: 'string', default: '../shared/data/hippocampus' } },
});
if (options.model === undefined) {
  console.error('Name the folder of a model that was trained on the cohort with --model.');
  process.exit(2);
}

/** One slice: one minus its Dice, and what each measure tells of it. */
interface Judged {
  readonly caseId: string;
  readonly how: 'as it is' | Disturbance;
  readonly isReviewAxis: boolean;
  readonly isTrue: boolean;
  readonly isShown: boolean;
  readonly wrong: number;
  readonly told: Readonly<Record<string, number>>;
}

/** What the queue goes by. */
const GAIN = 'EXPECTED GAIN (the queue)';
const FIRST = 0.2;
const EVERY = 5;

const data = hippocampusData(options.data);
const model = await readModelFile(path.resolve(options.model));
const trainedOn = await readTrainingSlices(path.dirname(model.path));
const { plan } = model;
const engine = await createOnnxEngine('cpu');
const predictor = await engine.createPredictor(model.bytes);
const slices: Judged[] = [];
const components: { readonly wrong: number; readonly told: number; readonly volumeMm3: number }[] = [];
for (const [index, id] of data.val.entries()) {
  const { image, truth } = await readCase(id);
  await judge(id, image, truth, 'as it is');
  if (index % EVERY > 0) continue;
  for (const how of DISTURBANCES) await judge(id, disturbImage(image, how, index), truth, how);
}
await engine.close();

console.log(`${options.model}: ${machine()}`);
if (!trainedOn) console.log('This model does not say what it was trained on.');
const undisturbed = slices.filter(({ how }) => how === 'as it is');
report(
  'review axis',
  undisturbed.filter(({ isReviewAxis }) => isReviewAxis),
);
report(
  'other axes',
  undisturbed.filter(({ isReviewAxis }) => !isReviewAxis),
);
const disturbedIds = new Set(slices.filter(({ how }) => how !== 'as it is').map(({ caseId }) => caseId));
const mixed = slices.filter(({ isReviewAxis, caseId }) => isReviewAxis && disturbedIds.has(caseId));
report(`review axis, every ${EVERY}th case as it is and disturbed`, mixed);
for (const how of ['as it is', ...DISTURBANCES] as const) {
  const set = mixed.filter((slice) => slice.how === how && slice.isTrue);
  const distances = set.map(({ told }) => told['distance from training'] ?? Number.NaN).sort((a, b) => a - b);
  console.log(
    `  ${how.padEnd(10)} Dice ${(1 - mean(set.map(({ wrong }) => wrong))).toFixed(3)}, median distance from training ${distances[distances.length >> 1]?.toFixed(2)}`,
  );
}
reportCases(undisturbed.filter(({ isReviewAxis }) => isReviewAxis));
const doubts = components.map(({ told }) => told);
const wrongShares = components.map(({ wrong }) => wrong);
const volumes = components.map(({ volumeMm3 }) => -volumeMm3);
console.log(
  `components, as they are: ${components.length}, uncertainty ${spearman(doubts, wrongShares).toFixed(3)}, size (small first) ${spearman(volumes, wrongShares).toFixed(3)}`,
);

function report(what: string, judged: readonly Judged[]): void {
  for (const [which, counts] of [
    ['truly show a label', ({ isTrue }: Judged) => isTrue],
    ['show one or are said to', ({ isTrue, isShown }: Judged) => isTrue || isShown],
    ['all', () => true],
  ] as const) {
    const set = judged.filter(counts);
    const wrong = set.map((slice) => slice.wrong);
    console.log(`${what}, ${which}: ${set.length} slices, Dice ${(1 - mean(wrong)).toFixed(3)}`);
    for (const measure of Object.keys(set[0]?.told ?? {})) {
      const told = set.map((slice) => slice.told[measure] as number);
      console.log(
        `  ${measure.padEnd(28)} ${spearman(told, wrong).toFixed(3)}   first fifth ${shareFirst(told, wrong).toFixed(2)}`,
      );
    }
  }
}

/** By what a case may be placed, against the mean error of its slices that show a label or are said to. */
function reportCases(judged: readonly Judged[]): void {
  const cases = [...new Set(judged.map(({ caseId }) => caseId))].map((id) => {
    const ofCase = judged.filter(({ caseId }) => caseId === id);
    const gains = (of: readonly Judged[]) => of.map(({ told }) => told[GAIN] as number);
    const shown = ofCase.filter(({ isShown }) => isShown);
    return {
      wrong: mean(ofCase.filter(({ isTrue, isShown }) => isTrue || isShown).map(({ wrong }) => wrong)),
      told: {
        'mean of slices with a label': mean(gains(shown)),
        'mean of all slices': mean(gains(ofCase)),
        'worst slice': Math.max(...gains(ofCase)),
        'mean distance from training': mean(shown.map(({ told }) => told['distance from training'] ?? 0)),
      } as Record<string, number>,
    };
  });
  console.log(`cases: ${cases.length}`);
  for (const measure of Object.keys(cases[0]?.told ?? {})) {
    const told = cases.map((each) => each.told[measure] as number);
    const wrong = cases.map((each) => each.wrong);
    console.log(`  ${measure.padEnd(28)} ${spearman(told, wrong).toFixed(3)}`);
  }
}

/** The share of all error that lies in the fifth of slices of which most is told. */
function shareFirst(told: readonly number[], wrong: readonly number[]): number {
  const order = told.map((_, index) => index).sort((a, b) => (told[b] as number) - (told[a] as number));
  const first = order.slice(0, Math.round(order.length * FIRST));
  const sum = (indices: readonly number[]) => indices.reduce((total, index) => total + (wrong[index] as number), 0);
  return sum(first) / sum(order);
}

async function readCase(id: string): Promise<{ image: ImageVolume; truth: Int16Array }> {
  const image = await readCaseImage({
    channels: [path.join(data.folder, 'imagesTr', `${id}.nii.gz`)],
    timeIndex: 0,
  });
  const { labelMap } = await readLabelVolume(path.join(data.folder, 'labelsTr', `${id}.nii.gz`), {
    table: plan.labels,
  });
  return { image, truth: Int16Array.from(labelMap.read(0, labelMap.voxelCount)) };
}

async function judge(id: string, image: ImageVolume, truth: Int16Array, how: Judged['how']): Promise<void> {
  const { grid } = image;
  const voxels = truth.length;
  const classes = new Uint16Array(voxels);
  const doubt = new Uint8Array(voxels);
  const entropy = new Float32Array(voxels);
  const background = new Float32Array(voxels);
  const main = sliceFrame(grid, slicingAxis(grid, plan.slicing));
  const best = new Uint16Array(main.rows * main.columns);
  const here = new Uint8Array(best.length);
  let disagreement: Disagreement | null = null;
  for await (const { slice, probabilities, spread, opinions } of voxelProbabilities(image, plan, predictor)) {
    mostProbable(probabilities, best);
    writeSlice(classes, main, slice, best);
    doubtOf(probabilities, best, here);
    writeSlice(doubt, main, slice, here);
    writeSlice(entropy, main, slice, entropyOf(probabilities));
    writeSlice(background, main, slice, probabilities[0] as Float32Array);
    if (!spread) continue;
    disagreement ??= { spread: new Uint8Array(voxels), opinions };
    spreadBytes(spread, here);
    writeSlice(disagreement.spread, main, slice, here);
  }
  const distances = trainedOn && sliceDistances(trainedOn, image, plan, classes);
  for (const axis of [0, 1, 2] as const) {
    const frame = sliceFrame(grid, axis);
    const isReviewAxis = axis === chooseReviewAxis(grid);
    const uncertainties = sliceUncertainties(doubt, classes, grid, axis);
    const disagreements = disagreement && sliceDisagreements(disagreement, doubt, classes, grid, axis);
    const read = <T extends Float32Array | Int16Array>(from: ArrayLike<number>, slice: number, to: T) =>
      readSlice(from, frame, slice, to);
    const pixels = frame.rows * frame.columns;
    for (let slice = 0; slice < frame.slices; slice++) {
      const predicted = read(classes, slice, new Int16Array(pixels));
      const actual = read(truth, slice, new Int16Array(pixels));
      const entropies = read(entropy, slice, new Float32Array(pixels));
      const sure = read(background, slice, new Float32Array(pixels));
      const border = boundaryBand(predicted, frame.columns);
      const uncertainty = uncertainties[slice] as number;
      const disagrees = disagreements?.[slice] ?? null;
      slices.push({
        caseId: id,
        how,
        isReviewAxis,
        isTrue: actual.some((label) => label > 0),
        isShown: predicted.some((label) => label > 0),
        wrong: 1 - pooledDice(predicted, actual),
        told: {
          [GAIN]: expectedGain({ uncertainty, disagreement: disagrees }),
          'uncertainty (expected Dice)': uncertainty,
          ...(disagrees !== null && { 'disagreement of the views': disagrees }),
          ...(distances && axis === main.axis && { 'distance from training': distances[slice] as number }),
          'size (small first)': -predicted.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0),
          'mean entropy of the band': meanWhere(entropies, (pixel) => border[pixel] === 1, 1),
          'mean entropy where doubtful': meanWhere(entropies, (pixel) => (sure[pixel] as number) < 0.95, 16),
          'mean of 1 - largest': meanWhere(read(doubt, slice, new Float32Array(pixels)), () => true, 1),
        },
      });
    }
  }
  if (how !== 'as it is') return;
  for (const found of predictedComponents(doubt, classes, grid, plan.labels.length)) {
    const { label, uncertainty, volumeMm3, min, max } = found;
    let [all, right] = [0, 0];
    for (let k = min[2]; k < max[2]; k++) {
      for (let j = min[1]; j < max[1]; j++) {
        for (let i = min[0]; i < max[0]; i++) {
          const voxel = i + grid.shape[0] * (j + grid.shape[1] * k);
          // Another component's voxels in the box count with this one: rare, and the same for all measures.
          if (classes[voxel] !== label) continue;
          all++;
          if (truth[voxel] === label) right++;
        }
      }
    }
    components.push({ told: uncertainty, wrong: 1 - right / all, volumeMm3 });
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** In bits of the number of classes, 0..1. */
function entropyOf(probabilities: readonly Float32Array[]): Float32Array {
  const entropies = new Float32Array((probabilities[0] as Float32Array).length);
  for (const ofClass of probabilities) {
    ofClass.forEach((probability, pixel) => {
      if (probability <= 0) return;
      entropies[pixel] =
        (entropies[pixel] as number) - (probability * Math.log(probability)) / Math.log(probabilities.length);
    });
  }
  return entropies;
}

/** Pixels within two of a pixel of another class. */
function boundaryBand(classes: Int16Array, columns: number): Uint8Array {
  const rows = classes.length / columns;
  return Uint8Array.from(classes, (label, pixel) => {
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    for (let r = Math.max(0, row - 2); r <= Math.min(rows - 1, row + 2); r++) {
      for (let c = Math.max(0, column - 2); c <= Math.min(columns - 1, column + 2); c++) {
        if (classes[r * columns + c] !== label) return 1;
      }
    }
    return 0;
  });
}

function meanWhere(values: Float32Array, counts: (pixel: number) => boolean, fewest: number): number {
  let [sum, counted] = [0, 0];
  values.forEach((value, pixel) => {
    if (!counts(pixel)) return;
    sum += value;
    counted++;
  });
  return sum / Math.max(counted, fewest);
}

/** Dice of all foreground together, a voxel of another label counting as wrong; 1 where there is none. */
function pooledDice(predicted: Int16Array, actual: Int16Array): number {
  let [both, sum] = [0, 0];
  predicted.forEach((label, pixel) => {
    if (label > 0) sum++;
    if ((actual[pixel] as number) > 0) sum++;
    if (label > 0 && label === actual[pixel]) both++;
  });
  return sum === 0 ? 1 : (2 * both) / sum;
}
