import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { CancelSignal } from '../core/cancel.ts';
import { type DatasetDescription, parseDatasetJson } from '../core/cohort/dataset-json.ts';
import { isNiftiName, splitLabelSuffix, stemOf } from '../core/cohort/file-names.ts';
import { VoxelLoopError } from '../core/errors.ts';
import { affineDeterminant } from '../core/geometry/affine.ts';
import { gridDifference } from '../core/geometry/compare-grids.ts';
import { BACKGROUND, type LabelTable, labelTableFrom } from '../core/label/label-table.ts';
import { OverlapCounter } from '../core/metrics/overlap-counter.ts';
import { type CohortScore, type ScoredLabel, scoreCase, scoreCohort } from '../core/metrics/overlap-scores.ts';
import { fileAccessError } from './file-access-error.ts';
import { namingFile } from './file-errors.ts';
import { readLabelVolume } from './label-volume.ts';
import { isMissing } from './missing-file.ts';

/** Predictions and labels that cannot be compared. */
export class EvaluationError extends VoxelLoopError {
  readonly code = 'evaluation';
}

export interface Evaluation extends CohortScore {
  /** Cases with labels and without a prediction, by name. */
  readonly withoutPrediction: readonly string[];
  /** Cases with a prediction and without labels, by name. */
  readonly withoutLabels: readonly string[];
}

export interface EvaluationOptions {
  readonly signal?: CancelSignal | undefined;
  readonly onCase?: (done: number, all: number, id: string) => void;
}

/**
 * Compares the label maps of two folders, case by case: `x.nii.gz` with `x.nii.gz`, a label suffix (`x_seg.nii.gz`)
 * not counted. Where a folder holds `x_seg` and `x` (images and labels side by side), `x_seg` is meant. Labels go by
 * their values in the files; their names come from the `dataset.json` in or above the folder of labels.
 *
 * @throws EvaluationError if no case is in both folders, or two maps do not lie on one grid; FileAccessError, NiftiError,
 * CohortDescriptionError, CancelledError
 */
export async function evaluateFolders(
  predictionFolder: string,
  labelFolder: string,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const predictions = await labelFiles(predictionFolder);
  const truths = await labelFiles(labelFolder);
  const both = [...predictions.keys()].filter((id) => truths.has(id));
  if (both.length === 0) {
    throw new EvaluationError(
      `No prediction in ${predictionFolder} (${predictions.size} files) has the name of a label map in ${labelFolder} (${truths.size} files): check the two folders.`,
    );
  }
  const dataset = await describedLabels(labelFolder);
  let table: LabelTable = dataset ? labelTableFrom(dataset.labels) : [BACKGROUND];
  const counted: { readonly id: string; readonly counter: OverlapCounter; readonly voxelVolumeMm3: number }[] = [];
  for (const id of both) {
    const compared = await compareCase(
      id,
      predictions.get(id) as string,
      truths.get(id) as string,
      table,
      dataset?.ignoreValue ?? null,
      options.signal,
    );
    table = compared.table;
    counted.push({ id, ...compared });
    options.onCase?.(counted.length, both.length, id);
  }
  const labels: ScoredLabel[] = table.slice(1).map(({ value, name }) => ({ value, name }));
  const ascending = [...labels.keys()]
    .filter((index) => labels[index].value !== dataset?.ignoreValue)
    .sort((a, b) => labels[a].value - labels[b].value);
  const scored = scoreCohort(
    counted.map(({ id, counter, voxelVolumeMm3 }) => {
      // Cases that were counted before a label first occurred have not that label: `scoreCase` takes it for absent.
      const scores = scoreCase(id, counter, labels, voxelVolumeMm3);
      return { ...scores, labels: ascending.map((index) => scores.labels[index]) };
    }),
  );
  return {
    ...scored,
    withoutPrediction: [...truths.keys()].filter((id) => !predictions.has(id)),
    withoutLabels: [...predictions.keys()].filter((id) => !truths.has(id)),
  };
}

async function compareCase(
  id: string,
  predictionPath: string,
  truthPath: string,
  known: LabelTable,
  ignoreValue: number | null,
  signal: CancelSignal | undefined,
): Promise<{ counter: OverlapCounter; voxelVolumeMm3: number; table: LabelTable }> {
  const truth = await namingFile(truthPath, readLabelVolume(truthPath, { table: known, signal }));
  const prediction = await namingFile(predictionPath, readLabelVolume(predictionPath, { table: truth.table, signal }));
  const { grid } = truth.header;
  const difference = gridDifference(prediction.header.grid, grid);
  if (difference === 'shape') {
    throw new EvaluationError(
      `The prediction of ${id} has ${prediction.header.grid.shape.join(' x ')} voxels and its labels have ${grid.shape.join(' x ')}: predict the image that the labels belong to.`,
    );
  }
  if (difference === 'position') {
    throw new EvaluationError(
      `The prediction of ${id} lies elsewhere in the scanner than its labels (their affines differ): predict the image that the labels belong to.`,
    );
  }
  const { table } = prediction;
  const ignored = ignoreValue === null ? -1 : table.findIndex(({ value }) => value === ignoreValue);
  const counter = new OverlapCounter(table.length, ignored < 1 ? undefined : ignored);
  counter.addLabelMaps(prediction.labelMap, truth.labelMap);
  return { counter, voxelVolumeMm3: Math.abs(affineDeterminant(grid.voxelToWorld)), table };
}

/**
 * Label maps by case name, in order of name. Where images lie beside their label maps, what has no label suffix is an
 * image.
 */
async function labelFiles(folder: string): Promise<Map<string, string>> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter(isNiftiName).sort();
  } catch (error) {
    throw fileAccessError('read', folder, error);
  }
  const files = names.map((name) => {
    const split = splitLabelSuffix(stemOf(name));
    return { path: join(folder, name), id: split?.imageStem ?? stemOf(name), rank: split?.rank ?? null };
  });
  const plain = new Set(files.filter(({ rank }) => rank === null).map(({ id }) => id));
  const sideBySide = files.some(({ id, rank }) => rank !== null && plain.has(id));
  const found = new Map<string, string>();
  // The most preferred suffix is set last.
  for (const { id, path, rank } of files.sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0))) {
    if (rank !== null || !sideBySide) found.set(id, path);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function describedLabels(labelFolder: string): Promise<DatasetDescription | null> {
  for (const folder of [resolve(labelFolder), dirname(resolve(labelFolder))]) {
    try {
      return parseDatasetJson(await readFile(join(folder, 'dataset.json'), 'utf8'));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return null;
}
