/** Where a session says what it cannot decide by itself. */
export interface SessionReports {
  /** For the log. */
  warn(message: string, error: unknown): void;
  /** For the log. */
  error(message: string, error?: unknown): void;
  /** For the user. */
  tell(error: unknown): void;
}
