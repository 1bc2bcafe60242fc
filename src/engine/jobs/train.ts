import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfCancelled } from '../../core/cancel.ts';
import { type LeaveOut, type LeftOutCase, leftOutSentence } from '../../core/cohort/left-out.ts';
import { learntLabels } from '../../core/cohort/records/learnt-labels.ts';
import { CancelledError } from '../../core/errors.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import type { Plan } from '../../core/learn/plan/plan.ts';
import type { PlanOverrides } from '../../core/learn/plan/plan-overrides.ts';
import { warmStarted } from '../../core/learn/plan/warm-start.ts';
import type { CaseFingerprint } from '../../core/learn/planning/fingerprint.ts';
import { planPredictModel } from '../../core/learn/training/network.ts';
import type { TrainedNetwork, TrainingBudget } from '../../core/learn/training/train-network.ts';
import type { Weights } from '../../core/learn/training/training-state.ts';
import type { TrainParams, TrainProgress, TrainResult } from '../../core/protocol/engine/train.ts';
import { counted } from '../../core/text/counted.ts';
import { type CohortListing, listCohort } from '../../node/cohort/cohort-folder.ts';
import { CohortStore } from '../../node/cohort/cohort-store.ts';
import { type TrainingLock, TrainingLockedError } from '../../node/cohort/training-lock.ts';
import { CheckpointFolder, type InterruptedRun } from '../checkpoints/checkpoint-folder.ts';
import { RunJournal, readRunHistory } from '../checkpoints/run-journal.ts';
import { checkSameRun, newRunSettings, type RunRecord, type RunSettings } from '../checkpoints/run-record.ts';
import { CaseLoader } from '../inputs/case-loader.ts';
import { SteadyEngine } from '../steady/steady-engine.ts';
import { channelNames, readActiveModel } from '../training/data/cohort-state.ts';
import { doubtSentences } from '../training/data/doubts.ts';
import { checkedLabels, fingerprintCases, reportedFingerprint } from '../training/data/fingerprint-cases.ts';
import { plannedSet } from '../training/data/planned-sets.ts';
import {
  checkUnchanged,
  freezeData,
  frozenData,
  type TrainingData,
  withoutCases,
} from '../training/data/training-data.ts';
import { finishTraining } from '../training/judging/finish.ts';
import { choosePlan, readOverrides } from '../training/planning/choose-plan.ts';
import { caseWeights, chooseStart } from '../training/planning/choose-start.ts';
import { describeTraining } from '../training/run/describe-training.ts';
import { clearCache, prepareCohort } from '../training/run/prepare.ts';
import { trainSteadily } from '../training/run/steady-training.ts';
import { msPerJudgedCase } from '../training/run/time-needed.ts';
import { NO_FIGURES, TrainClock, type TrainFigures } from '../training/run/train-clock.ts';
import type { JobContext } from './job-context.ts';

/** Writing a version, closing sessions, answering. */
const WRITING_MS = 1500;
/** Judging is planned by the speed of a few slices; images are read, normalised and resampled as well. */
const JUDGING_MARGIN = 1.5;
/** With epochs, training goes on for at least so many evaluations without getting better, and for half of all. */
const LEAST_PATIENCE = 10;

export interface TrainContext extends JobContext<TrainProgress> {
  /** Paths of the bundled threads: what training reads its data with, and what writes its checkpoints. */
  readonly workerFiles: { readonly loader: string; readonly checkpoints: string };
}

/**
 * Trains a new model version on everything that is accepted in a cohort, judges it on the holdout beside the active
 * version, writes it, and makes it active if it is not worse.
 *
 * Cancelled in the first seconds of training it leaves nothing behind; afterwards it goes on with the best weights until
 * then. Killed, it leaves a journal from its first moment on, and as soon as its data is prepared checkpoints that `resume`
 * goes on from.
 *
 * It learns from the labels as they are when it begins, and is judged by them, whatever is saved while it runs or before it
 * is resumed.
 *
 * @throws PlanOverrideError, TrainingLockedError, SplitError, TrainingError, RecordError, VolumeFileError, FileAccessError, CancelledError
 */
export async function train(params: TrainParams, context: TrainContext): Promise<TrainResult> {
  const startedMs = performance.now();
  const listing = await listCohort(params.cohortRoot);
  for (const warning of [...listing.layout.warnings, ...splitWarnings(listing)]) context.log('warning', warning);
  // A slip of the pen is told now, and not after all cases were looked at. A run that goes on has its plan.
  const decided = params.resume
    ? undefined
    : await readOverrides({ planFile: params.planFile, cohortState: new CohortStore(listing.root).stateDir });
  const home = new CohortStore(listing.root, params.outDir);
  const { fold } = params;
  const store = fold ? home.fold(fold) : home;
  const lock = await lockTraining(store, params.resume === true);
  try {
    // A version that has no place is told before it is trained.
    await store.files.check(store.models.folderOf(1));
    const checkpoints = new CheckpointFolder(store);
    const interrupted = await interruptedRun(params, checkpoints, store, context);
    const settings = interrupted?.record.settings ?? newRunSettings(params);
    const secondsSpent = (interrupted?.record.seconds ?? 0) + (performance.now() - startedMs) / 1000;
    const clock = new TrainClock(settings.minutes, secondsSpent, context.progress);
    clock.tell('preparing', 0, NO_FIGURES);
    const startedAt = interrupted?.record.startedAt ?? new Date().toISOString();
    const known = { params, settings, startedAt, interrupted, decided };
    return await trainLocked({ ...known, context, listing, home, store, checkpoints, clock });
  } finally {
    await lock.release();
  }
}

/** A run that was killed a moment ago may still be giving back its memory: who resumes it waits for that. */
async function lockTraining(store: CohortStore, resume: boolean): Promise<TrainingLock> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.lockTraining();
    } catch (error) {
      if (!resume || !(error instanceof TrainingLockedError) || attempt === 10) throw error;
      await sleep(500);
    }
  }
}

/** The run to go on with, if that is asked for. @throws TrainingError if there is none, or it was told something else */
async function interruptedRun(
  params: TrainParams,
  checkpoints: CheckpointFolder,
  store: CohortStore,
  { log }: TrainContext,
): Promise<InterruptedRun | null> {
  if (!params.resume) {
    if (await checkpoints.exists()) {
      log(
        'warning',
        'A training of this cohort was interrupted. Its checkpoints are kept until this one writes its own; to go on with it instead, stop now and resume.',
      );
    }
    return null;
  }
  const interrupted = await checkpoints.read();
  if (!interrupted) {
    const history = await readRunHistory(store.runJournalPath).catch(() => null);
    throw new TrainingError(
      history
        ? `The training that was started in ${store.stateDir} at ${history.started.at} was cut off before it had kept anything: train without resuming.`
        : `No training was interrupted in ${store.stateDir}, so there is nothing to resume: train without resuming.`,
    );
  }
  checkSameRun(params, interrupted.record);
  return interrupted;
}

interface LockedTraining {
  readonly params: TrainParams;
  readonly context: TrainContext;
  readonly listing: CohortListing;
  /** The cohort's state; of a fold the state that its folder is in. */
  readonly home: CohortStore;
  /** Where versions and checkpoints go. */
  readonly store: CohortStore;
  readonly checkpoints: CheckpointFolder;
  readonly interrupted: InterruptedRun | null;
  readonly settings: RunSettings;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the plan; undefined: nothing. */
  readonly decided: PlanOverrides | undefined;
  readonly clock: TrainClock;
}

async function trainLocked(training: LockedTraining): Promise<TrainResult> {
  const { checkpoints, interrupted, settings, startedAt, store } = training;
  const kept = interrupted && (await frozenData(training, interrupted.record));
  const leftOut: LeftOutCase[] = [...(interrupted?.record.leftOut ?? [])];
  const leaveOut: LeaveOut = (left) => {
    leftOut.push(left);
    training.context.log('warning', leftOutSentence(left));
  };
  const told = { at: startedAt, preset: settings.preset, minutes: settings.minutes ?? null };
  const journal = await (interrupted ? RunJournal.goOn : RunJournal.start)(store, told);
  let data: TrainingData | undefined;
  try {
    data = kept ?? (await currentData(training, leaveOut));
    return await trainOn(training, data, journal, leftOut, leaveOut);
  } catch (error) {
    // A run that ends by itself before it has learned anything leaves nothing that could be resumed.
    const { writtenStep } = checkpoints;
    if (!interrupted && writtenStep !== null && (writtenStep === 0 || error instanceof CancelledError)) {
      await checkpoints.remove();
    }
    throw error;
  } finally {
    await journal.close();
    if (!kept && checkpoints.writtenStep === null) await data?.snapshot.remove();
    if (!interrupted && checkpoints.writtenStep === null) await journal.discard();
  }
}

/** The data as it is now. Of a run that goes on, nothing was kept: it must be what it was. */
async function currentData(training: LockedTraining, leaveOut: LeaveOut): Promise<TrainingData> {
  const { checkpoints, interrupted, settings, context } = training;
  if (interrupted) await checkUnchanged(training, interrupted.record);
  return freezeData(training, settings, await checkpoints.exists(), context.signal, leaveOut);
}

async function trainOn(
  training: LockedTraining,
  found: TrainingData,
  journal: RunJournal,
  leftOut: readonly LeftOutCase[],
  leaveOut: LeaveOut,
): Promise<TrainResult> {
  const { params, context, listing, store, checkpoints, interrupted, settings, decided, clock } = training;
  const { signal, log } = context;
  const { record, cases, ignoredValue } = found;
  log(
    'info',
    `Training on ${counted(found.sets.train.length, 'case')}, tuning on ${found.sets.tune.length}, judging on ${found.sets.holdout.length}.`,
  );
  const reserved = new Set(found.split.reserved);
  const waiting = cases.map(({ files }) => files.id).filter((id) => reserved.has(id));
  if (waiting.length > 0) {
    log(
      'info',
      `Held out to judge as soon as they are complete, and not trained on: ${waiting.slice(0, 5).join(', ')}${waiting.length > 5 ? ` and ${waiting.length - 5} more` : ''}.`,
    );
  }

  const threads = interrupted?.record.threads ?? params.threads ?? context.engines.threads;
  const choice = params.engine ?? interrupted?.record.engine ?? 'auto';
  const notes = [...(interrupted?.record.notes ?? [])];
  const tell = (note: string) => {
    notes.push(note);
    log('warning', note);
  };
  const engine = await SteadyEngine.start(context.engines, choice, 'train', tell, { threads, without: params.without });
  const predicting = engine.forPredicting();
  const loader = new CaseLoader(record.labels, ignoredValue);
  const fingerprinted = await fingerprintCases(
    [...found.sets.train, ...found.sets.tune],
    loader,
    signal,
    (fraction) => clock.tell('preparing', fraction / 2, NO_FIGURES),
    leaveOut,
    log,
  );
  const read = new Set(fingerprinted.map(({ id }) => id));
  const unread = [...found.sets.train, ...found.sets.tune].filter(({ files }) => !read.has(files.id));
  if (interrupted && unread.length > 0) {
    throw new TrainingError(
      `Case ${unread[0].files.id}, which the interrupted training learns from, cannot be read any more: restore it, or train from the start, without resuming.`,
    );
  }
  const frozen = withoutCases(
    found,
    leftOut.filter(({ id }) => unread.some(({ files }) => files.id === id)),
  );
  const { split, sets, fingerprint: seenData } = frozen;
  const fingerprints = fingerprinted.map(({ fingerprint }) => fingerprint);
  for (const sentence of doubtSentences(fingerprinted)) if (!notes.includes(sentence)) tell(sentence);
  const { plan, sentences, summary, ...chosen } = choosePlan(
    {
      preset: settings.preset,
      labels: checkedLabels(loader, fingerprints.slice(0, sets.train.length)),
      channelNames: channelNames(listing, sets.train[0]),
      cases: fingerprints,
      cores: threads,
      onGpu: engine.onGpu,
      memoryBytes: totalmem(),
      deviceBytes: engine.memoryBytes,
    },
    decided,
    interrupted?.record.plan,
  );
  const learnsCleanUp = interrupted?.record.learnsCleanUp ?? chosen.learnsCleanUp;
  for (const sentence of sentences) log('info', sentence);
  clock.planned({ sentences, labels: plan.labels.slice(1) });

  // A model of the cohort may have seen what this fold holds out.
  const active = settings.fold ? null : await readActiveModel(store);
  const start = interrupted ? null : await chooseStart(settings, plan, active, store, split);
  if (start?.note) log('info', start.note);
  if (interrupted) log('info', `Going on after step ${interrupted.state.step}.`);
  const isSameEngine = interrupted?.record.engine === engine.id;
  if (interrupted && !isSameEngine) {
    tell(`Training goes on with ${engine.name}, another engine than before: results differ in their last digits.`);
  }
  const parent = interrupted ? interrupted.record.parent : (start?.parent?.version ?? null);
  const learnt = await learntValues(plan, fingerprints.slice(0, sets.train.length), parent, store);
  const parts = { atOnce: (isSameEngine && interrupted?.record.slicesAtOnce) || plan.batch.size };
  const runRecord = (): RunRecord => ({
    settings,
    startedAt: training.startedAt,
    engine: engine.id,
    threads,
    ...(parts.atOnce !== plan.batch.size && { slicesAtOnce: parts.atOnce }),
    ...(notes.length > 0 && { notes: [...notes] }),
    ...(leftOut.length > 0 && { leftOut: [...leftOut] }),
    plan,
    learnsCleanUp,
    split,
    dataFingerprint: seenData,
    snapshot: frozen.snapshot.run,
    parent,
    newCases: interrupted ? interrupted.record.newCases : (start?.newCases ?? []),
    seconds: clock.seconds,
  });
  let isDone = false;
  // Before it begins: an image that goes meanwhile must not cost what was learned.
  const acceptedSlices = (await plannedSet(sets.train, null, plan.slicing)).slices;
  await store.cacheFiles.makeFolder(store.cacheFolder);
  const data = await prepareCohort({
    ...{ plan, seed: settings.seed, train: sets.train, tune: sets.tune, signal, log },
    caseWeights: caseWeights(split.train, runRecord().newCases),
    ignoredValue,
    folder: store.cacheFolder,
    largestVoxels: Math.max(...fingerprints.map(voxelsOf)),
    workerFile: context.workerFiles.loader,
    onFraction: (fraction) => clock.tell('preparing', (1 + fraction) / 2, NO_FIGURES),
  });
  try {
    const judges = sets.holdout.length > 0 ? sets.holdout.length * (active ? 2 : 1) : sets.tune.length;
    const msPerCase = Number.isFinite(clock.deadlineMs)
      ? await msPerJudgedCase(predicting, plan, loader, sets.train[0], fingerprints)
      : 0;
    const judgingMs = (judges + (learnsCleanUp ? sets.tune.length : 0)) * msPerCase * JUDGING_MARGIN;
    throwIfCancelled(signal);
    const predictModel = (weights: Weights) => planPredictModel(plan, weights);
    const writer = checkpoints.writer({
      ...{ record: runRecord, predictModel, workerFile: context.workerFiles.checkpoints, log },
      onWritten: (written) => journal.checkpoint(written),
    });
    const patience = patienceOf(settings);
    const trained = await trainSteadily({
      ...{ engine, predicting, parts, tell, seed: settings.seed },
      plan: parent === null ? plan : warmStarted(plan),
      weights: start?.weights ?? new Map(),
      predictModel,
      batches: data.batches,
      tune: data.tune,
      learnt: plan.labels.slice(1).map(({ value }) => learnt.has(value)),
      budget: budgetOf(settings, trainUntilMs(clock.deadlineMs, judgingMs + WRITING_MS)),
      patience,
      goOnFrom: interrupted?.state,
      checkpoints: writer.checkpoints,
      lastCheckpoint: async () => {
        await writer.checkpoints.flush();
        return checkpoints.writtenStep === null ? null : ((await checkpoints.read())?.state ?? null);
      },
      now: () => performance.now(),
      signal,
      onProgress: ({ fraction, trainedMs, lastStepMs, ...figures }) => {
        const { step, loss, learningRate } = figures;
        journal.step({ step, trainedMs, stepMs: lastStepMs, loss, learningRate });
        clock.tell('training', fraction, figures);
      },
    }).finally(async () => {
      await writer.checkpoints.flush();
      await writer.close();
    });
    const figures = finalFigures(trained);
    clock.tell('evaluating', 0, figures);
    const result = await finishTraining({
      ...{
        settings,
        listing,
        store,
        loader,
        plan,
        summary,
        learnsCleanUp,
        trained,
        patience,
        notes,
        leftOut,
        leaveOut,
      },
      ...{ engine: predicting, engineName: engine.name },
      ...{ split, sets, learnt, active, log, dataFingerprint: seenData, parent },
      trainedOn: await describeTraining(data.train, store.cacheFolder, plan),
      planSentences: sentences,
      reported: fingerprinted.map((found, index) =>
        reportedFingerprint(found, index < sets.train.length ? 'train' : 'tune', plan),
      ),
      acceptedSlices,
      trainedSlices: data.batches.slices,
      seconds: () => clock.seconds,
      onFraction: (fraction) => clock.tell('evaluating', fraction, figures),
    });
    // What was stopped can still be resumed: the version that it gave is the best until then.
    isDone = trained.ended !== 'stopped';
    if (isDone) await checkpoints.remove();
    else await checkpoints.keptAs(result.version);
    return result;
  } finally {
    await data.batches.close();
    // Nobody trains a fold twice, and N copies of the data are many.
    if (isDone && settings.fold) await clearCache(store);
  }
}

/** A name in the splits.json that no case bears is most likely misspelt, and the case meant is then in neither set. */
function splitWarnings({ layout, declaredSplit }: CohortListing): string[] {
  const ids = new Set(layout.cases.map(({ files }) => files.id));
  const unknown = [...(declaredSplit?.train ?? []), ...(declaredSplit?.val ?? [])].filter((id) => !ids.has(id));
  if (unknown.length === 0) return [];
  const some = unknown
    .slice(0, 3)
    .map((id) => `"${id}"`)
    .join(', ');
  return [
    `The splits.json names ${some}${unknown.length > 3 ? ` and ${unknown.length - 3} more` : ''}, but the cohort has no such case: it takes case names without channel number and ending, such as "${layout.cases[0]?.files.id ?? 'case'}".`,
  ];
}

/** Labels that the cases show which train, and those that the version had learned which it starts from. */
async function learntValues(
  { labels }: Plan,
  train: readonly CaseFingerprint[],
  parent: number | null,
  store: CohortStore,
): Promise<ReadonlySet<number>> {
  const inherited = parent === null ? new Set<number>() : learntLabels(await store.models.card(parent));
  const isShown = (index: number) => train.some(({ classVoxels }) => (classVoxels[index] ?? 0) > 0);
  return new Set(
    labels.flatMap(({ value }, index) => (index > 0 && (isShown(index) || inherited.has(value)) ? value : [])),
  );
}

function voxelsOf({ finest, sliced }: CaseFingerprint): number {
  const { slices, rows, columns } = sliced[finest];
  return slices * rows * columns;
}

/**
 * Leaves time to judge. But where judging would take more than half of what is left, training gets its half and the run
 * is late: what was hardly trained is not worth judging.
 */
function trainUntilMs(deadlineMs: number, afterwardsMs: number): number {
  const nowMs = performance.now();
  return Math.max(deadlineMs - afterwardsMs, nowMs + (deadlineMs - nowMs) / 2);
}

function budgetOf({ epochs, minutes }: RunSettings, untilMs: number): TrainingBudget {
  if (epochs === undefined) return { kind: 'time', untilMs };
  return { kind: 'epochs', epochs, ...(minutes !== undefined && { untilMs }) };
}

/**
 * The learning rate falls over the whole run and the best comes late: with epochs, half of them at least are waited for.
 * A time is a promise that is kept.
 */
function patienceOf({ patience, epochs }: RunSettings): number | undefined {
  if (patience !== undefined) return patience === 0 ? undefined : patience;
  return epochs === undefined ? undefined : Math.max(LEAST_PATIENCE, Math.ceil(epochs / 2));
}

function finalFigures({ epochs, steps, curve, best }: TrainedNetwork): TrainFigures {
  return {
    epoch: epochs,
    step: steps,
    loss: curve.at(-1)?.loss ?? null,
    tuneDice: best.tuneDice,
    bestTuneDice: best.tuneDice,
    learningRate: curve.at(-1)?.learningRate ?? null,
    evaluation: curve.at(-1) ?? null,
  };
}
