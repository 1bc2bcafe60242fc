import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import { encodeEdit, encodeEdits } from '../../../core/case/document/edits-codec.ts';
import type { CaseSession } from '../session/case-session.ts';
import { BackupReplacedError, type ReplaceableBackup } from './replaceable-backup.ts';

/**
 * Keeps the unsaved edits of one document on the disk with every step, so that whatever was acknowledged to an editor
 * outlives this process. VS Code's own hot exit asks for a backup only when nothing has been drawn for a second; in
 * between the backup grows edit by edit.
 */
export class KeptEdits {
  /** These edits were applied and are not in the file. */
  #unwritten: DocumentEdit[] = [];
  /**
   * The base that the file starts from. It is undefined if the file, if there is one, differs from what the session
   * holds.
   */
  #base: string | undefined;
  /** The write that was asked for and has not begun, so that many steps at once cost one write. */
  #next: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #subscriptions: readonly { dispose(): void }[];

  /** @param failed is told of what could not be written; the next step tries again */
  constructor(
    private readonly session: CaseSession,
    private readonly backup: ReplaceableBackup,
    private readonly failed: (error: unknown) => void,
  ) {
    this.#subscriptions = [
      session.onStep(({ edit }) => {
        this.#unwritten.push(edit);
        void this.upToDate();
      }),
      session.onReset(() => {
        this.#base = undefined;
        void this.upToDate();
      }),
    ];
  }

  /** Resolves when everything that the session holds now is kept, or could not be and `failed` was told. */
  upToDate(): Promise<void> {
    this.#next ??= this.#inTurn(async () => {
      this.#next = undefined;
      try {
        await this.#write();
      } catch (error) {
        this.#base = undefined;
        this.failed(error);
      }
    });
    return this.#next;
  }

  /**
   * Writes the shortest list of edits anew, if anything is unsaved. @returns removes this backup, unless a newer one
   * has taken its place
   */
  rewrite(): Promise<() => Promise<void>> {
    return this.#inTurn(async () => {
      if (this.session.hasUnsavedChanges) return this.#rewrite();
      // VS Code asks for a backup while a save runs, and may be heard after its end.
      await this.#write();
      return async () => undefined;
    });
  }

  /** The document is closed; what is unsaved stays on the disk. */
  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #write(): Promise<void> {
    const { session, backup } = this;
    if (!session.hasUnsavedChanges) {
      this.#unwritten = [];
      this.#base = undefined;
      await backup.removeOwn();
      return;
    }
    if (this.#base !== session.baseName) {
      await this.#rewrite();
      return;
    }
    const edits = this.#unwritten;
    this.#unwritten = [];
    if (edits.length === 0) return;
    try {
      await backup.append(Buffer.concat(edits.map(encodeEdit)));
    } catch (error) {
      if (!(error instanceof BackupReplacedError)) throw error;
      await this.#rewrite();
    }
  }

  async #rewrite(): Promise<() => Promise<void>> {
    const { edits, state } = this.session.backup();
    this.#unwritten = [];
    this.#base = undefined;
    const remove = await this.backup.write(encodeEdits(edits), state);
    this.#base = state.name;
    return remove;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}
