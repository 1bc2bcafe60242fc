import * as vscode from 'vscode';
import { readHeldOutCases } from '../../node/cohort/cases/held-out-cases.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';

const text = {
  ask: (id: string) => `${id} is held out to judge models. Show a proposal on it all the same?`,
  why:
    'Labels that start from a proposal lean towards the model that made it, so a case that has some does not judge any more. ' +
    'Draw this case by hand, or look at a proposal only when its labels are done.',
  predict: 'Predict Anyway',
};

/** Tells whether a proposal may be made and shown on a case; where the case is held out, the user is asked. */
export async function mayPropose(store: CohortStore, id: string): Promise<boolean> {
  if (!(await readHeldOutCases(store)).has(id)) return true;
  const options = { modal: true, detail: text.why };
  return (await vscode.window.showWarningMessage(text.ask(id), options, text.predict)) === text.predict;
}
