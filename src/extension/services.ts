import type * as vscode from 'vscode';
import type { ShownProposals } from '../node/case/host/shown-proposals.ts';
import type { SecondReviewers } from '../node/case/second-review/second-reviewers.ts';
import type { SessionRegistry } from '../node/case/session/session-registry.ts';
import type { CurrentCohort } from './cohort/current-cohort.ts';
import type { WatchedOverview } from './cohort/watched-overview.ts';
import type { EditorStatus } from './editor/page/editor-status.ts';
import type { VolumeEditorProvider } from './editor/volume-editor-provider.ts';
import type { ActiveClock } from './effort/active-clock.ts';
import type { EngineHost } from './engine/engine-host.ts';
import type { NoModel } from './session/no-model.ts';
import type { TrainingMemory } from './training/training-memory.ts';
import type { TrainingRuns } from './training/training-runs.ts';
import type { Volumes } from './volumes.ts';

/** The features of the extension share these services; `create-services.ts` makes one of each per window. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly volumes: Volumes;
  readonly engines: EngineHost;
  readonly sessions: SessionRegistry;
  readonly editors: VolumeEditorProvider;
  readonly status: EditorStatus;
  readonly cohort: CurrentCohort;
  /** The overview of the current cohort. */
  readonly overview: WatchedOverview;
  readonly noModel: NoModel;
  readonly activeClock: ActiveClock;
  readonly secondReviewers: SecondReviewers;
  readonly proposals: ShownProposals;
  readonly training: TrainingRuns;
  readonly trainingMemory: TrainingMemory;
  /** Registers `voxelLoop.<name>`. An error that `run` throws is shown to the user as one sentence. */
  readonly command: (name: string, run: (...args: readonly unknown[]) => unknown) => void;
}
