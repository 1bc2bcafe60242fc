/** A session reports here what it cannot decide by itself. */
export interface SessionReports {
  /** Writes a warning to the log. */
  warn(message: string, error: unknown): void;
  /** Writes an error to the log. */
  error(message: string, error?: unknown): void;
  /** Tells the user of an error. */
  tell(error: unknown): void;
}
