import type { LeaveOut, LeftOutCase } from '../../../core/cohort/left-out.ts';
import type { CohortSplit } from '../../../core/cohort/records/splits.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { DataSummary } from '../../../core/learn/planning/data-summary.ts';
import type { TrainingSlices } from '../../../core/learn/prediction/training-slices.ts';
import type { TrainedNetwork } from '../../../core/learn/training/network-training.ts';
import type { NetworkEngine } from '../../../core/net/graph/network-engine.ts';
import type { ReportedCase } from '../../../core/report/training-report.ts';
import type { CohortListing } from '../../../node/cohort/cases/cohort-folder.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import type { RunSettings } from '../../checkpoints/run-record.ts';
import type { CaseLoader } from '../../inputs/case-loader.ts';
import type { ModelFile } from '../../inputs/model-file.ts';
import type { CaseSets } from '../data/choose-sets.ts';

/** A training that has ended, with all that its version will be judged by and will say of itself. */
export interface FinishedTraining {
  readonly settings: RunSettings;
  readonly listing: CohortListing;
  readonly store: CohortStore;
  /** This engine predicts what judges. */
  readonly engine: NetworkEngine;
  /** The name of the engine that trained. */
  readonly engineName: string;
  /** What did not go as it should, in sentences for the user. More may come while it is judged. */
  readonly notes: readonly string[];
  /** Cases that should have taken part and could not. Those that cannot judge are added while they judge. */
  readonly leftOut: readonly LeftOutCase[];
  readonly leaveOut: LeaveOut;
  readonly loader: CaseLoader;
  readonly plan: Plan;
  /** The plan in words. */
  readonly planSentences: readonly string[];
  /** It is true when clean-up is learned on the tune cases; else it is the plan's. */
  readonly learnsCleanUp: boolean;
  /** What planning saw in the data. */
  readonly summary: DataSummary;
  readonly trained: TrainedNetwork;
  /** The patience that it had. It is undefined where that was endless. */
  readonly patience: number | undefined;
  readonly split: CohortSplit;
  readonly sets: CaseSets;
  /** The values of the labels that it has learned; others are not judged. */
  readonly learnt: ReadonlySet<number>;
  /** The reports of the cases that train and tune. */
  readonly reported: readonly ReportedCase[];
  /** The number of slices as the outlook counts them: in the direction in which they are reviewed. */
  readonly acceptedSlices: number;
  readonly trainedSlices: number;
  /** What new slices are compared with. It is null where there were too few slices. */
  readonly trainedOn: TrainingSlices | null;
  /** The version that predicts now. It is null where there is none. */
  readonly active: ModelFile | null;
  /** The version whose weights it started from. It is null where they were random. */
  readonly parent: number | null;
  /** The fingerprint of what trained and tuned (`dataFingerprint`). */
  readonly dataFingerprint: string;
  /** Returns the time on the wall clock that the request has taken until now. */
  readonly seconds: () => number;
  readonly log: (level: 'info' | 'warning', message: string) => void;
  /** Is told the share of the work that is done. */
  readonly onFraction: (fraction: number) => void;
}
