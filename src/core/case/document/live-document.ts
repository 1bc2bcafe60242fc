import { Emitter } from '../../emitter.ts';
import type { Proposal } from '../state/proposal.ts';
import type { CaseDocument, DocumentStep } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';
import { EditLog, type LoggedEdit, type RunningSave } from './edit-log.ts';
import { replayEdits } from './edits-codec.ts';

/** The document through which a step came, of those that show a case, and the editor that drew it. */
export interface StepOrigin {
  readonly document: object;
  readonly editor?: object;
  readonly strokeId?: number;
}

export interface SessionStep extends DocumentStep {
  readonly origin: StepOrigin;
}

/**
 * The document of a case while it is open: every edit goes through here, is logged until a save has written it, and is
 * told to whoever shows the case.
 */
export class LiveDocument {
  readonly #steps = new Emitter<SessionStep>();
  readonly #resets = new Emitter();
  readonly #proposals = new Emitter();
  readonly #log = new EditLog();
  #document: CaseDocument;

  /** An edit was made, undone or redone. */
  readonly onStep = this.#steps.event;
  /** The document was read anew: editors start over. */
  readonly onReset = this.#resets.event;
  readonly onProposal = this.#proposals.event;

  constructor(document: CaseDocument) {
    this.#document = document;
  }

  get document(): CaseDocument {
    return this.#document;
  }

  /** Says whether it is as it was saved, or as it was read. */
  get isSaved(): boolean {
    return this.#log.isSaved;
  }

  get editsSinceSave(): readonly DocumentEdit[] {
    return this.#log.sinceSave;
  }

  get stepsSinceSave(): readonly LoggedEdit[] {
    return this.#log.stepsSinceSave;
  }

  /** Makes an edit that was planned on the document as it is now, or makes one again that was undone. */
  perform(edit: DocumentEdit, origin: StepOrigin): void {
    const step = this.#document.apply(edit);
    this.#log.did(edit, new Date().toISOString());
    this.#steps.fire({ ...step, origin });
  }

  /**
   * Takes back an edit. When it throws, nothing has changed.
   * @throws DocumentEditMismatchError if a later edit through another document stands in the way
   */
  undo(edit: DocumentEdit, origin: StepOrigin): void {
    const step = this.#document.undo(edit);
    this.#log.undid(edit, new Date().toISOString());
    this.#steps.fire({ ...step, origin });
  }

  setProposal(proposal: Proposal | null): void {
    this.#document.setProposal(proposal);
    this.#proposals.fire();
  }

  /** Call when the state to save is taken; what is done from then on counts as unsaved. */
  beginSave(): RunningSave {
    return this.#log.beginSave();
  }

  /** Puts another document in place, with nothing unsaved. Nobody hears of it before `tellReset`. */
  replaceBy(document: CaseDocument): void {
    document.takePlaceOf(this.#document);
    this.#document = document;
    this.#log.reset();
  }

  /** These edits were made on this document again before it took its place, and are unsaved. */
  restored(edits: readonly DocumentEdit[]): void {
    for (const edit of edits) this.#log.did(edit);
  }

  /**
   * Makes edits again that were kept for this state of the document.
   * @throws what `replayEdits` throws
   */
  replay(edits: readonly DocumentEdit[]): void {
    replayEdits(this.#document, edits);
    this.restored(edits);
  }

  tellReset(): void {
    this.#resets.fire();
  }

  dispose(): void {
    this.#steps.dispose();
    this.#resets.dispose();
    this.#proposals.dispose();
  }
}
