import { formatSlices } from '../../../core/case/state/slice-ranges.ts';
import { type LeaveOut, type LeftOutCase, leftOutSentences } from '../../../core/cohort/left-out.ts';
import type { ModelCard } from '../../../core/cohort/records/cohort-record.ts';
import { learntByBoth, learntLabels } from '../../../core/cohort/records/learnt-labels.ts';
import { ALL_SLICES } from '../../../core/cohort/records/newly-accepted.ts';
import type { CohortSplit } from '../../../core/cohort/records/splits.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { DataSummary } from '../../../core/learn/planning/data-summary.ts';
import type { TrainingSlices } from '../../../core/learn/prediction/training-slices.ts';
import { decideGate, describeFold, type GateDecision, type NotJudged } from '../../../core/learn/training/gate.ts';
import { type DifferenceSummary, NOT_WORSE_RULE } from '../../../core/learn/training/not-worse.ts';
import { longerSentence, longerTraining } from '../../../core/learn/training/still-learning.ts';
import type { TrainedNetwork } from '../../../core/learn/training/train-network.ts';
import type { CohortScores } from '../../../core/metrics/cohort-scores.ts';
import { definedMean } from '../../../core/metrics/overlap-scores.ts';
import type { NetworkEngine } from '../../../core/net/graph/network-engine.ts';
import type { TrainResult } from '../../../core/protocol/engine/train.ts';
import type { ReportedCase } from '../../../core/report/training-report.ts';
import type { CohortListing } from '../../../node/cohort/cohort-folder.ts';
import type { CohortStore } from '../../../node/cohort/cohort-store.ts';
import type { NewVersion } from '../../../node/cohort/model-versions.ts';
import { writeTrainingSlices } from '../../../node/cohort/training-slices-file.ts';
import type { RunSettings } from '../../checkpoints/run-record.ts';
import type { CaseLoader } from '../../inputs/case-loader.ts';
import type { ModelFile } from '../../inputs/model-file.ts';
import { type CaseSets, waitingJudges } from '../data/choose-sets.ts';
import { recordSplit } from '../data/cohort-state.ts';
import { judgeModels, TOLERANCE_MM } from './judge.ts';
import { machineName } from './machine-name.ts';
import { publishVersion, versionModel } from './publish.ts';
import { pairScores, scoresOfSet } from './set-scores.ts';
import { withLearntCleanUp } from './tune-clean-up.ts';
import { endSentence, reportFromCard, writeReport } from './write-report.ts';

export interface FinishedTraining {
  readonly settings: RunSettings;
  readonly listing: CohortListing;
  readonly store: CohortStore;
  /** Predicts what judges. */
  readonly engine: NetworkEngine;
  /** Of what trained. */
  readonly engineName: string;
  /** What did not go as it should, in sentences for the user. More may come while it is judged. */
  readonly notes: readonly string[];
  /** Cases that should have taken part and could not. Those that cannot judge are added while they judge. */
  readonly leftOut: readonly LeftOutCase[];
  readonly leaveOut: LeaveOut;
  readonly loader: CaseLoader;
  readonly plan: Plan;
  /** In words. */
  readonly planSentences: readonly string[];
  /** Clean-up is learned on the tune cases; else it is the plan's. */
  readonly learnsCleanUp: boolean;
  /** What planning saw in the data. */
  readonly summary: DataSummary;
  readonly trained: TrainedNetwork;
  /** The patience that it had; undefined: endless. */
  readonly patience: number | undefined;
  readonly split: CohortSplit;
  readonly sets: CaseSets;
  /** Values of the labels that it has learned: others are not judged. */
  readonly learnt: ReadonlySet<number>;
  /** Of those that train and tune. */
  readonly reported: readonly ReportedCase[];
  /** As the outlook counts them: in the direction in which they are reviewed. */
  readonly acceptedSlices: number;
  readonly trainedSlices: number;
  /** What new slices are compared with; null: too few slices. */
  readonly trainedOn: TrainingSlices | null;
  /** The version that predicts now; null: none. */
  readonly active: ModelFile | null;
  /** The version whose weights it started from; null: random. */
  readonly parent: number | null;
  /** Of what trained and tuned (`dataFingerprint`). */
  readonly dataFingerprint: string;
  /** Wall clock of the request until now. */
  readonly seconds: () => number;
  readonly log: (level: 'info' | 'warning', message: string) => void;
  /** Of what is to be done. */
  readonly onFraction: (fraction: number) => void;
}

/** Judges trained weights, writes them as a version and lets the gate decide. Leaves nothing behind if it fails. */
export async function finishTraining(run: FinishedTraining): Promise<TrainResult> {
  const created = await run.store.models.create();
  let published = false;
  try {
    const result = await judgeAndPublish(run, created, () => {
      published = true;
    });
    return result;
  } finally {
    if (!published) await created.discard();
  }
}

async function judgeAndPublish(
  run: FinishedTraining,
  created: NewVersion,
  onPublished: () => void,
): Promise<TrainResult> {
  const { settings, trained, split, sets, active, store, engine, loader, log } = run;
  const { version } = created;
  const weights = trained.best.weights;
  // Who stops wants the result now.
  const plan =
    run.learnsCleanUp && trained.ended !== 'stopped' && sets.tune.length > 0
      ? await withLearntCleanUp(run.plan, versionModel(version, run.plan, weights), sets.tune, engine, loader, log)
      : run.plan;
  const onnx = versionModel(version, plan, weights);
  const activeLearnt = active && learntLabels(await store.models.card(active.version));
  const [set, judges] = sets.holdout.length > 0 ? (['holdout', sets.holdout] as const) : (['tune', sets.tune] as const);
  // The version before may have trained on what tunes now: only on the holdout the two can be compared.
  const before =
    set === 'holdout' && active && activeLearnt
      ? [{ plan: active.plan, onnx: active.bytes, learnt: learntByBoth(run.learnt, activeLearnt) }]
      : [];
  let done = 0;
  const judgement = await judgeModels(
    ...([[{ plan, onnx, learnt: run.learnt }, ...before], judges, set, engine, loader] as const),
    () => run.onFraction(++done / judges.length),
    run.leaveOut,
  );
  const notes = [...run.notes, ...leftOutSentences(run.leftOut)];
  const scores = judgement.scores[0];
  const holdout = set === 'holdout' ? scores : null;
  const previous = judgement.scores[1] ?? null;
  const [holdoutDice, previousDice] = [meanDice(holdout), meanDice(previous)];
  const tuneDice = set === 'tune' ? meanDice(scores) : null;
  const outcome = {
    ...{ cases: sets.holdout.length, judged: holdout?.cases.length ?? 0, dice: holdoutDice, tuneDice },
    ...{ waiting: waitingJudges(run.listing, split), notJudged: notJudgedLabels(plan, run.learnt, scores) },
  };
  const pairs =
    previous && holdout && activeLearnt ? pairScores(holdout, previous, learntByBoth(run.learnt, activeLearnt)) : [];
  const judged = settings.fold
    ? describeFold(settings.fold, outcome)
    : decideGate(
        outcome,
        active && {
          ...{ version: active.version, holdoutDice: previousDice },
          differences: pairs.map(({ difference }) => difference),
          // By what both have learned: the mean over all its labels would compare apples with pears.
          diceInComparison: definedMean(pairs.map(({ dice }) => dice)),
        },
      );
  const gate = settings.fold ? judged : await unlessReplaced(judged, active, store);
  // First: whenever the process dies, what a version has seen is known before the version counts. A fold's versions
  // never come among the cohort's, so what they have seen does not matter there.
  if (!settings.fold) await recordSplit(store, run.listing, plan.labels, split);
  const card: ModelCard = {
    format: 'voxel-loop-model',
    formatVersion: 1,
    version,
    parent: run.parent,
    created: new Date().toISOString(),
    preset: settings.preset,
    engine: run.engineName,
    seed: settings.seed,
    seconds: run.seconds(),
    labels: plan.labels,
    channels: plan.channels.map(({ name }) => name),
    plan,
    data: {
      train: [...split.train],
      tune: [...split.tune],
      holdout: [...split.holdout],
      fingerprint: run.dataFingerprint,
      learnt: [...run.learnt].sort((a, b) => a - b),
      acceptedSlices: acceptedSlices([...sets.train, ...sets.tune]),
      summary: run.summary,
      ...(settings.fold && { fold: settings.fold }),
    },
    metrics: {
      // Measured on the images' voxels, and only where nothing is held out: else the holdout says more.
      tune: set === 'tune' && scores ? scoresOfSet(scores) : null,
      // What chose the weights: counted on the network's plane, no score to compare with the others.
      tunePlaneDice: trained.best.tuneDice,
      holdout: holdout && scoresOfSet(holdout),
    },
    promotion: {
      promoted: gate.activate,
      comparedWith: active && { version: active.version, meanDice: previousDice },
      reason: gate.reason,
      ...(gate.comparison && { comparison: comparisonOfCard(gate.comparison) }),
    },
    training: {
      epochs: trained.epochs,
      steps: trained.steps,
      machine: machineName(),
      slices: run.trainedSlices,
      ended: trained.ended,
      ...(notes.length > 0 && { notes }),
      bestStep: trained.best.step,
      history: [...trained.curve],
    },
  };
  const reportPath = await writeReport(
    created,
    {
      ...reportFromCard(card, run.listing.root),
      labels: plan.labels.slice(1),
      curve: trained.curve,
      bestStep: trained.best.step,
      epochs: trained.epochs,
      steps: trained.steps,
      ended: [endSentence(trained.ended, run.patience), ...notes].join(' '),
      planSentences: [...run.planSentences, ...cleanUpSentence(plan)],
      cases: [
        ...run.reported.filter(({ id }) => !judgement.cases.some((judged) => judged.id === id)),
        ...judgement.cases,
      ],
      holdout: scores,
      measuredOn: set,
      previous: active && set === 'holdout' ? { version: active.version, holdout: previous } : null,
      toleranceMm: TOLERANCE_MM,
      pictures: judgement.pictures,
    },
    log,
  );
  if (run.trainedOn) await writeTrainingSlices(created.files, created.folder, run.trainedOn);
  await publishVersion(created, onnx, card);
  onPublished();
  if (gate.activate) await store.models.activate(version);
  const seconds = run.seconds();
  const longer = settings.fold ? null : longerTraining(trained, holdoutDice ?? tuneDice, seconds);
  const { notLearnt, inNoCase } = outcome.notJudged;
  return {
    version,
    modelDir: created.folder,
    reportPath,
    activated: gate.activate,
    holdoutDice,
    previousHoldoutDice: previousDice,
    holdoutCases: holdout?.cases.length ?? 0,
    tuneDice: trained.best.tuneDice,
    perLabel: plan.labels.slice(1).map(({ value, name }, index) => ({
      value,
      name,
      holdoutDice: defined(holdout?.labels[index].meanDice),
      // Both are measured label by label of the new version.
      previousHoldoutDice: defined(previous?.labels[index].meanDice),
      notJudged: notLearnt.includes(name) ? 'not-learnt' : inNoCase.includes(name) ? 'in-no-case' : null,
    })),
    trainedCases: sets.train.length,
    acceptedSlices: run.acceptedSlices,
    trainedSlices: run.trainedSlices,
    epochs: trained.epochs,
    steps: trained.steps,
    seconds,
    stopped: trained.ended === 'stopped',
    engineName: run.engineName,
    notes,
    leftOut: [...run.leftOut],
    verdict: `${trained.ended === 'stopped' ? 'Stopped early, with the best weights until then. ' : ''}Model ${version} ${gate.activate ? 'is active now' : 'was not made active'}. ${gate.reason}${longerSentence(longer)}`,
    longer,
  };
}

/** Somebody made another version active while this one trained: it was not compared with that one, so it waits. */
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

/** Names of labels that the scores say nothing about. @param scores null: nothing was judged at all */
function notJudgedLabels({ labels }: Plan, learnt: ReadonlySet<number>, scores: CohortScores | null): NotJudged {
  const own = labels.slice(1);
  const names = (left: typeof own) => left.map(({ name }) => name);
  return {
    notLearnt: names(own.filter(({ value }) => !learnt.has(value))),
    inNoCase: scores ? names(own.filter(({ value }, index) => learnt.has(value) && !scores.labels[index].judged)) : [],
  };
}

function acceptedSlices(cases: CaseSets['train']): Record<string, string> {
  return Object.fromEntries(
    cases.map(({ files, accepted }) => [files.id, accepted === null ? ALL_SLICES : formatSlices(accepted)]),
  );
}

function comparisonOfCard({ interval, ...rest }: DifferenceSummary) {
  return { ...rest, interval: interval && ([...interval] as [number, number]), rule: { ...NOT_WORSE_RULE } };
}

function cleanUpSentence({ labels, prediction }: Plan): string[] {
  const rules = prediction.cleanUp.flatMap((rule, index) => {
    const { name } = labels[index + 1];
    if (rule.kind === 'none') return [];
    return rule.kind === 'largest-component'
      ? [`of ${name} only the largest piece is kept`]
      : [`pieces of ${name} below ${rule.volumeMm3} mm3 are removed`];
  });
  return rules.length === 0 ? [] : [`After prediction ${rules.join(', ')}.`];
}

function meanDice(scores: CohortScores | null): number | null {
  return defined(scores?.meanDice);
}

function defined(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
