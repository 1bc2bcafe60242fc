import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import type { LeaveOut, LeftOutCase } from '../../../core/cohort/left-out.ts';
import type { CohortRecord } from '../../../core/cohort/records/cohort-record.ts';
import type { CohortSplit, SplitHistory } from '../../../core/cohort/records/splits.ts';
import { TrainingError } from '../../../core/learn/learn-errors.ts';
import type { CohortListing } from '../../../node/cohort/cases/cohort-folder.ts';
import { removeSnapshots } from '../../../node/cohort/models/training-files.ts';
import { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { RunRecord, RunSettings } from '../../checkpoints/run-record.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';
import { type CaseSets, checkSameData, chooseSets, historyWithCards, noCaseLeft, setsOf } from './choose-sets.ts';
import { dataFingerprint, readOrStartRecord, withFileFingerprints } from './cohort-state.ts';
import { TrainingSnapshot } from './training-snapshot.ts';

/** What a training learns from and is judged by. Nothing that is saved while it runs changes it. */
export interface TrainingData {
  readonly record: CohortRecord;
  /** All cases that have labels to learn from, also those in no set. */
  readonly cases: readonly TrainableCase[];
  readonly split: CohortSplit;
  readonly sets: CaseSets;
  readonly ignoredValue: number | null;
  /** The fingerprint of what trains and tunes (`dataFingerprint`). */
  readonly fingerprint: string;
  readonly snapshot: TrainingSnapshot;
}

/** The place where the data of a run is. */
export interface DataPlace {
  readonly listing: CohortListing;
  /** The cohort's state; for a fold the state that its folder is in. */
  readonly home: CohortStore;
  /** Versions and checkpoints go here. */
  readonly store: CohortStore;
}

/**
 * Keeps the data that is there now as it is.
 *
 * @param keepsOthers there is an interrupted run, which may still be resumed if this one ends soon
 * @throws SplitError
 * @throws TrainingError if there is nothing to learn from
 * @throws RecordError
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function freezeData(
  { listing, home, store }: DataPlace,
  settings: Pick<RunSettings, 'fold' | 'seed'>,
  keepsOthers: boolean,
  signal: CancelSignal,
  leaveOut: LeaveOut,
): Promise<TrainingData> {
  if (!keepsOthers) await removeSnapshots(store);
  const snapshot = new TrainingSnapshot(store);
  try {
    const chosen = await chooseSets(listing, home, settings, leaveOut, async (files) => {
      throwIfCancelled(signal);
      return snapshot.freeze(files);
    });
    const identified = (cases: readonly TrainableCase[]) => identify(cases, signal);
    const sets = {
      train: await identified(chosen.sets.train),
      tune: await identified(chosen.sets.tune),
      holdout: chosen.sets.holdout,
    };
    const ignoredValue = listing.dataset?.ignoreValue ?? null;
    await snapshot.write({ cases: [...sets.train, ...sets.tune, ...sets.holdout], ignoredValue });
    return { ...chosen, sets, ignoredValue, fingerprint: dataFingerprint([...sets.train, ...sets.tune]), snapshot };
  } catch (error) {
    await snapshot.remove();
    throw error;
  }
}

/**
 * Returns the data without cases that turned out to be unreadable when they were read whole.
 * @throws TrainingError if nothing is left to train on
 */
export function withoutCases(data: TrainingData, leftOut: readonly LeftOutCase[]): TrainingData {
  if (leftOut.length === 0) return data;
  const gone = new Set(leftOut.map(({ id }) => id));
  const others = (cases: readonly TrainableCase[]) => cases.filter(({ files }) => !gone.has(files.id));
  const ids = (names: readonly string[]) => names.filter((id) => !gone.has(id));
  const sets = { ...data.sets, train: others(data.sets.train), tune: others(data.sets.tune) };
  if (sets.train.length === 0) throw noCaseLeft(leftOut);
  const split = { ...data.split, train: ids(data.split.train), tune: ids(data.split.tune) };
  return { ...data, split, sets, fingerprint: dataFingerprint([...sets.train, ...sets.tune]) };
}

/**
 * Returns what an interrupted run has learned from. It is null where nothing was kept of it, or that was removed.
 *
 * @throws TrainingError if the run cannot go on with it
 */
export async function frozenData(
  { listing, home, store }: DataPlace,
  { settings, split, snapshot: run, dataFingerprint: expected }: RunRecord,
): Promise<TrainingData | null> {
  if (run === undefined) return null;
  const snapshot = new TrainingSnapshot(store, run);
  const content = await snapshot.read(new Set([...split.train, ...split.tune]));
  if (!content) return null;
  const record = await readOrStartRecord(home, new CohortStore(listing.root), listing);
  checkSides(split, listing, settings.fold ? null : await historyWithCards(record, home));
  const { cases, ignoredValue } = content;
  const known = new Set(cases.map(({ files }) => files.id));
  const isWhole = [...split.train, ...split.tune, ...split.holdout].every((id) => known.has(id));
  const sets = isWhole ? setsOf(split, cases) : null;
  const fingerprint = sets && dataFingerprint([...sets.train, ...sets.tune]);
  if (!sets || fingerprint !== expected) {
    throw new TrainingError(
      'What the interrupted training had kept of its labels is damaged: train from the start, without resuming.',
    );
  }
  return { record, cases, split, sets, ignoredValue, fingerprint, snapshot };
}

/**
 * Checks a run of which nothing is kept: it can go on as long as everything is as it was.
 *
 * @throws TrainingError if it is not
 */
export async function checkUnchanged({ listing, home }: Omit<DataPlace, 'store'>, run: RunRecord): Promise<void> {
  const { split, sets } = await chooseSets(listing, home, run.settings, () => undefined);
  const learnt = await identify([...sets.train, ...sets.tune]);
  checkSameData(run, split, dataFingerprint(learnt));
}

/**
 * Checks that no case has changed sides. A case that was learned from may be held out by now, and one that was to judge
 * may have been learned from, while the version's figures are worth something only because it never saw its judges.
 *
 * @param history null for a fold, which has nothing to do with what the cohort holds out
 */
function checkSides(split: CohortSplit, { declaredSplit }: CohortListing, history: SplitHistory | null): void {
  const seen = new Set(history?.seen);
  const heldOut = new Set(declaredSplit?.val ?? history?.holdout.filter((id) => !seen.has(id)));
  const learnt = [...split.train, ...split.tune].find((id) => heldOut.has(id));
  const judge = split.holdout.find((id) => seen.has(id));
  if (learnt === undefined && judge === undefined) return;
  const what =
    learnt === undefined
      ? `Case ${judge} was to judge, and a version has learned from it`
      : `Case ${learnt} was learned from, and is held out`;
  throw new TrainingError(
    `${what} since the training was interrupted (it has changed sides): train from the start, without resuming.`,
  );
}

async function identify(cases: readonly TrainableCase[], signal?: CancelSignal): Promise<TrainableCase[]> {
  const identified: TrainableCase[] = [];
  for (const found of cases) identified.push(await withFileFingerprints(found, signal));
  return identified;
}
