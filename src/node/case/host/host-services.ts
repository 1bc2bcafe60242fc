import type { DisplayConvention } from '../../../core/geometry/slice-plane.ts';
import type { LabelEntry } from '../../../core/label/label-table.ts';
import type { LabelScope } from '../../../core/label/own-labels.ts';
import type { PayloadOf } from '../../../core/protocol/contract.ts';
import type { EditorContract, HostCommand } from '../../../core/protocol/editor-contract.ts';
import type { CohortStore } from '../../cohort/cohort-store.ts';
import type { SecondReviewers } from '../second-review/second-reviewers.ts';
import type { CaseSession } from '../session/case-session.ts';
import type { SessionReports } from '../session/session-reports.ts';

/** What the hosts of all editors share: the rest of the program, and the person in front of it. */
export interface HostServices {
  /** Names this process: what a page sent to one host never reaches the next. */
  readonly hostId: string;
  readonly reports: SessionReports & { info(message: string): void };
  readonly secondReviewers: Pick<
    SecondReviewers,
    'onDidChange' | 'of' | 'summaryOf' | 'labelsOf' | 'agreement' | 'hide'
  >;
  /** The labels that a cohort knows: what is on disk, and what its open cases have added and not saved yet. */
  readonly cohortLabels: (store: CohortStore) => Promise<readonly LabelEntry[]>;
  /** For whom a label is to be changed: asked where other cases have it; undefined: it is not to be changed. */
  readonly scopeOfLabelChange: (session: CaseSession, wanted: LabelEntry) => Promise<LabelScope | undefined>;
  /** Somebody works on a slice along the review axis. */
  readonly activity: (session: CaseSession, slice: number) => void;
  readonly showSliceHistory: (session: CaseSession, slice: number) => void;
  /** Who decides on the cases of the cohort in this folder; undefined: nobody is named. */
  readonly reviewerName: (folder: string) => Promise<string | undefined>;
  /** A slice was accepted. @returns what that means on a held-out case, once per case that is open */
  readonly tellOfHolding: (session: CaseSession) => Promise<string | undefined>;
}

/** What one editor needs of the program around it. */
export interface EditorSurroundings {
  /** Which model predicts, and what else an editor shows about the loop around its document. */
  readonly status: () => Promise<PayloadOf<EditorContract, 'status'>>;
  readonly convention: () => DisplayConvention;
  /** Asks what `HostedDocument.awaitsDecision` waits for. */
  readonly decide: () => Promise<void>;
  /** Runs one of the commands that an editor may ask for, if it works on this editor. Resolves when it has ended. */
  readonly runCommand: (command: Exclude<HostCommand, 'save'>) => Promise<void>;
  /** Resolves when every edit so far would outlive this process. */
  readonly editsKept: () => Promise<void>;
}
