import type { HistoryPoint } from './learning-run.ts';

/** One training of a bench, as it is kept in the repository. */
export interface RecordedRun {
  readonly preset: string;
  /** Training cases, those for tuning included. */
  readonly cases: number;
  readonly minutes: number;
  readonly seed: number;
  /** Overrides of the plan as JSON; empty: none. */
  readonly plan: string;
  readonly steps: number;
  readonly trainSeconds: number;
  readonly predictSeconds: number;
  /** Mean over the held-out cases of the mean over labels. */
  readonly meanDice: number;
  readonly labels: readonly {
    readonly name: string;
    readonly meanDice: number | null;
    readonly pooledDice: number | null;
  }[];
  readonly worstCase: number;
  readonly medianCase: number;
  readonly history: readonly HistoryPoint[];
  readonly machine: string;
  readonly date: string;
}
