import { type DocumentEdit, invertDocumentEdit } from './document-edit.ts';

interface Step {
  readonly edit: DocumentEdit;
  readonly isUndo: boolean;
}

/** A save that runs: what happens meanwhile counts as unsaved when it has ended. */
export interface RunningSave {
  /** The state that `beginSave` saw is on disk now. */
  succeeded(): void;
  /** Nothing was written: the save before still counts. */
  failed(): void;
}

/**
 * The way from the last save to the document as it is now, whichever way VS Code's undo stack went: forward steps for
 * edits made since, inverse steps for saved edits that were undone. A backup is exactly this list.
 *
 * Edits are told apart by identity: undo and redo must name the object that was done.
 */
export class EditLog {
  #steps: Step[] = [];
  #saving: { sinceBegin: Step[] } | null = null;

  /** `edit` was made or redone. */
  did(edit: DocumentEdit): void {
    this.#push({ edit, isUndo: false });
  }

  /** `edit` was undone. */
  undid(edit: DocumentEdit): void {
    this.#push({ edit, isUndo: true });
  }

  /** Whether the document is as it was saved. */
  get isSaved(): boolean {
    return this.#steps.length === 0;
  }

  /**
   * Whether no undo or redo leads back to the saved state: something saved was undone, and then something new was done.
   * VS Code counts edits and would take such a document for clean when the counts agree; it must be told otherwise.
   */
  get hasLeftSavePoint(): boolean {
    const firstUndo = this.#steps.findIndex((step) => step.isUndo);
    return firstUndo >= 0 && this.#steps.slice(firstUndo).some((step) => !step.isUndo);
  }

  /** The edits that lead from the saved state to the present one when applied in order. */
  get sinceSave(): readonly DocumentEdit[] {
    return this.#steps.map(({ edit, isUndo }) => (isUndo ? invertDocumentEdit(edit) : edit));
  }

  /** Call when the state to save is taken. @throws Error while another save runs (saves are put in order elsewhere) */
  beginSave(): RunningSave {
    if (this.#saving) throw new Error('A save is running already.');
    const saving = { sinceBegin: [] as Step[] };
    this.#saving = saving;
    const end = (): void => {
      if (this.#saving !== saving) throw new Error('This save has ended already.');
      this.#saving = null;
    };
    return {
      succeeded: () => {
        end();
        this.#steps = saving.sinceBegin;
      },
      failed: end,
    };
  }

  /** The document was loaded anew (revert): nothing is unsaved. A save that runs is forgotten. */
  reset(): void {
    this.#steps = [];
    this.#saving = null;
  }

  #push(step: Step): void {
    append(this.#steps, step);
    if (this.#saving) append(this.#saving.sinceBegin, step);
  }
}

/** A step that takes the last one back leaves nothing of both. */
function append(steps: Step[], step: Step): void {
  const last = steps.at(-1);
  if (last && last.edit === step.edit && last.isUndo !== step.isUndo) steps.pop();
  else steps.push(step);
}
