import { VoxelLoopError } from '../../core/errors.ts';
import type { Notice } from '../looking/open-editor.ts';

/** What the editor says to its user, on the screen and to screen readers, and what it tells the log. */
export class EditorVoice {
  readonly #defects = new Set<string>();
  #notice: Notice | undefined;
  #announcement = '';

  /**
   * @param changed something is said, or no more
   * @param toLog takes what should not happen
   */
  constructor(
    private readonly changed: () => void,
    private readonly toLog: (defect: Error) => void,
  ) {}

  get notice(): Notice | undefined {
    return this.#notice;
  }

  /** What a screen reader shall say. */
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
    if (error instanceof VoxelLoopError) this.notify(error.message, 'error');
    else {
      this.notify('Something went wrong in the editor. The log has the details.', 'error');
      this.reportDefect(error);
    }
  }

  /** For the log; one and the same defect is told once. */
  reportDefect(error: unknown): void {
    const defect = error instanceof Error ? error : new Error(String(error));
    if (this.#defects.has(defect.message)) return;
    this.#defects.add(defect.message);
    this.toLog(defect);
  }
}
