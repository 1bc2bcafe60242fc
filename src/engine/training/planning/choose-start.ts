import type { CohortSplit } from '../../../core/cohort/records/splits.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { whyNotWarmStart } from '../../../core/learn/plan/warm-start.ts';
import { planInitialWeights } from '../../../core/learn/training/network.ts';
import type { Weights } from '../../../core/learn/training/training-state.ts';
import { readModelWeights } from '../../../core/net/onnx/read-model.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { RunSettings } from '../../checkpoints/run-record.ts';
import { type ModelFile, readModelFile } from '../../inputs/model-file.ts';

/** A case that the parent version has not seen is drawn up to so many times as often as another. */
const NEW_CASE_WEIGHT = 3;

export interface Start {
  readonly weights: Weights;
  /** It is null where it starts from random weights. */
  readonly parent: ModelFile | null;
  /** The cases that train and that the parent has not seen. */
  readonly newCases: readonly string[];
  /** A sentence about the start. It is null where that is no news, because no version is active. */
  readonly note: string | null;
}

/**
 * Chooses the weights to start from: those of the active version, or of the version that was chosen, where they fit and
 * nobody says otherwise, and else random ones.
 */
export async function chooseStart(
  settings: RunSettings,
  plan: Plan,
  active: ModelFile | null,
  store: CohortStore,
  split: CohortSplit,
): Promise<Start> {
  const fromRandom = (note: string | null) => ({
    weights: planInitialWeights(plan, settings.seed),
    parent: null,
    newCases: [],
    note,
  });
  // In the same minutes a warm start ends clearly better than random weights (docs/measurements/hippocampus.md).
  if (!(settings.warmStart ?? true)) return fromRandom(null);
  const { startFrom } = settings;
  const from = startFrom === undefined ? active : await readModelFile(store.models.folderOf(startFrom));
  if (!from) return fromRandom(null);
  const reason = whyNotWarmStart(from.plan, plan);
  if (reason !== null) return fromRandom(`Starting from random weights and not from ${from.name}, because ${reason}.`);
  const { data } = await store.models.card(from.version);
  const seen = new Set([...data.train, ...data.tune]);
  return {
    weights: readModelWeights(from.bytes),
    parent: from,
    newCases: split.train.filter((id) => !seen.has(id)),
    note: `Starting from the weights of ${from.name}.`,
  };
}

/**
 * Says how often each training case is drawn beside the others. New ones come up to three times as often, as long as
 * together they are drawn no more often than all old ones: where half of the cases were new, three times as often ended
 * no better than alike (mean of three seeds 0.847 and 0.849).
 */
export function caseWeights(train: readonly string[], newCases: readonly string[]): number[] {
  const fresh = new Set(newCases);
  const old = train.length - fresh.size;
  const weight = Math.max(1, Math.min(NEW_CASE_WEIGHT, old / Math.max(1, fresh.size)));
  return train.map((id) => (fresh.has(id) ? weight : 1));
}
