import { declaredChannels } from '../../../core/cohort/files/layouts/dataset-json.ts';
import type { LeaveOut, LeftOutCase } from '../../../core/cohort/left-out.ts';
import type { CohortRecord } from '../../../core/cohort/records/cohort-record.ts';
import {
  type CohortSplit,
  foldCohort,
  type SplitCandidate,
  type SplitHistory,
  splitCohort,
  type UntrainableCase,
} from '../../../core/cohort/records/splits.ts';
import { TrainingError } from '../../../core/learn/learn-errors.ts';
import type { CohortListing } from '../../../node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { RunRecord, RunSettings } from '../../checkpoints/run-record.ts';
import {
  type FreezeLabels,
  findTrainableCases,
  startedFromProposal,
  type TrainableCase,
} from '../../inputs/find-cases.ts';
import { readOrStartRecord } from './cohort-state.ts';
import { withCommonChannels } from './fingerprint-cases.ts';

/** The cases of the three sets. */
export interface CaseSets {
  readonly train: readonly TrainableCase[];
  readonly tune: readonly TrainableCase[];
  readonly holdout: readonly TrainableCase[];
}

export interface ChosenSets {
  readonly record: CohortRecord;
  /** All cases that have labels to learn from, also those in no set. */
  readonly cases: readonly TrainableCase[];
  readonly split: CohortSplit;
  readonly sets: CaseSets;
}

/**
 * Chooses which cases train, tune and judge.
 *
 * @param home the cohort's state; for a fold the state that its folder is in
 * @param freeze see `findTrainableCases`
 * @throws SplitError
 * @throws TrainingError if there is nothing to learn from
 * @throws RecordError
 * @throws VolumeFileError
 * @throws FileAccessError
 */
export async function chooseSets(
  listing: CohortListing,
  home: CohortStore,
  settings: Pick<RunSettings, 'fold' | 'seed'>,
  leaveOut: LeaveOut,
  freeze?: FreezeLabels,
): Promise<ChosenSets> {
  // What people reviewed lies with the cohort, wherever the models go.
  const cohort = new CohortStore(listing.root);
  const record = await readOrStartRecord(home, cohort, listing);
  const leftOut: LeftOutCase[] = [];
  const note: LeaveOut = (left) => {
    leftOut.push(left);
    leaveOut(left);
  };
  const found = await findTrainableCases(listing, cohort, note, freeze);
  const cases = withCommonChannels(found, declaredChannels(listing.dataset), note);
  if (cases.length === 0 && leftOut.length > 0) throw noCaseLeft(leftOut);
  const candidates = cases.map(({ candidate }) => candidate);
  const split = settings.fold
    ? foldCohort(candidates, listing.declaredSplit, settings.fold, record.holdoutSeed, settings.seed)
    : splitCohort(
        candidates,
        await historyWithCards(record, home),
        listing.declaredSplit,
        record.holdoutSeed,
        settings.seed,
        await otherCases(listing, cohort, candidates),
      );
  return { record, cases, split, sets: setsOf(split, cases) };
}

/** Makes the error for a cohort in which there was something to learn from, and nothing of it can be used. */
export function noCaseLeft(leftOut: readonly LeftOutCase[]): TrainingError {
  const [first] = leftOut;
  const all = leftOut.length === 1 ? `Case ${first.id} is` : `All ${leftOut.length} labelled cases are`;
  return new TrainingError(
    `${all} left out, so there is nothing to learn from. ${leftOut.length === 1 ? '' : `${first.id}: `}${first.reason}`,
  );
}

/** @param cases those of the split, and others */
export function setsOf(split: CohortSplit, cases: readonly TrainableCase[]): CaseSets {
  const byId = new Map(cases.map((found) => [found.files.id, found]));
  const pick = (ids: readonly string[]) => ids.map((id) => byId.get(id) as TrainableCase);
  return { train: pick(split.train), tune: pick(split.tune), holdout: pick(split.holdout) };
}

/**
 * Returns what the cohort has decided, by its record and by the cards of its versions: a record that lost an update, or
 * one side of a merge, must not let a case judge that some version has learned from.
 */
export async function historyWithCards(record: CohortRecord, { models }: CohortStore): Promise<SplitHistory> {
  const cards = await models.everyCard();
  const seen = new Set([...record.seen, ...cards.flatMap(({ data }) => [...data.train, ...data.tune])]);
  const judged = cards.flatMap(({ data }) => data.holdout).filter((id) => !seen.has(id));
  const inOrder = (ids: Iterable<string>) => [...new Set(ids)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { holdout: inOrder([...record.holdout, ...judged]), seen: inOrder(seen) };
}

/** Lists cases that have nothing to learn from yet. */
async function otherCases(
  { layout }: CohortListing,
  cohort: CohortStore,
  candidates: readonly SplitCandidate[],
): Promise<UntrainableCase[]> {
  const known = new Set(candidates.map(({ id }) => id));
  const others: UntrainableCase[] = [];
  for (const { files, labelled, test } of layout.cases) {
    const { id } = files;
    if (test || known.has(id)) continue;
    // Where nothing was saved, nothing was taken over.
    others.push({ id, proposed: labelled && (await startedFromProposal(cohort, id)) });
  }
  return others;
}

/** Lists those of a cohort's cases that are reserved to judge and not complete yet, in its order. */
export function waitingJudges({ layout }: CohortListing, split: CohortSplit): string[] {
  const reserved = new Set(split.reserved);
  return layout.cases.map(({ files }) => files.id).filter((id) => reserved.has(id));
}

/** @throws TrainingError if what the interrupted run has learned from is not what is there now */
export function checkSameData(run: RunRecord, split: CohortSplit, fingerprint: string): void {
  // The cases that are reserved beside them may change: they neither train nor judge.
  const sides = ({ train, tune, holdout }: CohortSplit) => JSON.stringify([train, tune, holdout]);
  if (sides(run.split) !== sides(split)) {
    throw new TrainingError(
      'Cases have come, gone or changed sides since the training was interrupted: train from the start, without resuming.',
    );
  }
  if (run.dataFingerprint !== fingerprint) {
    throw new TrainingError(
      'Images, labels or accepted slices have changed since the training was interrupted: train from the start, without resuming.',
    );
  }
}
