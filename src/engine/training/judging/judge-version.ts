import { learntByBoth, learntLabels } from '../../../core/cohort/records/learnt-labels.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { CohortScores } from '../../../core/metrics/cohort-scores.ts';
import type { ModelFile } from '../../inputs/model-file.ts';
import type { FinishedTraining } from './finished-training.ts';
import { type JudgedModel, type Judgement, judgeModels } from './judge.ts';
import { versionModel } from './publish.ts';
import { withLearntCleanUp } from './tune-clean-up.ts';

/** A version that is not published yet, and what it is worth. */
export interface JudgedVersion {
  readonly version: number;
  /** The plan, with the clean-up that was learned. */
  readonly plan: Plan;
  readonly onnx: Uint8Array;
  /** The set that was judged on: it is the tune cases where nothing is held out. */
  readonly set: 'holdout' | 'tune';
  readonly judgement: Judgement;
  /** The scores on that set. They are null where no case could be read. */
  readonly scores: CohortScores | null;
  /** The same scores, where the holdout judged. */
  readonly holdout: CohortScores | null;
  /** The active version's scores on the same holdout, by the labels that both have learned. */
  readonly previous: CohortScores | null;
  /** The values of the labels that both have learned. It is null where no version is active. */
  readonly learntByBoth: ReadonlySet<number> | null;
}

/** Learns the clean-up, and measures the new version beside the active one. */
export async function judgeVersion(run: FinishedTraining, version: number): Promise<JudgedVersion> {
  const { sets, active, store, engine, loader } = run;
  const plan = await cleanUpPlan(run, version);
  const onnx = versionModel(version, plan, run.trained.best.weights);
  const shared = active && learntByBoth(run.learnt, learntLabels(await store.models.card(active.version)));
  const set = sets.holdout.length > 0 ? 'holdout' : 'tune';
  const judges = sets[set];
  let done = 0;
  const judgement = await judgeModels(
    [{ plan, onnx, learnt: run.learnt }, ...(set === 'holdout' ? activeModel(active, shared) : [])],
    judges,
    set,
    engine,
    loader,
    () => run.onFraction(++done / judges.length),
    run.leaveOut,
  );
  const [scores = null, previous = null] = judgement.scores;
  const holdout = set === 'holdout' ? scores : null;
  return { version, plan, onnx, set, judgement, scores, holdout, previous, learntByBoth: shared };
}

/**
 * Learns the clean-up on the tune cases, but not for a person who has stopped the training and wants the result now.
 */
async function cleanUpPlan(run: FinishedTraining, version: number): Promise<Plan> {
  const { plan, trained, sets, engine, loader, log } = run;
  if (!run.learnsCleanUp || trained.ended === 'stopped' || sets.tune.length === 0) return plan;
  const onnx = versionModel(version, plan, trained.best.weights);
  return withLearntCleanUp(plan, onnx, sets.tune, engine, loader, log);
}

/**
 * Returns the active version, for the holdout only: it may have trained on what tunes now, so the two cannot be
 * compared there.
 */
function activeModel(active: ModelFile | null, learnt: ReadonlySet<number> | null): JudgedModel[] {
  return active && learnt ? [{ plan: active.plan, onnx: active.bytes, learnt }] : [];
}
