import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import type { LeaveOut } from '../../../core/cohort/left-out.ts';
import { CancelledError, VoxelLoopError } from '../../../core/errors.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { cohortValue, withOwnLabels } from '../../../core/label/table/own-labels.ts';
import { TrainingError } from '../../../core/learn/learn-errors.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { type CaseFingerprint, caseFingerprint } from '../../../core/learn/planning/fingerprint.ts';
import type { ReportedCase } from '../../../core/report/training-report.ts';
import { counted } from '../../../core/text/counted.ts';
import { contradictingNames } from '../../../node/cohort/labels/label-table-file.ts';
import { type CaseLoader, caseTruth, MOST_LABELS } from '../../inputs/case-loader.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';

/**
 * Keeps the cases with as many channels as most have (of two numbers that are as frequent, the larger): a model needs
 * the same channels in every case.
 * @param declared how many a `dataset.json` names, null where it names none; it decides where any case has as many
 */
export function withCommonChannels(
  cases: readonly TrainableCase[],
  declared: number | null,
  leaveOut: LeaveOut,
): TrainableCase[] {
  const counts = new Map<number, number>();
  for (const { files } of cases) counts.set(files.channels.length, (counts.get(files.channels.length) ?? 0) + 1);
  const [[most]] = [...counts, [0, 0]].sort(([a, ofA], [b, ofB]) => ofB - ofA || b - a);
  const common = declared !== null && counts.has(declared) ? declared : most;
  return cases.filter(({ files: { id, channels } }) => {
    if (channels.length === common) return true;
    const has = counted(channels.length, 'channel');
    leaveOut({
      id,
      reason: `it has ${has} and the others have ${common}, and a model needs the same channels in every case. Complete it.`,
    });
    return false;
  });
}

export interface FingerprintedCase {
  readonly id: string;
  readonly grid: VoxelGrid;
  /** It is false where no header says how the patient lies. */
  readonly isOriented: boolean;
  readonly fingerprint: CaseFingerprint;
  /** Sentences about what is odd in it although it trains. */
  readonly doubts: readonly string[];
  /** Sentences about what is odd in its label file. */
  readonly labelDoubts: readonly string[];
  /** Sentences about what is odd in the headers of its images. */
  readonly headerDoubts: readonly string[];
}

/**
 * Reads cases, one after the other. One that cannot be read is left out.
 * @throws CancelledError, and what is no fault of a case
 */
export async function fingerprintCases(
  cases: readonly TrainableCase[],
  loader: CaseLoader,
  signal: CancelSignal,
  onFraction: (fraction: number) => void,
  leaveOut: LeaveOut,
  log: (level: 'warning', message: string) => void = () => undefined,
): Promise<FingerprintedCase[]> {
  const fingerprinted: FingerprintedCase[] = [];
  for (const [index, found] of cases.entries()) {
    throwIfCancelled(signal);
    const loaded = await loader.load(found, signal).catch((error: unknown) => {
      if (!(error instanceof VoxelLoopError) || error instanceof CancelledError) throw error;
      leaveOut({ id: found.files.id, reason: error.message });
    });
    onFraction((index + 1) / cases.length);
    if (!loaded) continue;
    // Classes are counted in the labels known until now: later files only add behind them.
    const truth = caseTruth(found, loaded, loader.table);
    const fingerprint = caseFingerprint(loaded.image, truth, loader.table.length);
    if (fingerprint.intensities.every(({ low, high }) => low === high)) {
      log(
        'warning',
        `The image of case ${found.files.id} has no contrast (one value everywhere, or none at all), so nothing can be learned from it. Check ${found.files.channels[0]}.`,
      );
    }
    const {
      grid,
      header: { isOriented },
    } = loaded.image;
    const named = withOwnLabels(loader.table, found.ownLabels ?? []);
    const contradictions = await contradictingNames(found.files.labels, named);
    const doubts = [...loaded.image.doubts, ...unknownNames(found, loader.table)];
    const labelDoubts = [...contradictions, ...loaded.labelNotes].map(
      (said) => `Labels of case ${found.files.id}: ${said}`,
    );
    const headerDoubts = loaded.image.headerDoubts.map(({ sentence }) => sentence);
    fingerprinted.push({ id: found.files.id, grid, isOriented, fingerprint, doubts, labelDoubts, headerDoubts });
  }
  return fingerprinted;
}

/** Says of which labels the case means something else than the cohort, where the cohort has no such name. */
function unknownNames({ files: { id }, ownLabels = [] }: TrainableCase, cohort: LabelTable): string[] {
  return ownLabels
    .filter(({ value }) => cohortValue(value, ownLabels, cohort) === null)
    .map(({ value, name }) => {
      const theirs = cohort.find((entry) => entry.value === value)?.name;
      return `Case ${id} names label ${value} "${name}", which is "${theirs}" in this cohort: that label of this case neither trains nor judges.`;
    });
}

/** Says for the report what the data of a case that trains or tunes is. */
export function reportedFingerprint(
  { id, grid, fingerprint }: FingerprintedCase,
  set: 'train' | 'tune',
  { labels, slicing }: Plan,
): ReportedCase {
  const { trainingSlices: countedSlices, slices } = fingerprint.sliced[slicing];
  return {
    id,
    set,
    shape: grid.shape,
    spacingMm: grid.spacingMm,
    countedSlices,
    slices,
    labelVoxels: labels.slice(1).map((_, index) => fingerprint.classVoxels[index + 1] ?? 0),
  };
}

/**
 * @param train of the cases that train
 * @throws TrainingError if nothing is labelled at all, or these are no labels
 */
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
