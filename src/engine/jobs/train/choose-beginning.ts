import { learntLabels } from '../../../core/cohort/records/learnt-labels.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { CaseFingerprint } from '../../../core/learn/planning/fingerprint.ts';
import type { Weights } from '../../../core/learn/training/training-state.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { ModelFile } from '../../inputs/model-file.ts';
import type { SteadyEngine } from '../../steady/steady-engine.ts';
import { readActiveModel } from '../../training/data/cohort-state.ts';
import { chooseStart } from '../../training/planning/choose-start.ts';
import type { ReadCases } from './read-cases.ts';
import type { TrainingRun } from './training-run.ts';

/** What a run has before its first step. */
export interface Beginning {
  /** The version that predicts now. It is null where there is none, or where this is a fold. */
  readonly active: ModelFile | null;
  /** The weights to start from. They are empty for a run that goes on, whose checkpoint has them. */
  readonly weights: Weights;
  /** The version whose weights it starts from, or has started from. It is null where they were random. */
  readonly parent: number | null;
  /** The cases that train and that the parent has not seen. */
  readonly newCases: readonly string[];
  /** The values of the labels that it learns, or has from the parent: others are not judged. */
  readonly learnt: ReadonlySet<number>;
  /** Slices that go through the network at once. Training lowers it where memory is short. */
  readonly parts: { atOnce: number };
}

export async function chooseBeginning(
  run: TrainingRun,
  plan: Plan,
  { data, fingerprinted }: ReadCases,
  engine: SteadyEngine,
): Promise<Beginning> {
  const { context, interrupted, settings, store, tell } = run;
  // A model of the cohort may have seen what this fold holds out.
  const active = settings.fold ? null : await readActiveModel(store);
  const start = interrupted ? null : await chooseStart(settings, plan, active, store, data.split);
  if (start?.note) context.log('info', start.note);
  if (interrupted) context.log('info', `Going on after step ${interrupted.state.step}.`);
  const isSameEngine = interrupted?.record.engine === engine.id;
  if (interrupted && !isSameEngine) {
    tell(`Training goes on with ${engine.name}, another engine than before: results differ in their last digits.`);
  }
  const parent = interrupted ? interrupted.record.parent : (start?.parent?.version ?? null);
  const train = fingerprinted.slice(0, data.sets.train.length).map(({ fingerprint }) => fingerprint);
  return {
    active,
    weights: start?.weights ?? new Map(),
    parent,
    newCases: interrupted ? interrupted.record.newCases : (start?.newCases ?? []),
    learnt: await learntValues(plan, train, parent, store),
    parts: { atOnce: (isSameEngine && interrupted?.record.slicesAtOnce) || plan.batch.size },
  };
}

/** Returns the labels that the cases show which train, and those that the version had learned which it starts from. */
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
