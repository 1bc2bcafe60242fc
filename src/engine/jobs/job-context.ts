import type { CancelSignal } from '../../core/cancel.ts';
import type { Engines } from '../choice/engines.ts';

/** A job is given this beside its parameters. */
export interface JobContext<Progress> {
  readonly engines: Engines;
  readonly signal: CancelSignal;
  readonly progress: (report: Progress) => void;
  readonly log: (level: 'info' | 'warning' | 'error', message: string) => void;
}
