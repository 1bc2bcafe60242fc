import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { DocumentEditMismatchError } from '../../core/case/document/case-document.ts';
import type { DocumentEdit } from '../../core/case/document/document-edit.ts';
import { NO_LABEL_EDIT } from '../../core/label/label-edit.ts';
import { LabelEditMismatchError } from '../../core/label/label-map-errors.ts';
import type { LabelTable } from '../../core/label/label-table.ts';
import type { VolumeSummary } from '../../core/volume/volume-schemas.ts';
import type { HostedDocument } from '../../node/case/host/hosted-document.ts';
import type { CaseSession, SessionStep } from '../../node/case/session/case-session.ts';
import { SavePoint } from '../../node/case/session/save-point.ts';
import type { SessionLease } from '../../node/case/session/session-registry.ts';
import type { ReopeningVolume } from '../../node/volume-worker/reopening-volume.ts';
import type { ImageFile } from '../../node/volumes/image-file.ts';
import { log } from '../platform/log.ts';
import { reportError, sentenceFor, text } from '../platform/messages.ts';
import type { CaseLocation } from '../session/case-location.ts';

type DocumentEvent =
  | vscode.CustomDocumentEditEvent<VolumeDocument>
  | vscode.CustomDocumentContentChangeEvent<VolumeDocument>;

/** An image that is open, and its file as it was then. */
export interface OpenImage {
  readonly volume: ReopeningVolume;
  readonly file: ImageFile;
}

/**
 * `image`: it is another one by now, or has another name, and the user must say what becomes of the labels; `unreadable`: nobody can
 * read what lies in its place, and nothing is unsaved.
 */
export type LockReason = 'image' | 'unreadable' | 'damage' | 'disk' | 'rename' | 'backup';

/** A file that was opened and could be read. */
export interface OpenedVolume extends OpenImage {
  /** Null: labels cannot be kept here (`readOnlyReason`). */
  readonly lease: SessionLease | null;
  readonly readOnlyReason: string | null;
}

/**
 * One open file as VS Code knows it: an image (or a label map opened directly) and the session of its labels. Translates
 * between the session's edits and VS Code's undo stack and dirty mark.
 */
export class VolumeDocument implements vscode.CustomDocument, HostedDocument {
  readonly #events = new vscode.EventEmitter<DocumentEvent>();
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #savePoint = new SavePoint();
  /** Events that wait for the end of a save: VS Code takes its save point when the save ends, not when it begins. */
  #heldBack: (() => void)[] | null = null;
  /** Edits restored from hot exit that VS Code has not been told of yet. */
  #restored: readonly DocumentEdit[] = [];
  #isReverting = false;
  #isClosed = false;
  #isLeft = false;
  /** Ends with the last save that an editor has asked VS Code for, which may not have begun it yet. */
  #askedSave: Promise<void> = Promise.resolve();
  /** Why the last save failed. */
  #failedSave: unknown;
  /** Ends with the last save that was begun, when VS Code knows of everything that was held back. */
  #lastSave: Promise<void> = Promise.resolve();
  /** VS Code knows of what was unsaved when the document was opened. */
  #isAnnounced = false;

  readonly #shownAnew = new vscode.EventEmitter<void>();
  #image: OpenImage | null;
  /** Why nothing can be drawn for the time being. */
  readonly #locks = new Map<LockReason, string>();
  /** VS Code believes that something is unsaved, and what it kept of that was not for this image. */
  #isRestoredInVain = false;

  /** Another image is shown, or whether it can be drawn on has changed. (What the session tells is not told here.) */
  readonly onDidShowAnew = this.#shownAnew.event;
  readonly onDidChange = this.#events.event;
  readonly onDidDispose = this.#disposed.event;

  /** @param opened or why the file was refused, as a sentence: such a document shows that sentence and nothing else */
  constructor(
    readonly uri: vscode.Uri,
    readonly location: CaseLocation | null,
    readonly opened: OpenedVolume | { readonly refusal: string },
  ) {
    this.#image = 'refusal' in opened ? null : opened;
    this.#lockIfDamaged();
    if (!this.session) return;
    this.#subscriptions.push(
      this.session.onStep((step) => this.#stepped(step)),
      this.session.onReset(() => this.#readAgain()),
      this.session.onNotOnDisk(() => this.#holdOrRun(() => this.#changedElsewhere())),
    );
  }

  get id(): string {
    return this.uri.toString();
  }

  get refusal(): string | null {
    return 'refusal' in this.opened ? this.opened.refusal : null;
  }

  get volume(): ReopeningVolume | null {
    return this.#image?.volume ?? null;
  }

  /** The file that is shown. */
  get imageFile(): ImageFile | null {
    return this.#image?.file ?? null;
  }

  get summary(): VolumeSummary | null {
    return this.volume?.summary ?? null;
  }

  get session(): CaseSession | null {
    return 'refusal' in this.opened ? null : (this.opened.lease?.session ?? null);
  }

  get readOnlyReason(): string | null {
    return 'refusal' in this.opened
      ? this.opened.refusal
      : (this.opened.readOnlyReason ?? [...this.#locks.values()][0] ?? null);
  }

  /** What is read as `readOnlyReason` lasts until the user has decided what becomes of labels whose image is another one. */
  get awaitsDecision(): boolean {
    return this.refusal === null && this.readOnlyReason !== null && this.readOnlyReason === this.#locks.get('image');
  }

  /** Nothing can be drawn as long as there is a reason of any kind. @param sentence null: not any more */
  lock(reason: LockReason, sentence: string | null): void {
    if (sentence === (this.#locks.get(reason) ?? null)) return;
    if (sentence === null) this.#locks.delete(reason);
    else this.#locks.set(reason, sentence);
    this.#shownAnew.fire();
  }

  /** Shows another image; whoever calls this lets the editors start over. @returns closes the one before */
  swapImage(image: OpenImage): () => void {
    const before = this.#image;
    this.#image = image;
    this.#lockIfDamaged();
    return () => void before?.volume.close().catch((error) => log().debug(String(error)));
  }

  /** Only reading all of a compressed file shows whether it is whole. */
  #lockIfDamaged(): void {
    const image = this.#image;
    this.lock('damage', null);
    void image?.volume.loaded().catch((error: unknown) => {
      if (this.#image !== image || this.#isClosed) return;
      this.lock('damage', text.damagedImage(image.volume.summary.name, sentenceFor(error) ?? text.internal));
    });
  }

  startOver(): void {
    this.#shownAnew.fire();
  }

  /**
   * Makes an edit that an editor of this document asked for.
   * @param editor which one, so that it knows its own stroke when it hears of it
   */
  perform(edit: DocumentEdit, editor: object, strokeId?: number): void {
    this.session?.perform(edit, { document: this, editor, ...(strokeId !== undefined && { strokeId }) });
    this.#announce(edit);
  }

  /** Extends the label table by what a proposal needs; an edit like any other. */
  addLabels(table: LabelTable): void {
    const { session } = this;
    if (!session) return;
    const edit: DocumentEdit = {
      title: 'Add Labels',
      labels: NO_LABEL_EDIT,
      review: [],
      provenance: [],
      proposal: [],
      table: { before: session.document.table, after: table },
    };
    session.perform(edit, { document: this });
    this.#announce(edit);
  }

  /** All that is unsaved goes on under another name: nothing is saved here any more. */
  leave(): void {
    this.#isLeft = true;
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** It does not go on elsewhere after all. */
  stay(): void {
    this.#isLeft = false;
    if (this.session?.hasUnsavedChanges) this.#changedElsewhere();
  }

  /**
   * @see CaseSession.save
   * @param afterwards what else belongs to the save: VS Code takes its save point only when all of it has ended
   */
  async save(token: vscode.CancellationToken, afterwards: () => Promise<void>): Promise<void> {
    if (!this.session || this.#isLeft) return;
    let ended: () => void = () => undefined;
    this.#lastSave = new Promise((resolve) => {
      ended = resolve;
    });
    this.#savePoint.saveStarted();
    this.#heldBack ??= [];
    const controller = new AbortController();
    const cancelling = token.onCancellationRequested(() => controller.abort());
    try {
      await this.session.save(controller.signal);
      await afterwards();
      // VS Code hears of the end before anything that is posted later.
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
    } finally {
      cancelling.dispose();
    }
  }

  /** An editor wants this document to be saved. Resolves when that has ended, and has told the user of what went wrong. */
  askToSave(): Promise<void> {
    this.#askedSave = this.#saveByCode();
    return this.#askedSave;
  }

  /** By VS Code, so that it knows of it. */
  async #saveByCode(): Promise<void> {
    this.#failedSave = undefined;
    try {
      await vscode.workspace.save(this.uri);
    } catch (error) {
      // VS Code says nothing where an extension has asked it to save, and what it throws has lost its sentence.
      if (this.#failedSave !== undefined) reportError(this.#failedSave);
      else log().error('VS Code did not save:', error);
    }
  }

  /** Resolves when no save runs or was asked for, and VS Code knows what is unsaved. */
  async savesEnded(): Promise<void> {
    let seen: readonly Promise<void>[];
    do {
      seen = [this.#askedSave, this.#lastSave];
      await Promise.all(seen);
    } while (seen[0] !== this.#askedSave || seen[1] !== this.#lastSave);
  }

  /** For VS Code, which goes back to its save point by itself. */
  async revert(): Promise<void> {
    this.#isReverting = true;
    try {
      await this.session?.revert();
      this.#savePoint.reverted();
    } finally {
      this.#isReverting = false;
    }
  }

  /** `edits` were applied; while the document is being opened VS Code cannot hear it and is told later (`announceRestored`). */
  restored(edits: readonly DocumentEdit[]): void {
    this.#restored = edits;
    if (this.#isAnnounced) this.announceRestored();
  }

  /** VS Code had kept something for this document that is of another image: nothing is unsaved. */
  restoredInVain(): void {
    this.#isRestoredInVain = true;
    if (this.#isAnnounced) this.announceRestored();
  }

  /** Fills VS Code's undo stack, which is empty after a reload, with what hot exit brought back. */
  announceRestored(): void {
    // Undoing all of it does not lead to what lies on the disk.
    if (!this.#isAnnounced && this.session?.isBaseOnDisk === false) this.#changedElsewhere();
    this.#isAnnounced = true;
    for (const edit of this.#restored) this.#announce(edit);
    this.#restored = [];
    if (this.#isRestoredInVain) void this.#saveNothing();
    this.#isRestoredInVain = false;
  }

  dispose(): void {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    const closed = this.#image?.volume.close() ?? Promise.resolve();
    if (!('refusal' in this.opened)) this.opened.lease?.release();
    void closed.catch(() => undefined).then(() => this.location?.cleanUp?.().catch((error) => log().warn(error)));
    this.#disposed.fire();
    this.#disposed.dispose();
    this.#events.dispose();
    this.#shownAnew.dispose();
  }

  #announce(edit: DocumentEdit): void {
    this.#holdOrRun(() => {
      this.#tell(this.#savePoint.pushed(), {
        document: this,
        label: edit.title,
        undo: () => this.#move(edit, 'undo'),
        redo: () => this.#move(edit, 'redo'),
      });
    });
  }

  #move(edit: DocumentEdit, direction: 'undo' | 'redo'): void {
    const { session } = this;
    if (!session) return;
    // VS Code has moved in its stack already, whatever happens here.
    const mustTell = direction === 'undo' ? this.#savePoint.undone() : this.#savePoint.redone();
    try {
      if (direction === 'undo') session.undo(edit, { document: this });
      else session.perform(edit, { document: this });
    } catch (error) {
      if (error instanceof DocumentEditMismatchError || error instanceof LabelEditMismatchError) {
        void vscode.window.showWarningMessage(text.cannotUndo);
      } else {
        reportError(error);
      }
      if (session.hasUnsavedChanges) this.#changedElsewhere();
      else this.#readAgain();
      return;
    }
    if (mustTell) this.#events.fire({ document: this });
  }

  #stepped(step: SessionStep): void {
    if (step.origin.document === this) return;
    // Another document on the same labels: VS Code cannot undo it from here, but must know that something is unsaved.
    this.#holdOrRun(() => {
      if (this.session?.hasUnsavedChanges) this.#changedElsewhere();
    });
  }

  /** VS Code must know that something is unsaved that it cannot undo. */
  #changedElsewhere(): void {
    if (this.#isLeft) return;
    if (this.#savePoint.changedElsewhere()) this.#events.fire({ document: this });
  }

  /** Nothing is unsaved, and VS Code may think otherwise: a save, which writes nothing, tells it. */
  #readAgain(): void {
    if (this.#isReverting) return;
    this.#savePoint.reloaded();
    setTimeout(() => {
      if (!this.session?.hasUnsavedChanges) void vscode.workspace.save(this.uri);
    });
  }

  /** VS Code takes what it had kept for unsaved, and saves no editor that is still opening. */
  async #saveNothing(): Promise<void> {
    for (let triesLeft = 40; triesLeft > 0 && !this.session?.hasUnsavedChanges; triesLeft--) {
      if (await vscode.workspace.save(this.uri)) return;
      await sleep(250);
    }
  }

  #tell(mustTellContentChange: boolean, event: vscode.CustomDocumentEditEvent<VolumeDocument>): void {
    this.#events.fire(event);
    if (mustTellContentChange) this.#events.fire({ document: this });
  }

  #saveEnded(): void {
    if (this.#savePoint.saveEnded()) this.#events.fire({ document: this });
    this.#letGo();
  }

  #holdOrRun(announce: () => void): void {
    if (this.#heldBack) this.#heldBack.push(announce);
    else announce();
  }

  #letGo(): void {
    const held = this.#heldBack ?? [];
    this.#heldBack = null;
    for (const announce of held) announce();
  }
}
