import type { CancelSignal } from '../../core/cancel.ts';

/** Installs the package of an engine into a folder, with the words in which the user is asked first. */
export interface EngineInstaller {
  /** Why there is nothing to install for this platform, as a sentence; undefined: there is. */
  readonly obstacle: string | undefined;
  /** "Install ...?" */
  readonly question: string;
  /** What will be downloaded from where and what it takes to run, in sentences. */
  readonly explanation: (folder: string) => string;
  /** What the notification with the progress is called. */
  readonly progressTitle: string;
  /** The folder appears, or takes the place of the one before, only when all of it is there. */
  readonly install: (folder: string, options: InstallOptions) => Promise<void>;
}

export interface InstallOptions {
  /** Ends the installation and all that it has started. */
  readonly signal: CancelSignal;
  /** Hears how much lies on the disk by now. */
  readonly onProgress: (megabytes: number) => void;
}
