import { VoxelLoopError } from '../../core/errors.ts';
import type { Notice } from '../looking/open-editor.ts';

/**
 * Holds what the editor says to its user, on the screen and to screen readers, and sends the log what belongs there.
 */
export class EditorVoice {
  readonly #defects = new Set<string>();
  #notice: Notice | undefined;
  #announcement = '';

  /**
   * @param changed is called when a text appears or goes
   * @param toLog receives what should not happen
   */
  constructor(
    private readonly changed: () => void,
    private readonly toLog: (defect: Error) => void,
  ) {}

  get notice(): Notice | undefined {
    return this.#notice;
  }

  /** The text that a screen reader shall say. */
  get announcement(): string {
    return this.#announcement;
  }

  notify(text: string, severity: Notice['severity']): void {
    this.#notice = { text, severity };
    this.changed();
  }

  dismissNotice(): void {
    this.#notice = undefined;
    this.changed();
  }

  announce(text: string): void {
    this.#announcement = text;
    this.changed();
  }

  tellError(error: unknown): void {
    // The other side's defects have no sentence for users.
    if (error instanceof VoxelLoopError && error.code !== 'internal') this.notify(error.message, 'error');
    else {
      this.notify('Something went wrong in the editor. The log has the details.', 'error');
      this.reportDefect(error);
    }
  }

  /** Reports a defect to the log, and the same defect only once. */
  reportDefect(error: unknown): void {
    const defect = error instanceof Error ? error : new Error(String(error));
    if (this.#defects.has(defect.message)) return;
    this.#defects.add(defect.message);
    this.toLog(defect);
  }
}
