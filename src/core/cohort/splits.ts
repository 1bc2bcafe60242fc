import { VoxelLoopError } from '../errors.ts';
import { SeededRandom } from '../random.ts';
import type { DeclaredSplit } from './dataset-json.ts';

/** Nothing to learn from, or a split that would let a judge be trained on. */
export class SplitError extends VoxelLoopError {
  readonly code = 'split';
}

/** A case as the split sees it. Splits are by whole case: slices of one patient never stand on both sides. */
export interface SplitCandidate {
  readonly id: string;
  /**
   * The label map is right on every slice (imported complete, or all accepted). Only such a case can judge (tune,
   * holdout); a case with some accepted slices trains.
   */
  readonly complete: boolean;
  /** A person accepted slices of it in Voxel Loop (its record says so), rather than the labels coming with the cohort. */
  readonly reviewed: boolean;
}

/** What the cohort has decided before (`cohort.json`); frozen. */
export interface SplitHistory {
  readonly holdout: readonly string[];
  /** Every case that any model version has seen, as train or tune: it can never be held out any more. */
  readonly seen: readonly string[];
}

/** The three case-level sets, each in order of id. */
export interface CohortSplit {
  readonly train: readonly string[];
  /** Early stopping, thresholds, clean-up choices. Carved from what trains. */
  readonly tune: readonly string[];
  /** Judges versions, and nothing else. Never seen. */
  readonly holdout: readonly string[];
}

/** A fifth is held out (as nnU-Net's five folds do), at least one case of three; below three there is no judge. */
export function holdoutCount(completeCases: number): number {
  return completeCases < 3 ? 0 : Math.max(1, Math.round(completeCases / 5));
}

/** A tenth, at most 20 (they are measured again and again while training); none where fewer than four cases train. */
export function tuneCount(trainableCases: number): number {
  return trainableCases < 4 ? 0 : Math.min(20, Math.max(1, Math.round(trainableCases / 10)));
}

/**
 * Divides the cases that have labels.
 *
 * - With a `splits.json`, `val` is the holdout and `train` trains. A case in neither list is left alone, unless a person
 *   has reviewed it here: then it was annotated after the split was made, in order to train.
 * - Without one, the holdout is what it was, and grows when new complete cases allow: by a random draw among those
 *   that no version has seen. It never shrinks and never loses a case to training, unless a `splits.json` of an earlier
 *   run gave it away. A held-out case that has no complete labels any more is skipped for now and stays held out.
 * - The tune set is drawn anew from the complete training cases by `seed`: another seed, another tune set, the same holdout.
 *
 * | complete cases | 1 | 2 | 3 | 5 | 8 | 16 | 50 |
 * | --- | --- | --- | --- | --- | --- | --- | --- |
 * | holdout | 0 | 0 | 1 | 1 | 2 | 3 | 10 |
 * | tune | 0 | 0 | 0 | 1 | 1 | 1 | 4 |
 * | train | 1 | 2 | 2 | 3 | 5 | 12 | 36 |
 *
 * @param candidates cases with labels to learn from, test cases left out; ids unique
 * @param holdoutSeed the cohort's own, recorded in `cohort.json`
 * @param seed the training run's
 * @throws SplitError with code `split` if no case is left to train on, or `splits.json` holds out a case that has been trained on
 */
export function splitCohort(
  candidates: readonly SplitCandidate[],
  history: SplitHistory,
  declared: DeclaredSplit | null,
  holdoutSeed: number,
  seed: number,
): CohortSplit {
  const ordered = [...candidates].sort((a, b) => compareIds(a.id, b.id));
  const heldOut = declared
    ? declaredHoldout(declared, history)
    : grownHoldout(ordered, history, new SeededRandom(holdoutSeed));
  const listed = new Set(declared?.train);
  const holdout = ordered.filter(({ id, complete }) => heldOut.has(id) && complete).map(({ id }) => id);
  const rest = ordered.filter(({ id, reviewed }) => !heldOut.has(id) && (!declared || listed.has(id) || reviewed));
  if (rest.length === 0) {
    throw new SplitError(
      candidates.length === 0
        ? 'No case has labels to learn from yet: label and accept some slices, then train again.'
        : 'Every labelled case is held out for judging models (or left out by splits.json): label one more case, then train again.',
    );
  }
  return { ...carveTune(rest, seed), holdout };
}

/** One fold of a cross-validation: the `index`-th of `of`, counted from 1. */
export interface Fold {
  readonly index: number;
  readonly of: number;
}

/**
 * The split of one fold of a cross-validation. The complete cases are dealt into `of` folds, whole cases only, by
 * `holdoutSeed`: the same cases give the same folds in whatever order they come and whatever was trained before. Fold
 * `index` judges and the rest trains, with a tune set carved from it as ever. Where a `splits.json` is declared, its
 * `val` takes no part at all: neither trained on nor judged.
 *
 * What the cohort holds out plays no role, so that every case judges once; a model of a fold must therefore never come
 * among the cohort's own versions.
 *
 * @throws SplitError with code `split` if there are fewer complete cases than folds
 */
export function foldCohort(
  candidates: readonly SplitCandidate[],
  declared: DeclaredSplit | null,
  fold: Fold,
  holdoutSeed: number,
  seed: number,
): CohortSplit {
  const listed = new Set(declared?.train);
  const kept = new Set(declared?.val);
  const ordered = candidates
    .filter(({ id, reviewed }) => !kept.has(id) && (!declared || listed.has(id) || reviewed))
    .sort((a, b) => compareIds(a.id, b.id));
  const dealt = new SeededRandom(holdoutSeed).shuffle(ordered.filter(({ complete }) => complete));
  if (dealt.length < fold.of) {
    throw new SplitError(
      `${dealt.length === 1 ? 'One case is' : `${dealt.length} cases are`} completely labelled, too few for ${fold.of} folds: ask for fewer folds or complete more cases.`,
    );
  }
  const judges = new Set(dealt.filter((_, position) => position % fold.of === fold.index - 1).map(({ id }) => id));
  return {
    ...carveTune(
      ordered.filter(({ id }) => !judges.has(id)),
      seed,
    ),
    holdout: ordered.filter(({ id }) => judges.has(id)).map(({ id }) => id),
  };
}

function carveTune(rest: readonly SplitCandidate[], seed: number): Pick<CohortSplit, 'train' | 'tune'> {
  const complete = rest.filter((candidate) => candidate.complete);
  const tune = new Set(drawn(complete, tuneCount(rest.length), new SeededRandom(seed)));
  return {
    train: rest.filter(({ id }) => !tune.has(id)).map(({ id }) => id),
    tune: rest.filter(({ id }) => tune.has(id)).map(({ id }) => id),
  };
}

/**
 * The history after a version was trained with `split`: what was seen stays seen, and what is held out stays so, but for
 * what a `splits.json` gave to training.
 */
export function extendHistory(history: SplitHistory, split: CohortSplit): SplitHistory {
  const seen = union(history.seen, [...split.train, ...split.tune]);
  return { holdout: union(history.holdout, split.holdout).filter((id) => !seen.includes(id)), seen };
}

function declaredHoldout(declared: DeclaredSplit, history: SplitHistory): Set<string> {
  const seen = new Set(history.seen);
  const leaked = declared.val.find((id) => seen.has(id));
  if (leaked !== undefined) {
    throw new SplitError(
      `The splits.json holds out "${leaked}", which an earlier model version has trained on: move it to "train", or remove the .voxel-loop folder to start over.`,
    );
  }
  return new Set(declared.val);
}

function grownHoldout(ordered: readonly SplitCandidate[], history: SplitHistory, random: SeededRandom): Set<string> {
  const seen = new Set(history.seen);
  const held = new Set(history.holdout.filter((id) => !seen.has(id)));
  const complete = ordered.filter((candidate) => candidate.complete);
  const missing = holdoutCount(complete.length) - complete.filter(({ id }) => held.has(id)).length;
  const fresh = complete.filter(({ id }) => !held.has(id) && !seen.has(id));
  // Something must be left to train on: a cohort where everything is new keeps at least two.
  const trainable = ordered.filter(({ id }) => !held.has(id)).length;
  for (const id of drawn(fresh, Math.min(missing, trainable - 2), random)) held.add(id);
  return held;
}

function drawn(from: readonly SplitCandidate[], count: number, random: SeededRandom): string[] {
  return random
    .shuffle([...from])
    .slice(0, Math.max(0, count))
    .map(({ id }) => id);
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort(compareIds);
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
