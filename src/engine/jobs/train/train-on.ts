import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { CaseFingerprint } from '../../../core/learn/planning/fingerprint.ts';
import type { TrainedNetwork } from '../../../core/learn/training/network-training.ts';
import type { TrainResult } from '../../../core/protocol/engine/train.ts';
import { counted } from '../../../core/text/counted.ts';
import type { RunRecord } from '../../checkpoints/run-record.ts';
import { SteadyEngine } from '../../steady/steady-engine.ts';
import { reportedFingerprint } from '../../training/data/fingerprint-cases.ts';
import { plannedSet } from '../../training/data/planned-sets.ts';
import type { TrainingData } from '../../training/data/training-data.ts';
import { finishTraining } from '../../training/judging/finish.ts';
import { caseWeights } from '../../training/planning/choose-start.ts';
import { describeTraining } from '../../training/run/describe-training.ts';
import { clearCache, type PreparedCohort, prepareCohort } from '../../training/run/prepare.ts';
import { NO_FIGURES, type TrainFigures } from '../../training/run/train-clock.ts';
import { type Beginning, chooseBeginning } from './choose-beginning.ts';
import { decidePlan } from './decide-plan.ts';
import { learn, patienceOf, type ReadyRun } from './learn.ts';
import { type ReadCases, readCases } from './read-cases.ts';
import type { TrainingRun } from './training-run.ts';

/** Trains on data that is frozen, judges what comes of it and writes it as a version. */
export async function trainOn(run: TrainingRun): Promise<TrainResult> {
  const { params, context, store, interrupted, settings } = run;
  tellSets(run.found, context.log);
  const threads = interrupted?.record.threads ?? params.threads ?? context.engines.threads;
  const choice = params.engine ?? interrupted?.record.engine ?? 'auto';
  const wishes = { threads, without: params.without };
  const engine = await SteadyEngine.start(context.engines, choice, 'train', run.tell, wishes);
  const predicting = engine.forPredicting();
  const cases = await readCases(run);
  const decided = decidePlan(run, cases, engine, threads);
  const { plan, learnsCleanUp } = decided;
  const beginning = await chooseBeginning(run, plan, cases, engine);
  const record = (): RunRecord => ({
    settings,
    startedAt: run.startedAt,
    engine: engine.id,
    threads,
    ...(beginning.parts.atOnce !== plan.batch.size && { slicesAtOnce: beginning.parts.atOnce }),
    ...(run.notes.length > 0 && { notes: [...run.notes] }),
    ...(run.leftOut.length > 0 && { leftOut: [...run.leftOut] }),
    plan,
    learnsCleanUp,
    split: cases.data.split,
    dataFingerprint: cases.data.fingerprint,
    snapshot: cases.data.snapshot.run,
    parent: beginning.parent,
    newCases: [...beginning.newCases],
    seconds: run.clock.seconds,
  });
  // The slices are counted before training begins, because an image that goes meanwhile must not cost what was learned.
  const { slices: acceptedSlices } = await plannedSet(cases.data.sets.train, null, plan.slicing);
  const prepared = await prepare(run, cases, plan, beginning);
  let isDone = false;
  try {
    const ready = { cases, decided, beginning, prepared, engine, predicting, record };
    const trained = await learn(run, ready);
    const result = await finish(run, ready, trained, acceptedSlices);
    // What was stopped can still be resumed: the version that it gave is the best until then.
    isDone = trained.ended !== 'stopped';
    if (isDone) await run.checkpoints.remove();
    else await run.checkpoints.keptAs(result.version);
    return result;
  } finally {
    await prepared.batches.close();
    // Nobody trains a fold twice, and N copies of the data are many.
    if (isDone && settings.fold) await clearCache(store);
  }
}

function tellSets({ sets, cases, split }: TrainingData, log: (level: 'info', message: string) => void): void {
  const { train, tune, holdout } = sets;
  log('info', `Training on ${counted(train.length, 'case')}, tuning on ${tune.length}, judging on ${holdout.length}.`);
  const reserved = new Set(split.reserved);
  const waiting = cases.map(({ files }) => files.id).filter((id) => reserved.has(id));
  if (waiting.length === 0) return;
  const rest = waiting.length > 5 ? ` and ${waiting.length - 5} more` : '';
  const names = waiting.slice(0, 5).join(', ');
  log('info', `Held out to judge as soon as they are complete, and not trained on: ${names}${rest}.`);
}

/** Makes the slices that the network sees, or finds those of an earlier run. */
async function prepare(
  { context, settings, store, clock }: TrainingRun,
  { data, fingerprinted }: ReadCases,
  plan: Plan,
  { newCases }: Beginning,
): Promise<PreparedCohort> {
  await store.cacheFiles.makeFolder(store.cacheFolder);
  return prepareCohort({
    plan,
    seed: settings.seed,
    train: data.sets.train,
    tune: data.sets.tune,
    caseWeights: caseWeights(data.split.train, newCases),
    ignoredValue: data.ignoredValue,
    folder: store.cacheFolder,
    largestVoxels: Math.max(...fingerprinted.map(({ fingerprint }) => voxelsOf(fingerprint))),
    workerFile: context.workerFiles.loader,
    signal: context.signal,
    log: context.log,
    onFraction: (fraction) => clock.tell('preparing', (1 + fraction) / 2, NO_FIGURES),
  });
}

/** Judges the trained weights, and writes them as a version. */
async function finish(
  run: TrainingRun,
  { cases, decided, beginning, prepared, engine, predicting }: ReadyRun,
  trained: TrainedNetwork,
  acceptedSlices: number,
): Promise<TrainResult> {
  const { settings, listing, store, clock } = run;
  const { data, loader, fingerprinted } = cases;
  const { plan, sentences, summary, learnsCleanUp } = decided;
  const figures = finalFigures(trained);
  clock.tell('evaluating', 0, figures);
  return finishTraining({
    settings,
    listing,
    store,
    loader,
    plan,
    summary,
    learnsCleanUp,
    trained,
    patience: patienceOf(settings),
    notes: run.notes,
    leftOut: run.leftOut,
    leaveOut: run.leaveOut,
    engine: predicting,
    engineName: engine.name,
    split: data.split,
    sets: data.sets,
    learnt: beginning.learnt,
    active: beginning.active,
    log: run.context.log,
    dataFingerprint: data.fingerprint,
    parent: beginning.parent,
    trainedOn: await describeTraining(prepared.train, store.cacheFolder, plan),
    planSentences: sentences,
    reported: fingerprinted.map((found, index) =>
      reportedFingerprint(found, index < data.sets.train.length ? 'train' : 'tune', plan),
    ),
    acceptedSlices,
    trainedSlices: prepared.batches.slices,
    seconds: () => clock.seconds,
    onFraction: (fraction) => clock.tell('evaluating', fraction, figures),
  });
}

function voxelsOf({ finest, sliced }: CaseFingerprint): number {
  const { slices, rows, columns } = sliced[finest];
  return slices * rows * columns;
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
