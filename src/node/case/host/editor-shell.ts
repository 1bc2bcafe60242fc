import type { SessionReports } from '../open/session-reports.ts';

/** An edit as the keeper of an undo stack knows it. */
export interface AnnouncedEdit {
  /** The name of the edit in menus. */
  readonly label: string;
  undo(): void;
  redo(): void;
}

/**
 * The program around the editors of one document, as VS Code is. It keeps the undo stack, knows by it what is unsaved,
 * and saves when its user asks it to.
 */
export interface EditorShell {
  /** An edit was made: it is on top of the undo stack now, and what was undone before cannot be redone any more. */
  pushed(edit: AnnouncedEdit): void;
  /** Something is unsaved that cannot be undone there. */
  changed(): void;
  /**
   * Saves the document, so that the shell knows of it. @returns something that counts as false if it could not be saved
   */
  save(): PromiseLike<unknown>;
  /** Tells the user that a step which the shell has taken already cannot be taken. */
  cannotMove(): void;
  /** Returns the sentence that tells the user of an error. */
  sentenceFor(error: unknown): string;
  readonly reports: SessionReports;
}
