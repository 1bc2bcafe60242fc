import { totalmem } from 'node:os';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { type LeaveOut, type LeftOutCase, leftOutSentence } from '../../core/cohort/left-out.ts';
import type { ModelCard } from '../../core/cohort/records/cohort-record.ts';
import { SplitError } from '../../core/cohort/records/splits.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { planViews } from '../../core/learn/plan/plan.ts';
import { knownSpeed } from '../../core/learn/planning/training-speed.ts';
import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import type { PlanTrainingParams, TrainingOutlook } from '../../core/protocol/engine/plan-training.ts';
import { type CohortListing, listCohort } from '../../node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { newRunSettings } from '../checkpoints/run-record.ts';
import { CaseLoader } from '../inputs/case-loader.ts';
import { findTrainableCases, type TrainableCase } from '../inputs/find-cases.ts';
import { type ChosenSets, chooseSets, noCaseLeft } from '../training/data/choose-sets.ts';
import { channelNames } from '../training/data/cohort-state.ts';
import { doubtSentences } from '../training/data/doubts.ts';
import { checkedLabels, type FingerprintedCase, fingerprintCases } from '../training/data/fingerprint-cases.ts';
import { plannedSet, sentencesOfOthers } from '../training/data/planned-sets.ts';
import { spread } from '../training/data/spread.ts';
import { machineName } from '../training/judging/machine-name.ts';
import { type ChosenPlan, choosePlan, readOverrides } from '../training/planning/choose-plan.ts';
import type { JobContext } from './job-context.ts';

/** The plan is made from so many cases at most, spread over the cohort, or from as many as can be read in this time. */
const CASES_FOR_PLAN = 24;
const READING_MS = 8000;

const EMPTY = { cases: 0, slices: 0, newCases: 0, newSlices: 0 };

/**
 * Says what `train` would do. Whatever keeps it from training is told as an obstacle.
 *
 * @throws CohortFolderError
 * @throws RecordError
 * @throws PlanOverrideError
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws ProviderStartError
 * @throws CancelledError
 */
export async function planTraining(
  params: PlanTrainingParams,
  { engines, signal }: Pick<JobContext<never>, 'engines' | 'signal'>,
): Promise<TrainingOutlook> {
  const listing = await listCohort(params.cohortRoot);
  const store = new CohortStore(listing.root, params.outDir);
  const settings = newRunSettings(params);
  const active = await store.models.active();
  const trained = active === null ? null : (await store.models.card(active)).data;
  const leftOut: LeftOutCase[] = [];
  const leaveOut: LeaveOut = (left) => leftOut.push(left);
  const outlook: TrainingOutlook = {
    obstacle: null,
    sets: { train: EMPTY, tune: EMPTY, holdout: EMPTY },
    since: active,
    leftOut: [...listing.layout.warnings],
    sentences: [],
    plannedFromCases: 0,
    minutes: settings.minutes ?? 0,
    speed: null,
    batchSize: null,
    directions: 1,
  };
  let chosen: ChosenSets;
  try {
    chosen = await chooseSets(listing, store, settings, leaveOut);
  } catch (error) {
    if (!(error instanceof SplitError || error instanceof TrainingError)) throw error;
    const cases = await findTrainableCases(listing, new CohortStore(listing.root), () => undefined);
    const sentences = [...outlook.leftOut, ...sentencesOfOthers(listing, { cases, split: null }, leftOut)];
    return { ...outlook, obstacle: error.message, leftOut: sentences };
  }
  const { sets } = chosen;
  const known = { ...outlook, leftOut: [...outlook.leftOut, ...sentencesOfOthers(listing, chosen, leftOut)] };
  const { engine } = await engines.get(params.engine ?? 'auto', 'train');
  try {
    const { plan, read, doubts } = await planFromSome(
      params,
      listing,
      chosen,
      engine,
      engines.threads,
      signal,
      (left) => known.leftOut.push(leftOutSentence(left)),
    );
    const cards = await Promise.all((await store.models.list()).map((version) => store.models.card(version)));
    return {
      ...known,
      sets: await plannedSets(sets, trained, plan.plan.slicing),
      sentences: [...doubts, ...plan.sentences],
      plannedFromCases: read,
      speed: knownSpeed(cards, { plan: plan.plan, engine: engine.name, machine: machineName() }),
      batchSize: plan.plan.batch.size,
      directions: planViews(plan.plan).length,
    };
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    return { ...known, sets: await plannedSets(sets, trained, null), obstacle: error.message };
  }
}

async function plannedSets(
  { train, tune, holdout }: ChosenSets['sets'],
  trained: ModelCard['data'] | null,
  slicing: Parameters<typeof plannedSet>[2],
): Promise<TrainingOutlook['sets']> {
  const of = (cases: readonly TrainableCase[]) => plannedSet(cases, trained, slicing);
  return { train: await of(train), tune: await of(tune), holdout: await of(holdout) };
}

/** @throws TrainingError if no case that trains or tunes shows a label */
async function planFromSome(
  params: PlanTrainingParams,
  listing: CohortListing,
  { record, sets }: ChosenSets,
  engine: NetworkEngine,
  cores: number,
  signal: CancelSignal,
  leaveOut: LeaveOut,
): Promise<{ readonly plan: ChosenPlan; readonly read: number; readonly doubts: readonly string[] }> {
  const loader = new CaseLoader(record.labels, listing.dataset?.ignoreValue ?? null);
  const cases = [...sets.train, ...sets.tune];
  const first = spread(cases, CASES_FOR_PLAN);
  // Where none of these shows a label, others may.
  const order = [...first, ...cases.filter((found) => !first.includes(found))];
  const read: FingerprintedCase[] = [];
  const leftOut: LeftOutCase[] = [];
  let showsLabel = false;
  const untilMs = performance.now() + READING_MS;
  for (const [index, found] of order.entries()) {
    throwIfCancelled(signal);
    if (showsLabel && (index >= first.length || performance.now() > untilMs)) break;
    const note: LeaveOut = (left) => {
      leftOut.push(left);
      leaveOut(left);
    };
    const [fingerprinted] = await fingerprintCases([found], loader, signal, () => undefined, note);
    if (!fingerprinted) continue;
    read.push(fingerprinted);
    showsLabel ||= fingerprinted.fingerprint.classVoxels.some((voxels, label) => label > 0 && voxels > 0);
  }
  if (read.length === 0) throw noCaseLeft(leftOut);
  // Each case that was read stands for others, because the amount of data to learn from is a part of the plan.
  const fingerprints = cases.map((_, index) => read[index % read.length].fingerprint);
  const plan = choosePlan(
    {
      preset: params.preset ?? 'auto',
      labels: checkedLabels(loader, fingerprints),
      channelNames: channelNames(listing, sets.train[0]),
      cases: fingerprints,
      cores,
      onGpu: engine.onGpu,
      memoryBytes: totalmem(),
      deviceBytes: engine.memoryBytes,
    },
    await readOverrides({ planFile: undefined, cohortState: new CohortStore(listing.root).stateDir }),
  );
  return { plan, read: read.length, doubts: doubtSentences(read) };
}
