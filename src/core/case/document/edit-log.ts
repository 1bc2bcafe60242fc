import { type DocumentEdit, invertDocumentEdit } from './document-edit.ts';

interface Step {
  readonly edit: DocumentEdit;
  readonly isUndo: boolean;
  readonly at: string | undefined;
}

/** A step on the way from the last save. */
export interface LoggedEdit {
  /** The edit as it was applied; for an undo it is the inverse. */
  readonly edit: DocumentEdit;
  readonly isUndo: boolean;
  /** ISO 8601, UTC. It is absent where it is not known, because the edit came back with hot exit. */
  readonly at?: string;
}

/** A save that runs. Everything that happens meanwhile counts as unsaved when it has ended. */
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
  #way = new Way();
  /** The way from the state that a running save writes. */
  #saving: Way | null = null;

  /**
   * Notes that `edit` was made or redone.
   * @param at ISO 8601, UTC; absent where it is not known
   */
  did(edit: DocumentEdit, at?: string): void {
    this.#push({ edit, isUndo: false, at });
  }

  /**
   * Notes that `edit` was undone.
   * @param at as for `did`
   */
  undid(edit: DocumentEdit, at?: string): void {
    this.#push({ edit, isUndo: true, at });
  }

  /** Says whether the document is as it was saved. */
  get isSaved(): boolean {
    return this.#way.steps.length === 0;
  }

  /** The edits that lead from the saved state to the present one when applied in order. */
  get sinceSave(): readonly DocumentEdit[] {
    return this.stepsSinceSave.map(({ edit }) => edit);
  }

  /** The same steps with what is known of each. */
  get stepsSinceSave(): readonly LoggedEdit[] {
    return this.#way.steps.map(({ edit, isUndo, at }) => ({
      edit: isUndo ? invertDocumentEdit(edit) : edit,
      isUndo,
      ...(at !== undefined && { at }),
    }));
  }

  /**
   * Call this when the state to save is taken.
   * @throws Error while another save runs (saves are put in order elsewhere)
   */
  beginSave(): RunningSave {
    if (this.#saving) throw new Error('A save is running already.');
    const saving = new Way();
    this.#saving = saving;
    const end = (): void => {
      if (this.#saving !== saving) throw new Error('This save has ended already.');
      this.#saving = null;
    };
    return {
      succeeded: () => {
        end();
        this.#way = saving;
      },
      failed: end,
    };
  }

  /** Call this when the document was loaded anew (revert): nothing is unsaved then. A save that runs is forgotten. */
  reset(): void {
    this.#way = new Way();
    this.#saving = null;
  }

  #push(step: Step): void {
    this.#way.push(step);
    this.#saving?.push(step);
  }
}

/** Steps from one state to another. */
class Way {
  readonly steps: Step[] = [];
  /**
   * It is true when something new was done after something from before the start was undone: redo has forgotten the
   * start for good.
   */
  isOneWay = false;

  push(step: Step): void {
    const last = this.steps.at(-1);
    if (last && last.edit === step.edit && last.isUndo !== step.isUndo) {
      // A step that takes the last one back leaves nothing of both.
      this.steps.pop();
      return;
    }
    if (last?.isUndo && !step.isUndo) this.isOneWay = true;
    this.steps.push(step);
  }
}
