import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { splitCohort } from '../../core/cohort/splits.ts';
import { describePlan } from '../../core/learn/describe-plan.ts';
import { type CaseFingerprint, caseFingerprint } from '../../core/learn/fingerprint.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { makePlan } from '../../core/learn/make-plan.ts';
import { planInitialWeights, planPredictModel, planTrainingGraph } from '../../core/learn/network.ts';
import type { NetworkEngine } from '../../core/learn/network-engine.ts';
import { canWarmStart, inputChannels, type Plan } from '../../core/learn/plan.ts';
import type { StoredPlanes } from '../../core/learn/plane-source.ts';
import { type TrainedNetwork, type TrainingBudget, trainNetwork } from '../../core/learn/train-network.ts';
import { TrainingSamples } from '../../core/learn/training-samples.ts';
import { readModelWeights } from '../../core/net/onnx/read-model.ts';
import type { TrainParams, TrainProgress, TrainResult } from '../../core/protocol/engine-contract.ts';
import { SeededRandom } from '../../core/random.ts';
import { type CohortListing, listCohort } from '../../node/cohort-folder.ts';
import { CohortStore } from '../../node/cohort-store.ts';
import { CaseLoader, caseTruth } from '../training/case-loader.ts';
import { channelNames, readActiveModel, readOrStartRecord } from '../training/cohort-state.ts';
import { findTrainableCases, type TrainableCase } from '../training/find-cases.ts';
import { type CaseSets, finishTraining } from '../training/finish.ts';
import { preparePlanes, shareThatFits } from '../training/prepare.ts';
import { TrainClock } from '../training/train-clock.ts';
import type { JobContext } from './job-context.ts';

/** Without `minutes` and `epochs`. */
const DEFAULT_MINUTES = 5;
/** Background counted. The largest anatomies have a hundred; an image taken for a label file has thousands. */
const MOST_LABELS = 256;
/** Writing a version, closing sessions, answering. */
const WRITING_MS = 1500;
/** Judging is planned by the speed of a few slices; images are read, normalised and resampled as well. */
const JUDGING_MARGIN = 1.5;

const NO_FIGURES = { epoch: 0, step: 0, loss: null, tuneDice: null, bestTuneDice: null } as const;

type Context = JobContext<TrainProgress>;

/**
 * Trains a new model version on everything that is accepted in a cohort, judges it on the holdout beside the active
 * version, writes it, and makes it active if it is not worse.
 *
 * Cancelled before the first evaluation it leaves nothing behind; afterwards it goes on with the best weights until then.
 *
 * @throws TrainingLockedError, SplitError, TrainingError, RecordError, NiftiError, FileAccessError, CancelledError
 */
export async function train(params: TrainParams, context: Context): Promise<TrainResult> {
  const minutes = params.minutes ?? (params.epochs === undefined ? DEFAULT_MINUTES : undefined);
  const clock = new TrainClock(minutes, context.progress);
  clock.tell('preparing', 0, NO_FIGURES);
  const listing = await listCohort(params.cohortRoot);
  for (const warning of [...listing.layout.warnings, ...splitWarnings(listing)]) context.log('warning', warning);
  const store = new CohortStore(listing.root, params.outDir);
  const lock = await store.lockTraining();
  try {
    return await trainLocked(params, context, clock, listing, store);
  } finally {
    await lock.release();
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

async function trainLocked(
  params: TrainParams,
  context: Context,
  clock: TrainClock,
  listing: CohortListing,
  store: CohortStore,
): Promise<TrainResult> {
  const { signal, log } = context;
  // What people reviewed lies with the cohort, wherever the models go.
  const cohort = new CohortStore(listing.root);
  const record = await readOrStartRecord(store, cohort, listing);
  const cases = await findTrainableCases(listing, cohort, log);
  checkChannels(cases);
  const candidates = cases.map(({ candidate }) => candidate);
  const split = splitCohort(candidates, record, listing.declaredSplit, record.holdoutSeed, params.seed);
  const byId = new Map(cases.map((found) => [found.files.id, found]));
  const pick = (ids: readonly string[]) => ids.map((id) => byId.get(id) as TrainableCase);
  const sets = { train: pick(split.train), tune: pick(split.tune), holdout: pick(split.holdout) };
  log(
    'info',
    `Training on ${sets.train.length} cases, tuning on ${sets.tune.length}, judging on ${sets.holdout.length}.`,
  );

  const { engine } = await context.engines.get(params.engine);
  const loader = new CaseLoader(record.labels, listing.dataset?.ignoreValue ?? null);
  const fingerprints = await takeFingerprints([...sets.train, ...sets.tune], loader, signal, (fraction) =>
    clock.tell('preparing', fraction / 2, NO_FIGURES),
  );
  const plan = makePlan({
    preset: params.preset,
    labels: checkedLabels(loader, fingerprints.slice(0, sets.train.length)),
    channelNames: channelNames(listing, sets.train[0]),
    cases: fingerprints,
    onGpu: engine.target !== 'cpu',
  });
  for (const sentence of describePlan(plan)) log('info', sentence);
  const planes = await prepare(params, context, clock, plan, loader, fingerprints, sets);

  const samples = new TrainingSamples(planes.train, plan, new SeededRandom(params.seed));
  const active = await readActiveModel(store);
  // In the same minutes it ends clearly better than from random weights (docs/measurements/hippocampus.md).
  const parent = active && (params.warmStart ?? true) && canWarmStart(active.plan, plan) ? active : null;
  if (parent) log('info', `Starting from the weights of ${parent.name}.`);
  const weights = parent ? readModelWeights(parent.bytes) : planInitialWeights(plan, params.seed);

  const slicesPerCase =
    fingerprints.reduce((sum, { sliced }) => sum + sliced[plan.slicing].slices, 0) / fingerprints.length;
  const msPerSlice = sets.holdout.length === 0 ? 0 : await msPerPredictedSlice(engine, plan);
  const msPerJudgedCase = loader.msPerCase + slicesPerCase * msPerSlice * (active ? 2 : 1);
  throwIfCancelled(signal);
  const trained = await trainNetwork({
    plan,
    engine,
    model: { graph: planTrainingGraph(plan, engine.target, params.seed), weights },
    predictModel: (current) => planPredictModel(plan, current),
    samples,
    tune: planes.tune,
    budget: budgetOf(params, clock.deadlineMs - sets.holdout.length * msPerJudgedCase * JUDGING_MARGIN - WRITING_MS),
    now: () => performance.now(),
    signal,
    onProgress: ({ fraction, ...figures }) => clock.tell('training', fraction, figures),
  });
  const figures = finalFigures(trained);
  clock.tell('evaluating', 0, figures);
  return finishTraining({
    ...{ params, listing, store, engine, loader, plan, trained, split, sets, active, parent, log },
    trainedSlices: samples.slices,
    seconds: () => clock.seconds,
    onJudged: (done, all) => clock.tell('evaluating', done / all, figures),
  });
}

async function takeFingerprints(
  cases: readonly TrainableCase[],
  loader: CaseLoader,
  signal: CancelSignal,
  onFraction: (fraction: number) => void,
): Promise<CaseFingerprint[]> {
  const fingerprints: CaseFingerprint[] = [];
  for (const found of cases) {
    throwIfCancelled(signal);
    const loaded = await loader.load(found, signal);
    // Classes are counted in the labels known until now: later files only add behind them.
    const truth = caseTruth(found, loaded, loader.table);
    fingerprints.push(caseFingerprint(loaded.image, truth, loader.table.length));
    onFraction(fingerprints.length / cases.length);
  }
  return fingerprints;
}

/** @throws TrainingError if not all have the same number of channels */
function checkChannels(cases: readonly TrainableCase[]): void {
  const [first] = cases;
  const other = cases.find(({ files }) => files.channels.length !== first.files.channels.length);
  if (!other) return;
  throw new TrainingError(
    `Case ${first.files.id} has ${first.files.channels.length} channels and case ${other.files.id} has ${other.files.channels.length}: a model needs the same channels in every case. Complete or remove the others.`,
  );
}

/** @param train of the cases that train. @throws TrainingError if nothing is labelled at all, or these are no labels */
function checkedLabels(loader: CaseLoader, train: readonly CaseFingerprint[]): Plan['labels'] {
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

async function prepare(
  { seed }: TrainParams,
  { signal, log }: Context,
  clock: TrainClock,
  plan: Plan,
  loader: CaseLoader,
  fingerprints: readonly CaseFingerprint[],
  sets: CaseSets,
): Promise<{ train: StoredPlanes[]; tune: StoredPlanes[] }> {
  const share = shareThatFits(plan, fingerprints);
  if (share < 1) {
    log('warning', `Not all slices fit into memory: a random ${Math.ceil(share * 100)} % of them are used this time.`);
  }
  let prepared = 0;
  const onCase = () => clock.tell('preparing', 0.5 + ++prepared / fingerprints.length / 2, NO_FIGURES);
  return {
    train: await preparePlanes(sets.train, plan, loader, { share, seed, signal, onCase }),
    tune: await preparePlanes(sets.tune, plan, loader, { share, seed, signal, onCase }),
  };
}

/** How long one slice takes to predict: the best of a few tries on slices of nothing, after one to warm up. */
async function msPerPredictedSlice(engine: NetworkEngine, plan: Plan): Promise<number> {
  const slices = 8;
  const shape = [slices, inputChannels(plan), plan.plane.rows, plan.plane.columns];
  const input = { data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)), shape };
  const predictor = await engine.createPredictor(planPredictModel(plan, planInitialWeights(plan, 0)));
  try {
    await predictor.predict(input);
    let bestMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt++) {
      const beganMs = performance.now();
      await predictor.predict(input);
      bestMs = Math.min(bestMs, performance.now() - beganMs);
    }
    return bestMs / slices;
  } finally {
    await predictor.close();
  }
}

function budgetOf({ epochs, minutes }: TrainParams, untilMs: number): TrainingBudget {
  if (epochs === undefined) return { kind: 'time', untilMs };
  return { kind: 'epochs', epochs, ...(minutes !== undefined && { untilMs }) };
}

function finalFigures({ epochs, steps, history, tuneDice }: TrainedNetwork) {
  return {
    epoch: epochs,
    step: steps,
    loss: history.at(-1)?.loss ?? null,
    tuneDice,
    bestTuneDice: tuneDice,
  };
}
