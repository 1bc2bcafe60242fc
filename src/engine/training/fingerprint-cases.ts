import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import type { VoxelGrid } from '../../core/geometry/grid.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { type CaseFingerprint, caseFingerprint } from '../../core/learn/plan/fingerprint.ts';
import type { Plan } from '../../core/learn/plan/plan.ts';
import type { ReportedCase } from '../../core/report/training-report.ts';
import { type CaseLoader, caseTruth } from './case-loader.ts';
import type { TrainableCase } from './find-cases.ts';

/** Background counted. The largest anatomies have a hundred; an image taken for a label file has thousands. */
const MOST_LABELS = 256;

/** @throws TrainingError if not all have the same number of channels */
export function checkChannels(cases: readonly TrainableCase[]): void {
  const [first] = cases;
  const other = cases.find(({ files }) => files.channels.length !== first.files.channels.length);
  if (!other) return;
  throw new TrainingError(
    `Case ${first.files.id} has ${first.files.channels.length} channels and case ${other.files.id} has ${other.files.channels.length}: a model needs the same channels in every case. Complete or remove the others.`,
  );
}

export interface FingerprintedCase {
  readonly id: string;
  readonly grid: VoxelGrid;
  readonly fingerprint: CaseFingerprint;
}

export async function fingerprintCases(
  cases: readonly TrainableCase[],
  loader: CaseLoader,
  signal: CancelSignal,
  onFraction: (fraction: number) => void,
  log: (level: 'warning', message: string) => void = () => undefined,
): Promise<FingerprintedCase[]> {
  const fingerprinted: FingerprintedCase[] = [];
  for (const found of cases) {
    throwIfCancelled(signal);
    const loaded = await loader.load(found, signal);
    // Classes are counted in the labels known until now: later files only add behind them.
    const truth = caseTruth(found, loaded, loader.table);
    const fingerprint = caseFingerprint(loaded.image, truth, loader.table.length);
    if (fingerprint.intensities.every(({ low, high }) => low === high)) {
      log(
        'warning',
        `The image of case ${found.files.id} has no contrast (one value everywhere, or none at all), so nothing can be learnt from it. Check ${found.files.channels[0]}.`,
      );
    }
    fingerprinted.push({ id: found.files.id, grid: loaded.image.grid, fingerprint });
    onFraction(fingerprinted.length / cases.length);
  }
  return fingerprinted;
}

/** What the report says of the data of a case that trains or tunes. */
export function reportedFingerprint(
  { id, grid, fingerprint }: FingerprintedCase,
  set: 'train' | 'tune',
  { labels, slicing }: Plan,
): ReportedCase {
  const { trainingSlices: countedSlices, slices } = fingerprint.sliced[slicing];
  return {
    ...{ id, set, shape: grid.shape, spacingMm: grid.spacingMm, countedSlices, slices },
    labelVoxels: labels.slice(1).map((_, index) => fingerprint.classVoxels[index + 1] ?? 0),
  };
}

/** @param train of the cases that train. @throws TrainingError if nothing is labelled at all, or these are no labels */
export function checkedLabels(loader: CaseLoader, train: readonly CaseFingerprint[]): Plan['labels'] {
  if (loader.table.length > MOST_LABELS) {
    throw new TrainingError(
      `The label files hold ${loader.table.length - 1} different labels, and a model tells at most ${MOST_LABELS - 1} apart: one of them may be an image. Correct or remove it.`,
    );
  }
  const labelled = train.some(({ classVoxels }) => classVoxels.some((voxels, label) => label > 0 && voxels > 0));
  if (!labelled || loader.table.length < 2) {
    throw new TrainingError('No accepted slice shows a label, so there is nothing to learn. Draw some labels first.');
  }
  return [...loader.table];
}
