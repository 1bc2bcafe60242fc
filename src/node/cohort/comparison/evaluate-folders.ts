import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CancelSignal } from '../../../core/cancel.ts';
import { type DatasetDescription, parseDatasetJson } from '../../../core/cohort/files/layouts/dataset-json.ts';
import { doubleSentences } from '../../../core/cohort/files/layouts/read-only-formats.ts';
import { endingRank, isVolumeName, splitLabelName, stemOf } from '../../../core/cohort/files/names/file-names.ts';
import { imageNamesOf } from '../../../core/cohort/files/names/image-names.ts';
import { NAME_PATTERNS, type NamePattern } from '../../../core/cohort/files/names/name-patterns.ts';
import { splitReviewer } from '../../../core/cohort/files/names/reviewer-files.ts';
import type { LeftOutCase } from '../../../core/cohort/left-out.ts';
import { CancelledError, VoxelLoopError } from '../../../core/errors.ts';
import { BACKGROUND, type LabelTable, labelTableFrom } from '../../../core/label/table/label-table.ts';
import { BOOTSTRAP } from '../../../core/metrics/bootstrap.ts';
import type { CaseScores, ScoredLabel } from '../../../core/metrics/case-scores.ts';
import { type CohortScores, scoreCohort } from '../../../core/metrics/cohort-scores.ts';
import { definedMean } from '../../../core/metrics/overlap-scores.ts';
import { absentLabel, DEFAULT_TOLERANCE_MM } from '../../../core/metrics/score-segmentation.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { isMissing } from '../../files/missing-file.ts';
import { readTextFile } from '../../files/regular-file.ts';
import { namePatternsOf } from '../state/cohort-memory-file.ts';
import { type ComparedMaps, compareLabelFiles } from './compare-label-files.ts';

/** The predictions and the labels cannot be compared. */
export class EvaluationError extends VoxelLoopError {
  readonly code = 'evaluation';
}

export interface Evaluation extends CohortScores {
  /** Surface Dice counts surfaces that lie at most this far apart as equal. */
  readonly toleranceMm: number;
  /** These settings say how the confidence intervals were made. */
  readonly bootstrap: typeof BOOTSTRAP;
  /** These cases have labels and no prediction. */
  readonly withoutPrediction: readonly string[];
  /** These cases have a prediction and no labels. */
  readonly withoutLabels: readonly string[];
  /** These cases have both and could not be compared; the reason is a sentence. */
  readonly failed: readonly LeftOutCase[];
  /**
   * Each sentence is about a case whose two files lie on different grids and were placed, or whose numbers are not
   * plainly labels, or about files that were passed over because another one of their name counts.
   */
  readonly notes: readonly string[];
}

export interface EvaluationOptions {
  /** Surface Dice counts surfaces that lie at most this far apart as equal. */
  readonly toleranceMm?: number | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly onCase?: (done: number, all: number, id: string) => void;
}

/**
 * Compares the label maps of two folders, case by case: `x.nii.gz` with `x.nii.gz`, where a label suffix
 * (`x_seg.nii.gz`) does not count. Label maps that data sets name in their own way are paired by the names of their
 * images. Where a folder holds `x_seg` and `x` (images and labels side by side), `x_seg` is meant. Labels are matched
 * by their values in the files; their names come from the `dataset.json` in or above the folder of labels.
 *
 * A case that cannot be compared (because a file is damaged, or has other voxels) does not stop the others.
 *
 * @throws EvaluationError if no case is in both folders, or none could be compared; FileAccessError of the folders,
 * CohortDescriptionError, CancelledError
 */
export async function evaluateFolders(
  predictionFolder: string,
  labelFolder: string,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const notes: string[] = [];
  const predictions = await labelFiles(predictionFolder, notes);
  const patterns = [...(await namePatternsOf(labelFolder)), ...NAME_PATTERNS];
  const truths = namedAsImages(await labelFiles(labelFolder, notes), predictions, patterns);
  const both = [...predictions.keys()].filter((id) => truths.has(id));
  if (both.length === 0) {
    throw new EvaluationError(
      `No prediction in ${predictionFolder} (${predictions.size} files) has the name of a label map in ${labelFolder} (${truths.size} files): check the two folders.`,
    );
  }
  const dataset = await describedLabels(labelFolder);
  let table: LabelTable = dataset ? labelTableFrom(dataset.labels) : [BACKGROUND];
  const toleranceMm = options.toleranceMm ?? DEFAULT_TOLERANCE_MM;
  const cases: CaseScores[] = [];
  const failed: LeftOutCase[] = [];
  for (const [index, id] of both.entries()) {
    try {
      const compared = await compareLabelFiles(id, predictions.get(id) as string, truths.get(id) as string, table, {
        ignoreValue: dataset?.ignoreValue ?? null,
        toleranceMm,
        signal: options.signal,
        maps: PREDICTION_AND_LABELS,
      });
      table = compared.table;
      cases.push(compared.scores);
      notes.push(...compared.notes);
    } catch (error) {
      if (!(error instanceof VoxelLoopError) || error instanceof CancelledError) throw error;
      failed.push({ id, reason: error.message });
    }
    options.onCase?.(index + 1, both.length, id);
  }
  if (cases.length === 0) {
    const [first] = failed;
    throw new EvaluationError(
      failed.length === 1
        ? first.reason
        : `None of the ${failed.length} cases could be compared. ${first.id}: ${first.reason}`,
    );
  }
  return {
    ...scoreCohort(scoresOfAllLabels(cases, table, dataset?.ignoreValue)),
    toleranceMm,
    bootstrap: BOOTSTRAP,
    withoutPrediction: [...truths.keys()].filter((id) => !predictions.has(id)),
    withoutLabels: [...predictions.keys()].filter((id) => !truths.has(id)),
    failed,
    notes,
  };
}

/** Gives every case a score of every label: one that was scored before a label first occurred has it in neither map. */
function scoresOfAllLabels(
  cases: readonly CaseScores[],
  table: LabelTable,
  ignoreValue: number | null | undefined,
): CaseScores[] {
  const labels: ScoredLabel[] = table.slice(1).map(({ value, name }) => ({ value, name }));
  const ascending = [...labels.keys()]
    .filter((index) => labels[index].value !== ignoreValue)
    .sort((a, b) => labels[a].value - labels[b].value);
  return cases.map((scored) => {
    const scores = ascending.map((index) => scored.labels[index] ?? absentLabel(labels[index]));
    return { ...scored, labels: scores, meanDice: definedMean(scores.map((score) => score.dice)) };
  });
}

const PREDICTION_AND_LABELS: ComparedMaps = {
  second: 'its prediction',
  first: 'its labels',
  mismatch: (id, shapes) =>
    shapes
      ? `The prediction of ${id} has ${shapes.second.join(' x ')} voxels and its labels have ${shapes.first.join(' x ')}: predict the image that the labels belong to.`
      : `The prediction of ${id} lies elsewhere in the scanner than its labels (their affines differ): predict the image that the labels belong to.`,
};

/**
 * Lists label maps by case name, in the order of the names. Where images lie beside their label maps, a file without a
 * label suffix is an image.
 *
 * @param notes is given a sentence where several files are label maps of one name, of which one counts
 */
export async function labelFiles(folder: string, notes: string[]): Promise<Map<string, string>> {
  let names: string[];
  try {
    // Label maps of second reviewers (x_seg.anna.nii.gz) are compared by the command `agreement`.
    names = (await readdir(folder)).filter((name) => isVolumeName(name) && !splitReviewer(stemOf(name))).sort();
  } catch (error) {
    throw fileAccessError('read', folder, error);
  }
  const files = names.map((name) => {
    const split = splitLabelName(name);
    return { path: join(folder, name), id: split?.imageStem ?? stemOf(name), rank: split?.rank ?? null };
  });
  const plain = new Set(files.filter(({ rank }) => rank === null).map(({ id }) => id));
  const sideBySide = files.some(({ id, rank }) => rank !== null && plain.has(id));
  const found = new Map<string, string>();
  // The most preferred suffix is set last, so that it wins, and of two formats the one that we write.
  const less = (a: (typeof files)[0], b: (typeof files)[0]) =>
    (b.rank ?? 0) - (a.rank ?? 0) || endingRank(b.path) - endingRank(a.path);
  const labels = files.filter(({ rank }) => rank !== null || !sideBySide).sort(less);
  for (const { id, path } of labels) found.set(id, path);
  const doubles = labels.flatMap(({ id, path }): [string, string][] => {
    const used = found.get(id) ?? path;
    return used === path ? [] : [[path, used]];
  });
  notes.push(...doubleSentences(doubles));
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A prediction has the name of its image. Label maps that a name pattern knows (`segmentation-0` of LiTS, or what
 * `cohort.json` says) are given that name too, where there is such a prediction. Where a label map has its image beside
 * it, a file without a label suffix is an image.
 */
function namedAsImages(
  truths: ReadonlyMap<string, string>,
  predictions: ReadonlyMap<string, string>,
  patterns: readonly NamePattern[],
): Map<string, string> {
  const named = new Map<string, string>();
  let hasImages = false;
  for (const [id, path] of truths) {
    const images = predictions.has(id) ? [] : imageNamesOf(stemOf(basename(path)), patterns);
    const image = images.find((name) => predictions.has(name));
    if (image === undefined) continue;
    hasImages ||= truths.has(image);
    named.set(image, path);
  }
  const renamed = new Set(named.values());
  for (const [id, path] of truths) {
    const stem = stemOf(basename(path));
    const isImage = hasImages && id === stem && imageNamesOf(stem, patterns).length === 0;
    if (!renamed.has(path) && !named.has(id) && !isImage) named.set(id, path);
  }
  return new Map([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads the `dataset.json` in or above a folder of labels; it is null where there is none. */
export async function describedLabels(labelFolder: string): Promise<DatasetDescription | null> {
  for (const folder of [resolve(labelFolder), dirname(resolve(labelFolder))]) {
    try {
      return parseDatasetJson(await readTextFile(join(folder, 'dataset.json')));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return null;
}
