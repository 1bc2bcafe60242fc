import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import { Emitter } from '../../../core/emitter.ts';
import { NO_LABEL_EDIT } from '../../../core/label/label-edit.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import type { VolumeSummary } from '../../../core/volume/volume-schemas.ts';
import type { ReopeningVolume } from '../../volume-worker/reopening-volume.ts';
import type { ImageFile } from '../../volumes/image-file.ts';
import type { ComparedDocument } from '../second-review/second-reviewers.ts';
import type { CaseSession } from '../session/case-session.ts';
import type { SessionLease } from '../session/session-registry.ts';
import { EditAnnouncements } from './edit-announcements.ts';
import type { EditorShell } from './editor-shell.ts';
import type { HostedDocument } from './hosted-document.ts';

/** An open image, and its file as it was when it was opened. */
export interface OpenImage {
  readonly volume: ReopeningVolume;
  readonly file: ImageFile;
}

/** A file that was opened and could be read. */
export interface OpenedVolume extends OpenImage {
  /** The lease is null where labels cannot be kept, and `readOnlyReason` then says why. */
  readonly lease: SessionLease | null;
  readonly readOnlyReason: string | null;
}

/** The reason, as a sentence, why a file was refused: its document shows that sentence and nothing else. */
export interface RefusedVolume {
  readonly refusal: string;
}

/**
 * `image` means that the image was replaced or has another name, so that the user must say what becomes of the labels;
 * `unreadable` means that nobody can read what lies in its place, and nothing is unsaved.
 */
export type LockReason = 'image' | 'unreadable' | 'damage' | 'disk' | 'rename' | 'backup';

/** One file that is open in editors: an image (or a label map opened directly) and the session of its labels. */
export class OpenDocument implements HostedDocument, ComparedDocument {
  readonly #shownAnew = new Emitter();
  readonly #disposed = new Emitter();
  readonly session: CaseSession | null;
  /** The edits are null where labels cannot be kept. */
  readonly edits: EditAnnouncements | null;
  #image: OpenImage | null;
  /** The reasons why nothing can be drawn for the time being. */
  readonly #locks = new Map<LockReason, string>();
  #isClosed = false;

  readonly onDidShowAnew = this.#shownAnew.event;
  readonly onDidDispose = this.#disposed.event;

  /** @param cleanUp removes what was copied to show the image; it is called when the image is closed */
  constructor(
    readonly id: string,
    private readonly opened: OpenedVolume | RefusedVolume,
    private readonly shell: EditorShell,
    private readonly cleanUp: () => Promise<void> = async () => undefined,
  ) {
    this.#image = 'refusal' in opened ? null : opened;
    this.session = 'refusal' in opened ? null : (opened.lease?.session ?? null);
    this.edits = this.session && new EditAnnouncements(this.session, this, shell);
    this.#lockIfDamaged();
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

  get readOnlyReason(): string | null {
    return 'refusal' in this.opened
      ? this.opened.refusal
      : (this.opened.readOnlyReason ?? [...this.#locks.values()][0] ?? null);
  }

  get awaitsDecision(): boolean {
    return this.refusal === null && this.readOnlyReason !== null && this.readOnlyReason === this.#locks.get('image');
  }

  /** Nothing can be drawn as long as there is a reason of any kind. @param sentence null to take the reason away */
  lock(reason: LockReason, sentence: string | null): void {
    if (sentence === (this.#locks.get(reason) ?? null)) return;
    if (sentence === null) this.#locks.delete(reason);
    else this.#locks.set(reason, sentence);
    this.#shownAnew.fire();
  }

  /** Shows another image; the caller lets the editors start over. @returns closes the image before */
  swapImage(image: OpenImage): () => void {
    const before = this.#image;
    this.#image = image;
    this.#lockIfDamaged();
    return () => void before?.volume.close().catch((error) => this.shell.reports.warn('Closing an image:', error));
  }

  startOver(): void {
    this.#shownAnew.fire();
  }

  perform(edit: DocumentEdit, editor: object, strokeId?: number): void {
    this.edits?.perform(edit, editor, strokeId);
  }

  /** Extends the label table by what a proposal, or a second reviewer, needs; this is an edit like any other. */
  addLabels(table: LabelTable): void {
    const { session } = this;
    if (!session) return;
    this.edits?.perform({
      title: 'Add Labels',
      labels: NO_LABEL_EDIT,
      review: [],
      provenance: [],
      proposal: [],
      table: { before: session.document.table, after: table },
    });
  }

  /** Nothing is ever unsaved on a volume that can only be looked at. */
  async askToSave(): Promise<void> {
    await this.edits?.askToSave();
  }

  dispose(): void {
    this.#isClosed = true;
    this.edits?.dispose();
    const closed = this.#image?.volume.close() ?? Promise.resolve();
    if (!('refusal' in this.opened)) this.opened.lease?.release();
    void closed
      .catch(() => undefined)
      .then(() => this.cleanUp())
      .catch((error) => this.shell.reports.warn('Removing the copy of an image:', error));
    this.#disposed.fire();
    this.#disposed.dispose();
    this.#shownAnew.dispose();
  }

  /** Only reading all of a compressed file shows whether it is whole. */
  #lockIfDamaged(): void {
    const image = this.#image;
    this.lock('damage', null);
    void image?.volume.loaded().catch((error: unknown) => {
      if (this.#image !== image || this.#isClosed) return;
      const why = this.shell.sentenceFor(error);
      this.lock(
        'damage',
        `${image.volume.summary.name} cannot be read as a whole, so nothing can be drawn on it. ${why}`,
      );
    });
  }
}
