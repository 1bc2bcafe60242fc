import type { CancelSignal } from '../../core/cancel.ts';

/** Installs the package of an engine into a folder, and knows the words in which the user is asked first. */
export interface EngineInstaller {
  /**
   * The reason, as a sentence, why there is nothing to install for this platform; it is undefined if there is
   * something.
   */
  readonly obstacle: string | undefined;
  /** The question, for instance "Install ...?". */
  readonly question: string;
  /** The sentences say what will be downloaded from where, and what it takes to run. */
  readonly explanation: (folder: string) => string;
  /** The title of the notification that shows the progress. */
  readonly progressTitle: string;
  /** Installs the package. The folder appears, or replaces the one before, only when all of it is there. */
  readonly install: (folder: string, options: InstallOptions) => Promise<void>;
}

export interface InstallOptions {
  /** Ends the installation and all that it has started. */
  readonly signal: CancelSignal;
  /** Is told how many megabytes lie on the disk by now. */
  readonly onProgress: (megabytes: number) => void;
}
