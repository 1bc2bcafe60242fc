import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentEditMismatchError } from '../../../core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import type { SessionStep } from '../../../core/case/document/live-document.ts';
import { LabelEditMismatchError } from '../../../core/label/label-map-errors.ts';
import type { CaseSession } from '../session/case-session.ts';
import type { EditorShell } from './editor-shell.ts';
import { SavePoint } from './save-point.ts';

/** A shell does not save an editor that is still opening, so it is asked this often, with this pause in between. */
const MOST_SAVES_OF_NOTHING = 40;
const SAVE_OF_NOTHING_AGAIN_MS = 250;

/**
 * Translates between the edits of a session, and the undo stack and the mark of unsaved work that a shell keeps for one
 * of the session's documents.
 */
export class EditAnnouncements {
  readonly #savePoint = new SavePoint();
  readonly #subscriptions: readonly { dispose(): void }[];
  /**
   * These announcements wait for the end of a save: the shell takes its save point when the save ends, not when it
   * begins.
   */
  #heldBack: (() => void)[] | null = null;
  /** Hot exit has restored these edits, and the shell has not been told of them yet. */
  #restored: readonly DocumentEdit[] = [];
  #isReverting = false;
  #isLeft = false;
  /** The shell does not know the document any more, so nothing is told of it, whatever was to be told soon. */
  #isDisposed = false;
  /** Resolves with the last save that an editor has asked the shell for, which may not have begun yet. */
  #askedSave: Promise<void> = Promise.resolve();
  /** The error of the last save that failed. */
  #failedSave: unknown;
  /** Resolves with the last save that was begun, when the shell knows of everything that was held back. */
  #lastSave: Promise<void> = Promise.resolve();
  /** True when the shell knows of what was unsaved when the document was opened. */
  #isAnnounced = false;
  /** True while the shell believes that something is unsaved although what it kept was not for this image. */
  #isRestoredInVain = false;

  /** @param document the document that is named as the origin of steps (`StepOrigin`) */
  constructor(
    private readonly session: CaseSession,
    private readonly document: object,
    private readonly shell: EditorShell,
  ) {
    this.#subscriptions = [
      session.onStep((step) => this.#stepped(step)),
      session.onReset(() => this.#readAgain()),
      session.onNotOnDisk(() => this.#holdOrRun(() => this.#changedElsewhere())),
    ];
  }

  /** @param editor the editor of the document that asked for it, if one did */
  perform(edit: DocumentEdit, editor?: object, strokeId?: number): void {
    this.session.perform(edit, {
      document: this.document,
      ...(editor && { editor }),
      ...(strokeId !== undefined && { strokeId }),
    });
    this.#announce(edit);
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Everything unsaved goes on under another name, so nothing is saved here any more. */
  leave(): void {
    this.#isLeft = true;
  }

  /** It does not go on elsewhere after all. */
  stay(): void {
    this.#isLeft = false;
    if (this.session.hasUnsavedChanges) this.#changedElsewhere();
  }

  /**
   * @see CaseSession.save
   * @param afterwards whatever else belongs to the save: the shell takes its save point only when all of it has ended
   */
  async save(signal: AbortSignal, afterwards: () => Promise<void>): Promise<void> {
    if (this.#isLeft) return;
    let ended: () => void = () => undefined;
    this.#lastSave = new Promise((resolve) => {
      ended = resolve;
    });
    this.#savePoint.saveStarted();
    this.#heldBack ??= [];
    try {
      await this.session.save(signal);
      await afterwards();
      // The shell hears of the end before anything that is posted later.
      setTimeout(() => {
        this.#saveEnded();
        ended();
      });
    } catch (error) {
      this.#failedSave = error;
      this.#savePoint.saveFailed();
      this.#letGo();
      ended();
      throw error;
    }
  }

  /**
   * Asks the shell, for an editor, to save the document. It resolves when the save has ended and the user knows of any
   * failure.
   */
  askToSave(): Promise<void> {
    this.#askedSave = this.#saveByShell();
    return this.#askedSave;
  }

  /** Resolves when no save runs or was asked for, and the shell knows what is unsaved. */
  async savesEnded(): Promise<void> {
    let seen: readonly Promise<void>[];
    do {
      seen = [this.#askedSave, this.#lastSave];
      await Promise.all(seen);
    } while (seen[0] !== this.#askedSave || seen[1] !== this.#lastSave);
  }

  /** Reverts for the shell, which goes back to its save point by itself. */
  async revert(): Promise<void> {
    this.#isReverting = true;
    try {
      await this.session.revert();
      this.#savePoint.reverted();
    } finally {
      this.#isReverting = false;
    }
  }

  /**
   * Is called when `edits` were applied. While the document is being opened the shell cannot hear of it and is told
   * later (`announceRestored`).
   */
  restored(edits: readonly DocumentEdit[]): void {
    this.#restored = edits;
    if (this.#isAnnounced) this.announceRestored();
  }

  /**
   * Is called when the shell had kept something for this document that is of another image, so that nothing is unsaved.
   */
  restoredInVain(): void {
    this.#isRestoredInVain = true;
    if (this.#isAnnounced) this.announceRestored();
  }

  /** Fills the shell's undo stack, which is empty after a reload, with what hot exit brought back. */
  announceRestored(): void {
    if (this.#isDisposed) return;
    // Undoing all of it does not lead to what lies on the disk.
    if (!this.#isAnnounced && !this.session.isBaseOnDisk) this.#changedElsewhere();
    this.#isAnnounced = true;
    for (const edit of this.#restored) this.#announce(edit);
    this.#restored = [];
    if (this.#isRestoredInVain) void this.#saveNothing();
    this.#isRestoredInVain = false;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#heldBack = null;
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #announce(edit: DocumentEdit): void {
    this.#holdOrRun(() => {
      const mustTellChange = this.#savePoint.pushed();
      this.shell.pushed({
        label: edit.title,
        undo: () => this.#move(edit, 'undo'),
        redo: () => this.#move(edit, 'redo'),
      });
      if (mustTellChange) this.shell.changed();
    });
  }

  #move(edit: DocumentEdit, direction: 'undo' | 'redo'): void {
    const { session, shell, document } = this;
    // The shell has moved in its stack already, whatever happens here.
    const mustTell = direction === 'undo' ? this.#savePoint.undone() : this.#savePoint.redone();
    try {
      if (direction === 'undo') session.undo(edit, { document });
      else session.perform(edit, { document });
    } catch (error) {
      if (error instanceof DocumentEditMismatchError || error instanceof LabelEditMismatchError) shell.cannotMove();
      else shell.reports.tell(error);
      if (session.hasUnsavedChanges) this.#changedElsewhere();
      else this.#readAgain();
      return;
    }
    if (mustTell) shell.changed();
  }

  #stepped(step: SessionStep): void {
    if (step.origin.document === this.document) return;
    // The edit came from another document on the same labels: the shell cannot undo it here, but must know that
    // something is unsaved.
    this.#holdOrRun(() => {
      if (this.session.hasUnsavedChanges) this.#changedElsewhere();
    });
  }

  /** Tells the shell that something is unsaved that it cannot undo. */
  #changedElsewhere(): void {
    if (this.#isLeft) return;
    if (this.#savePoint.changedElsewhere()) this.shell.changed();
  }

  /** Nothing is unsaved, and the shell may think otherwise: a save, which writes nothing, tells it. */
  #readAgain(): void {
    if (this.#isReverting) return;
    this.#savePoint.reloaded();
    setTimeout(() => {
      if (!this.#isDisposed && !this.session.hasUnsavedChanges) void this.shell.save();
    });
  }

  async #saveByShell(): Promise<void> {
    this.#failedSave = undefined;
    try {
      await this.shell.save();
    } catch (error) {
      // VS Code is silent where an extension has asked it to save, and the error that it throws has lost its sentence.
      if (this.#failedSave !== undefined) this.shell.reports.tell(this.#failedSave);
      else this.shell.reports.error('The document was not saved:', error);
    }
  }

  /** Saves nothing, because the shell believes until its next save that the work which it kept is unsaved. */
  async #saveNothing(): Promise<void> {
    for (let triesLeft = MOST_SAVES_OF_NOTHING; triesLeft > 0; triesLeft--) {
      if (this.#isDisposed || this.session.hasUnsavedChanges) return;
      if (await this.shell.save()) return;
      await sleep(SAVE_OF_NOTHING_AGAIN_MS);
    }
  }

  #saveEnded(): void {
    if (this.#isDisposed) return;
    if (this.#savePoint.saveEnded()) this.shell.changed();
    this.#letGo();
  }

  #holdOrRun(announce: () => void): void {
    if (this.#isDisposed) return;
    if (this.#heldBack) this.#heldBack.push(announce);
    else announce();
  }

  #letGo(): void {
    const held = this.#heldBack ?? [];
    this.#heldBack = null;
    for (const announce of held) announce();
  }
}
