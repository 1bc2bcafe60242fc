import type { LeaveOut, LeftOutCase } from '../../../core/cohort/left-out.ts';
import type { PlanOverrides } from '../../../core/learn/plan/plan-overrides.ts';
import type { TrainParams, TrainProgress } from '../../../core/protocol/engine/train.ts';
import type { CohortListing } from '../../../node/cohort/cases/cohort-folder.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { CheckpointFolder, InterruptedRun } from '../../checkpoints/checkpoint-folder.ts';
import type { RunJournal } from '../../checkpoints/run-journal.ts';
import type { RunSettings } from '../../checkpoints/run-record.ts';
import type { TrainingData } from '../../training/data/training-data.ts';
import type { TrainClock } from '../../training/run/train-clock.ts';
import type { JobContext } from '../job-context.ts';

export interface TrainContext extends JobContext<TrainProgress> {
  /** The paths of the bundled threads: one reads what training learns from, the other writes its checkpoints. */
  readonly workerFiles: { readonly loader: string; readonly checkpoints: string };
}

/** A training of a cohort that no other process trains at the same time. */
export interface LockedTraining {
  readonly params: TrainParams;
  readonly context: TrainContext;
  readonly listing: CohortListing;
  /** The cohort's state. For a fold it is the state in which the fold's folder lies. */
  readonly home: CohortStore;
  /** Versions and checkpoints go here. */
  readonly store: CohortStore;
  readonly checkpoints: CheckpointFolder;
  /** The run that this one goes on with. It is null where the run begins anew. */
  readonly interrupted: InterruptedRun | null;
  readonly settings: RunSettings;
  /** ISO 8601. */
  readonly startedAt: string;
  /** What a person decided of the plan. It is undefined where that is nothing. */
  readonly decided: PlanOverrides | undefined;
  readonly clock: TrainClock;
}

/** A training with the data that it learns from and what is written down of it. */
export interface TrainingRun extends LockedTraining {
  /** The data as it was frozen. Cases of it may still turn out to be unreadable. */
  readonly found: TrainingData;
  readonly journal: RunJournal;
  /** The cases that should take part and cannot; `leaveOut` adds one. */
  readonly leftOut: readonly LeftOutCase[];
  readonly leaveOut: LeaveOut;
  /** What did not go as it should, in sentences for the user; `tell` adds one. */
  readonly notes: readonly string[];
  readonly tell: (note: string) => void;
}
