import type { Plan } from '../../../core/learn/plan/plan.ts';
import { decideGate, describeFold, type GateDecision, type NotJudged } from '../../../core/learn/training/gate.ts';
import type { CohortScores } from '../../../core/metrics/cohort-scores.ts';
import { definedMean } from '../../../core/metrics/overlap-scores.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { ModelFile } from '../../inputs/model-file.ts';
import { waitingJudges } from '../data/choose-sets.ts';
import type { FinishedTraining } from './finished-training.ts';
import type { JudgedVersion } from './judge-version.ts';
import { pairScores } from './set-scores.ts';

/** Says whether the version becomes active, with the figures that say so. */
export interface Promotion {
  readonly gate: GateDecision;
  /** The mean Dice on the holdout. It is null where none of its cases judged. */
  readonly holdoutDice: number | null;
  /** The active version's Dice on the same cases. */
  readonly previousDice: number | null;
  /** The new version's Dice on the tune cases, where nothing is held out. */
  readonly tuneDice: number | null;
  readonly notJudged: NotJudged;
}

/** Asks the gate. A fold's version is described only, because it never becomes the cohort's own. */
export async function decidePromotion(run: FinishedTraining, judged: JudgedVersion): Promise<Promotion> {
  const { settings, active, store } = run;
  const holdoutDice = meanDice(judged.holdout);
  const previousDice = meanDice(judged.previous);
  const tuneDice = judged.set === 'tune' ? meanDice(judged.scores) : null;
  const notJudged = notJudgedLabels(judged.plan, run.learnt, judged.scores);
  const outcome = {
    cases: run.sets.holdout.length,
    judged: judged.holdout?.cases.length ?? 0,
    dice: holdoutDice,
    tuneDice,
    waiting: waitingJudges(run.listing, run.split),
    notJudged,
  };
  const figures = { holdoutDice, previousDice, tuneDice, notJudged };
  if (settings.fold) return { gate: describeFold(settings.fold, outcome), ...figures };
  const pairs =
    judged.previous && judged.holdout && judged.learntByBoth
      ? pairScores(judged.holdout, judged.previous, judged.learntByBoth)
      : [];
  const gate = decideGate(
    outcome,
    active && {
      version: active.version,
      holdoutDice: previousDice,
      differences: pairs.map(({ difference }) => difference),
      // The mean is by what both have learned: over all labels of the new version it would compare apples with pears.
      diceInComparison: definedMean(pairs.map(({ dice }) => dice)),
    },
  );
  return { gate: await unlessReplaced(gate, active, store), ...figures };
}

/**
 * Keeps the version waiting if somebody has made another version active while this one trained, because it was not
 * compared with that one.
 */
async function unlessReplaced(
  gate: GateDecision,
  comparedWith: ModelFile | null,
  store: CohortStore,
): Promise<GateDecision> {
  const now = await store.models.active();
  if (!gate.activate || now === null || now === comparedWith?.version) return gate;
  const reason = `${gate.reason} But model ${now} was made active meanwhile, and the two were not compared: it stays a candidate.`;
  return { ...gate, activate: false, reason };
}

/**
 * Names the labels that the scores say nothing about.
 * @param scores null where nothing was judged at all
 */
function notJudgedLabels({ labels }: Plan, learnt: ReadonlySet<number>, scores: CohortScores | null): NotJudged {
  const own = labels.slice(1);
  const names = (left: typeof own) => left.map(({ name }) => name);
  return {
    notLearnt: names(own.filter(({ value }) => !learnt.has(value))),
    inNoCase: scores ? names(own.filter(({ value }, index) => learnt.has(value) && !scores.labels[index].judged)) : [],
  };
}

function meanDice(scores: CohortScores | null): number | null {
  return finiteOrNull(scores?.meanDice);
}

/** Turns undefined figures, which are NaN in scores, into the null of messages. */
export function finiteOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
