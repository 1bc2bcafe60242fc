/**
 * Do uncertain slices need correcting? `npm run bench -- uncertainty --model FILE.onnx [--data DIR]`.
 *
 * Predicts the val cases of the hippocampus cohort with a model that has not seen them, and prints Spearman's correlation
 * between what is told of a slice and one minus its true Dice (both labels pooled), for the measure of the product and for
 * simpler ones: over slices that truly show a label, over slices that show one or are said to, and over all slices. First
 * along the review axis, then along the two others. Last the same for components: mean doubt against the share of their
 * voxels that is wrong.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { VoxelAxis } from '../src/core/geometry/vector.ts';
import {
  chooseReviewAxis,
  readSlice,
  sliceFrame,
  slicingAxis,
  writeSlice,
} from '../src/core/learn/planes/slice-frame.ts';
import { mostProbable } from '../src/core/learn/prediction/predict-volume.ts';
import { predictedComponents } from '../src/core/learn/prediction/predicted-components.ts';
import { doubtOf, sliceUncertainties } from '../src/core/learn/prediction/uncertainty.ts';
import { voxelProbabilities } from '../src/core/learn/prediction/voxel-probabilities.ts';
import { readCaseImage } from '../src/engine/images.ts';
import { readModelFile } from '../src/engine/model-file.ts';
import { createOnnxEngine } from '../src/engine/onnx-runtime/onnx-engine.ts';
import { readLabelVolume } from '../src/node/label-volume.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';
import { spearman } from './support/statistics.ts';

const { values: options } = parseArgs({
  options: { model: { type: 'string' }, data: { type: 'string', default: '../shared/data/hippocampus' } },
});
if (options.model === undefined) {
  console.error('Name a model that was trained on the cohort with --model.');
  process.exit(2);
}

/** One slice: one minus its Dice, and what each measure tells of it. */
interface Judged {
  readonly isReviewAxis: boolean;
  readonly isTrue: boolean;
  readonly isShown: boolean;
  readonly wrong: number;
  readonly told: Readonly<Record<string, number>>;
}

const data = hippocampusData(options.data);
const model = await readModelFile(path.resolve(options.model));
const { plan } = model;
const engine = await createOnnxEngine('cpu');
const predictor = await engine.createPredictor(model.bytes);
const slices: Judged[] = [];
const components: { readonly wrong: number; readonly told: number }[] = [];
for (const id of data.val) await judge(id);
await engine.close();

console.log(`${options.model}: ${machine()}`);
for (const isReviewAxis of [true, false]) {
  for (const [what, counts] of [
    ['truly show a label', ({ isTrue }: Judged) => isTrue],
    ['show one or are said to', ({ isTrue, isShown }: Judged) => isTrue || isShown],
    ['all', () => true],
  ] as const) {
    const set = slices.filter((slice) => slice.isReviewAxis === isReviewAxis && counts(slice));
    const wrong = set.map((slice) => slice.wrong);
    const mean = 1 - wrong.reduce((sum, value) => sum + value, 0) / wrong.length;
    console.log(
      `${isReviewAxis ? 'review axis' : 'other axes'}, ${what}: ${set.length} slices, Dice ${mean.toFixed(3)}`,
    );
    for (const measure of Object.keys(set[0]?.told ?? {})) {
      const told = set.map((slice) => slice.told[measure] as number);
      console.log(`  ${measure.padEnd(28)} ${spearman(told, wrong).toFixed(3)}`);
    }
  }
}
const byComponent = spearman(
  components.map(({ told }) => told),
  components.map(({ wrong }) => wrong),
);
console.log(`components: ${components.length}, ${byComponent.toFixed(3)}`);

async function judge(id: string): Promise<void> {
  const image = await readCaseImage({
    channels: [path.join(data.folder, 'imagesTr', `${id}.nii.gz`)],
    timeIndex: 0,
  });
  const { grid } = image;
  const { labelMap } = await readLabelVolume(path.join(data.folder, 'labelsTr', `${id}.nii.gz`), {
    table: plan.labels,
  });
  const voxels = labelMap.voxelCount;
  const truth = Int16Array.from(labelMap.read(0, voxels));
  const classes = new Uint16Array(voxels);
  const doubt = new Uint8Array(voxels);
  const entropy = new Float32Array(voxels);
  const background = new Float32Array(voxels);
  const main = sliceFrame(grid, slicingAxis(grid, plan.slicing));
  const best = new Uint16Array(main.rows * main.columns);
  const here = new Uint8Array(best.length);
  for await (const { slice, probabilities } of voxelProbabilities(image, plan, predictor)) {
    mostProbable(probabilities, best);
    doubtOf(probabilities, best, here);
    writeSlice(classes, main, slice, best);
    writeSlice(doubt, main, slice, here);
    writeSlice(entropy, main, slice, entropyOf(probabilities));
    writeSlice(background, main, slice, probabilities[0] as Float32Array);
  }
  for (const axis of [0, 1, 2] as const) {
    const frame = sliceFrame(grid, axis);
    const told = sliceUncertainties(doubt, classes, grid, axis);
    const read = <T extends Float32Array | Int16Array>(from: ArrayLike<number>, slice: number, to: T) =>
      readSlice(from, frame, slice, to);
    const pixels = frame.rows * frame.columns;
    for (let slice = 0; slice < frame.slices; slice++) {
      const predicted = read(classes, slice, new Int16Array(pixels));
      const actual = read(truth, slice, new Int16Array(pixels));
      const entropies = read(entropy, slice, new Float32Array(pixels));
      const sure = read(background, slice, new Float32Array(pixels));
      const border = boundaryBand(predicted, frame.columns);
      slices.push({
        isReviewAxis: axis === reviewAxisOf(),
        isTrue: actual.some((label) => label > 0),
        isShown: predicted.some((label) => label > 0),
        wrong: 1 - pooledDice(predicted, actual),
        told: {
          'expected Dice error (ours)': told[slice] as number,
          'mean entropy of the band': meanWhere(entropies, (pixel) => border[pixel] === 1, 1),
          'mean entropy where doubtful': meanWhere(entropies, (pixel) => (sure[pixel] as number) < 0.95, 16),
          'mean of 1 - largest': meanWhere(read(doubt, slice, new Float32Array(pixels)), () => true, 1),
        },
      });
    }
  }
  for (const { label, uncertainty, min, max } of predictedComponents(doubt, classes, grid, plan.labels.length)) {
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
    components.push({ told: uncertainty, wrong: 1 - right / all });
  }

  function reviewAxisOf(): VoxelAxis {
    return chooseReviewAxis(grid);
  }
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
