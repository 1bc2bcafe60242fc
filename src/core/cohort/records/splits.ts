import { VoxelLoopError } from '../../errors.ts';
import { SeededRandom } from '../../random.ts';
import type { DeclaredSplit } from '../files/layouts/dataset-json.ts';

/** There is nothing to learn from, or the split would let a judge be trained on. */
export class SplitError extends VoxelLoopError {
  readonly code = 'split';
}

/**
 * A case as the split sees it. Splits are by whole case: slices of one never stand on both sides, though cases of one
 * patient may.
 */
export interface SplitCandidate {
  readonly id: string;
  /**
   * The label map is right on every slice (imported complete, or all accepted). Only such a case can judge (tune,
   * holdout); a case with some accepted slices trains.
   */
  readonly complete: boolean;
  /**
   * A person accepted slices of it in Voxel Loop (its record says so); its labels did not just come with the cohort.
   */
  readonly reviewed: boolean;
  /**
   * Some of its labels started from a model's proposal (`hasProposedLabels`) and favour that model, so it never judges.
   */
  readonly proposed: boolean;
}

/** A case that has nothing to learn from yet. */
export type UntrainableCase = Pick<SplitCandidate, 'id' | 'proposed'>;

/** What the cohort has decided before (`cohort.json`). It is frozen. */
export interface SplitHistory {
  readonly holdout: readonly string[];
  /** Every case that any model version has seen, to train or to tune. It can never be held out any more. */
  readonly seen: readonly string[];
}

/** The three case-level sets, each in order of id. */
export interface CohortSplit {
  readonly train: readonly string[];
  /** These cases decide early stopping, thresholds and clean-up choices. They are carved from those that train. */
  readonly tune: readonly string[];
  /** These cases judge versions, and do nothing else. No version sees them. */
  readonly holdout: readonly string[];
  /**
   * These cases will judge when they are complete, and are held out too, before any slice of them has trained. They are
   * absent in splits that reserve nothing (declared ones, folds). A case that is held out and has labels from a
   * proposal by now is in no set.
   */
  readonly reserved?: readonly string[];
}

/** Of the cases that come without complete labels so many are reserved to judge: the same share as of complete ones. */
const RESERVED_SHARE = 0.2;

/** Holds out a fifth (as nnU-Net's five folds do), at least one case of three; below three there is no judge. */
export function holdoutCount(completeCases: number): number {
  return completeCases < 3 ? 0 : Math.max(1, Math.round(completeCases / 5));
}

/**
 * Takes a tenth, at most 20 (they are measured again and again while training), and none where fewer than four cases
 * train.
 */
export function tuneCount(trainableCases: number): number {
  return trainableCases < 4 ? 0 : Math.min(20, Math.max(1, Math.round(trainableCases / 10)));
}

/**
 * Divides the cases that have labels, and says of the others which will judge.
 *
 * - With a `splits.json`, `val` is the holdout and `train` trains. A case in neither list is left alone, unless a
 *   person has reviewed it here: then it was annotated after the split was made, in order to train.
 * - Without one, the holdout is what it was, and grows when new complete cases allow: by a random draw among those that
 *   no version has seen and whose labels started from no proposal. It never shrinks and never loses a case to training,
 *   unless a `splits.json` of an earlier run gave it away. A held-out case that has no complete labels any more, or
 *   some that started from a proposal, does not judge and stays held out.
 * - At most a fifth of the whole cohort is held out, what is reserved and not complete included.
 * - A case of which only some slices are accepted would train, and could then never judge: in the review loop the
 *   holdout would not grow. So one in five of the cases that are not complete yet is reserved (`isReserved`), before it
 *   trains: its slices never train, and it judges as soon as it is complete. A cohort that just begins keeps two
 *   labelled cases to train on.
 * - The tune set is drawn anew from the complete training cases by `seed`: another seed gives another tune set and the
 *   same holdout.
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
 * @param others the cases that have nothing to learn from yet, test cases left out: some are reserved
 * @throws SplitError with code `split` if no case is left to train on, or `splits.json` holds out a case that has been
 * trained on
 */
export function splitCohort(
  candidates: readonly SplitCandidate[],
  history: SplitHistory,
  declared: DeclaredSplit | null,
  holdoutSeed: number,
  seed: number,
  others: readonly UntrainableCase[] = [],
): CohortSplit {
  const ordered = [...candidates].sort((a, b) => compareIds(a.id, b.id));
  const heldOut = declared
    ? declaredHoldout(declared, history)
    : grownHoldout(ordered, others, history, new SeededRandom(holdoutSeed));
  if (!declared) reserve(heldOut, ordered, others, history, holdoutSeed);
  // Who declares a holdout decides about it, also where labels started from proposals.
  const leaning = new Set(declared ? [] : [...ordered, ...others].filter(isProposed).map(({ id }) => id));
  const listed = new Set(declared?.train);
  const holdout = ordered
    .filter(({ id, complete }) => heldOut.has(id) && complete && !leaning.has(id))
    .map(({ id }) => id);
  const rest = ordered.filter(({ id, reviewed }) => !heldOut.has(id) && (!declared || listed.has(id) || reviewed));
  if (rest.length === 0) {
    throw new SplitError(
      candidates.length === 0
        ? 'No case has labels to learn from yet: label and accept some slices, then train again.'
        : 'Every labelled case is held out for judging models (or left out by splits.json): label one more case, then train again.',
    );
  }
  const judges = new Set(holdout);
  const reserved = declared ? [] : [...heldOut].filter((id) => !judges.has(id) && !leaning.has(id)).sort(compareIds);
  return { ...carveTune(rest, seed), holdout, ...(reserved.length > 0 && { reserved }) };
}

/**
 * Says whether a case is among the fifth that is reserved to judge while it is not complete. The cohort's seed and the
 * case's name alone decide, so that nothing that is known of its images or labels, nor when it came, can play a part.
 */
export function isReserved(holdoutSeed: number, id: string): boolean {
  return drawOf(holdoutSeed, id) < RESERVED_SHARE;
}

/**
 * Returns the cases that never train and on which nothing may be proposed by itself: those that judge, and those that
 * are reserved to. A proposal anchors the person who labels: labels that started from one are nearer to the model that
 * made it than labels drawn by hand, so a judge that began like that finds for that model, and against every later one.
 */
export function heldOutIds(
  declared: DeclaredSplit | null,
  decided: Pick<SplitHistory, 'holdout'> | null,
): ReadonlySet<string> {
  return new Set([...(declared?.val ?? []), ...(decided?.holdout ?? [])]);
}

/** One fold of a cross-validation: the `index`-th of `of`, counted from 1. */
export interface Fold {
  readonly index: number;
  readonly of: number;
}

/**
 * Makes the split of one fold of a cross-validation. The complete cases are dealt into `of` folds, whole cases only, by
 * `holdoutSeed`: the same cases give the same folds in whatever order they come and whatever was trained before. Fold
 * `index` judges and the rest trains, with a tune set carved from it as ever. Where a `splits.json` is declared, its
 * `val` takes no part at all: it is neither trained on nor judged.
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
 * Returns the history after a version was trained with `split`: cases that were seen stay seen, and cases that are held
 * out stay so, except those that a `splits.json` gave to training.
 */
export function extendHistory(history: SplitHistory, split: CohortSplit): SplitHistory {
  const seen = union(history.seen, [...split.train, ...split.tune]);
  const trained = new Set(seen);
  const heldOut = union(history.holdout, [...split.holdout, ...(split.reserved ?? [])]);
  return { holdout: heldOut.filter((id) => !trained.has(id)), seen };
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

function grownHoldout(
  ordered: readonly SplitCandidate[],
  others: readonly UntrainableCase[],
  history: SplitHistory,
  random: SeededRandom,
): Set<string> {
  const seen = new Set(history.seen);
  const held = new Set(history.holdout.filter((id) => !seen.has(id)));
  const complete = ordered.filter((candidate) => candidate.complete);
  const judges = complete.filter(({ id, proposed }) => held.has(id) && !proposed).length;
  const missing = Math.min(holdoutCount(complete.length) - judges, roomToHoldOut(held, ordered, others));
  const fresh = complete.filter(({ id, proposed }) => !held.has(id) && !seen.has(id) && !proposed);
  // Something must be left to train on: a cohort where everything is new keeps at least two.
  const trainable = ordered.filter(({ id }) => !held.has(id)).length;
  for (const id of drawn(fresh, Math.min(missing, trainable - 2), random)) held.add(id);
  return held;
}

/** Says how many more cases can be held out until a fifth of all that are there is. */
function roomToHoldOut(
  held: ReadonlySet<string>,
  ordered: readonly SplitCandidate[],
  others: readonly UntrainableCase[],
): number {
  const all = [...ordered, ...others];
  return holdoutCount(all.length) - all.filter(({ id }) => held.has(id)).length;
}

/**
 * Adds to `held` what is reserved among the cases that are not complete, that no version has seen and on which nothing
 * started from a proposal.
 */
function reserve(
  held: Set<string>,
  ordered: readonly SplitCandidate[],
  others: readonly UntrainableCase[],
  history: SplitHistory,
  holdoutSeed: number,
): void {
  const seen = new Set(history.seen);
  const labelled = new Set(ordered.map(({ id }) => id));
  const fresh = [...ordered.filter(({ complete }) => !complete), ...others]
    .filter((each) => !isProposed(each))
    .map(({ id }) => id)
    .filter((id) => !held.has(id) && !seen.has(id) && isReserved(holdoutSeed, id))
    .sort((a, b) => drawOf(holdoutSeed, a) - drawOf(holdoutSeed, b) || compareIds(a, b));
  let room = roomToHoldOut(held, ordered, others);
  let trainable = ordered.filter(({ id }) => !held.has(id)).length;
  for (const id of fresh) {
    if (room <= 0) return;
    if (labelled.has(id)) {
      if (trainable <= 2) continue;
      trainable--;
    }
    held.add(id);
    room--;
  }
}

function isProposed({ proposed }: UntrainableCase): boolean {
  return proposed;
}

/** Turns a case into a number in [0, 1): the 32-bit FNV-1a hash of its id (by UTF-16 unit), mixed with the seed. */
function drawOf(holdoutSeed: number, id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return new SeededRandom(hash ^ Math.imul(holdoutSeed, 0x9e3779b1)).uniform();
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
