import { counted } from '../../text/counted.ts';
import type { CaseOverview } from './case-overview.ts';

/** With so many complete cases one of them is held out, and judges. */
export const ENOUGH_CASES = 3;

/** What a cohort in which no model predicts has. */
export interface BeforeFirstModel {
  /** The number of complete cases. It is null where they were not counted. */
  readonly complete: number | null;
  /** The number of model versions, of which none is active. */
  readonly versions: number;
}

/** Counts the cases whose labels are complete, test cases left out. */
export function completeCases(cases: readonly CaseOverview[]): number {
  return cases.filter(({ state, test }) => state.kind === 'accepted' && !test).length;
}

/** Says why nothing can be predicted, and what the next step is as things are now. */
export function noModelSentence({ complete, versions }: BeforeFirstModel): string {
  if (versions > 0) {
    return `No model of this cohort is active. Train longer (Retrain Model), or activate ${versions === 1 ? 'the one that is there' : 'one'} in the Models view.`;
  }
  return `There is no model in this cohort yet. ${nextStep(complete)}`;
}

/** Says the same where there is little room. */
export function shortNoModelSentence(before: BeforeFirstModel): string {
  if (before.versions > 0) return 'No model is active. Retrain, or activate one in the Models view.';
  if (before.complete === null || before.complete === 0) return 'No model yet. Label three cases, then Retrain.';
  return `No model yet. ${nextStep(before.complete)}`;
}

function nextStep(complete: number | null): string {
  if (complete === null || complete === 0) {
    return 'Label three cases (draw, then Accept All Slices, then save) and run Retrain Model.';
  }
  const labelled = `${counted(complete, 'case is', 'cases are')} labelled`;
  if (complete >= ENOUGH_CASES) return `${labelled}, which is enough: run Retrain Model.`;
  return `${labelled}: label ${counted(ENOUGH_CASES - complete, 'more', 'more')} so that one can judge, then run Retrain Model.`;
}
