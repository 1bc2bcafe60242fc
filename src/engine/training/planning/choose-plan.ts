import { join } from 'node:path';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { isOverridden, type PlanOverrides, parseOverrides } from '../../../core/learn/plan/plan-overrides.ts';
import { type DataSummary, summarizeFingerprints } from '../../../core/learn/planning/data-summary.ts';
import { describePlan } from '../../../core/learn/planning/describe-plan.ts';
import { makePlan, type PlanRequest } from '../../../core/learn/planning/make-plan.ts';
import { fileAccessError } from '../../../node/files/file-access-error.ts';
import { isMissing } from '../../../node/files/missing-file.ts';
import { readTextFile } from '../../../node/files/regular-file.ts';

export interface ChosenPlan {
  readonly plan: Plan;
  /** What planning saw in the data. */
  readonly summary: DataSummary;
  /** Sentences about what the plan is and why. */
  readonly sentences: readonly string[];
  /**
   * It is true when nobody decided what is cleaned up, so that the tune cases may. The presets of the source know no
   * clean-up.
   */
  readonly learnsCleanUp: boolean;
}

/**
 * Chooses the plan of a run: it is made from the data, except for what a person decided in a JSON file.
 *
 * @param decided see `readOverrides`
 * @param known the plan of a run that goes on: nothing is decided anew
 * @throws PlanOverrideError if what was decided cannot be
 */
export function choosePlan(request: PlanRequest, decided: PlanOverrides | undefined, known?: Plan): ChosenPlan {
  const overrides = known ? undefined : decided;
  const plan = known ?? makePlan(request, overrides);
  const summary = summarizeFingerprints(request.cases, plan.slicing);
  return {
    plan,
    summary,
    sentences: describePlan(plan, summary, overrides),
    learnsCleanUp: plan.preset === 'auto' && !(overrides && isOverridden(overrides, 'prediction.cleanUp')),
  };
}

/**
 * Reads what a person decided. It is undefined where that is nothing.
 *
 * @param files `planFile` must be there; without one, `plan.json` in the folder `cohortState` counts if it is there
 * @throws PlanOverrideError if it is no JSON object
 * @throws FileAccessError
 */
export async function readOverrides({
  planFile,
  cohortState,
}: {
  readonly planFile: string | undefined;
  readonly cohortState: string;
}): Promise<PlanOverrides | undefined> {
  const path = planFile ?? join(cohortState, 'plan.json');
  let text: string;
  try {
    text = await readTextFile(path);
  } catch (error) {
    if (planFile === undefined && isMissing(error)) return undefined;
    throw fileAccessError('read', path, error);
  }
  return parseOverrides(text, path);
}
