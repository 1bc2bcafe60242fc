import { setTimeout as sleep } from 'node:timers/promises';
import type { AnnouncedEdit, EditorShell } from '../../src/node/case/host/editor-shell.ts';

/** A command takes this long where VS Code carries it out, at least. */
const COMMAND_TAKES_MS = 5;

/** Keeps an undo stack for one document and saves it, as VS Code does: one command at a time, and what comes meanwhile is dropped. */
export class UndoShell implements EditorShell {
  readonly #done: AnnouncedEdit[] = [];
  #undone: AnnouncedEdit[] = [];
  #isMoving = false;
  #holding: Promise<void> | undefined;
  /** What was told that is no edit. */
  readonly told: unknown[] = [];
  /** How often something was said to be unsaved that cannot be undone. */
  changes = 0;
  /** Writes the document; set when it is open. */
  saveDocument: () => Promise<void> = async () => undefined;

  readonly reports = {
    info: () => undefined,
    warn: (message: string, error: unknown) => void this.told.push(`${message} ${String(error)}`),
    error: (message: string, error?: unknown) => void this.told.push(`${message} ${String(error ?? '')}`),
    tell: (error: unknown) => void this.told.push(error),
  };

  pushed(edit: AnnouncedEdit): void {
    this.#done.push(edit);
    this.#undone = [];
  }

  changed(): void {
    this.changes++;
  }

  async save(): Promise<boolean> {
    await this.#holding;
    await this.saveDocument();
    return true;
  }

  cannotMove(): void {
    this.told.push('This step cannot be undone or redone.');
  }

  sentenceFor(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
  }

  undo(): void {
    const edit = this.#done.pop();
    if (!edit) return;
    this.#undone.push(edit);
    edit.undo();
  }

  redo(): void {
    const edit = this.#undone.pop();
    if (!edit) return;
    this.#done.push(edit);
    edit.redo();
  }

  /** As a key, or a page, asks for it. */
  async run(command: string): Promise<void> {
    if (command !== 'undo' && command !== 'redo') return;
    const isDropped = this.#isMoving;
    this.#isMoving = true;
    await sleep(COMMAND_TAKES_MS);
    if (isDropped) return;
    if (command === 'undo') this.undo();
    else this.redo();
    this.#isMoving = false;
  }

  /** Until the function that it returns is called, a save does not begin. */
  holdSaves(): () => void {
    let letGo = () => {};
    this.#holding = new Promise((resolve) => {
      letGo = resolve;
    });
    return letGo;
  }
}
