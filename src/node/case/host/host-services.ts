import type { DisplayConvention } from '../../../core/geometry/slice-plane.ts';
import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import type { LabelScope } from '../../../core/label/table/own-labels.ts';
import type { PayloadOf } from '../../../core/protocol/contract.ts';
import type { EditorContract, HostCommand } from '../../../core/protocol/editor-contract.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import type { SessionReports } from '../open/session-reports.ts';
import type { SecondReviewers } from '../second-review/second-reviewers.ts';
import type { CaseSession } from '../session/case-session.ts';

/** The hosts of all editors share these: the rest of the program, and the person in front of it. */
export interface HostServices {
  /** This id names the process: what a page sent to one host never reaches the next. */
  readonly hostId: string;
  readonly reports: SessionReports & { info(message: string): void };
  readonly secondReviewers: Pick<
    SecondReviewers,
    'onDidChange' | 'of' | 'summaryOf' | 'labelsOf' | 'agreement' | 'hide'
  >;
  /** The labels that a cohort knows: those on the disk, and those that its open cases have added and not saved yet. */
  readonly cohortLabels: (store: CohortStore) => Promise<readonly LabelEntry[]>;
  /**
   * Asks for which cases a label is to be changed, where other cases have it. It resolves to undefined if the label is
   * not to be changed.
   */
  readonly scopeOfLabelChange: (session: CaseSession, wanted: LabelEntry) => Promise<LabelScope | undefined>;
  /** Is called when somebody works on a slice along the review axis. */
  readonly activity: (session: CaseSession, slice: number) => void;
  readonly showSliceHistory: (session: CaseSession, slice: number) => void;
  /**
   * The name of the person who decides on the cases of the cohort in this folder; it is undefined if nobody is named.
   */
  readonly reviewerName: (folder: string) => Promise<string | undefined>;
  /** Is called when a slice was accepted. @returns what that means on a held-out case, once per case that is open */
  readonly tellOfHolding: (session: CaseSession) => Promise<string | undefined>;
}

/** One editor needs this of the program around it. */
export interface EditorSurroundings {
  /** The model that predicts, and whatever else an editor shows about the loop around its document. */
  readonly status: () => Promise<PayloadOf<EditorContract, 'status'>>;
  readonly convention: () => DisplayConvention;
  /** Asks the question that `HostedDocument.awaitsDecision` is about. */
  readonly decide: () => Promise<void>;
  /**
   * Runs one of the commands that an editor may ask for, if it works on this editor. It resolves when the command has
   * ended.
   */
  readonly runCommand: (command: Exclude<HostCommand, 'save'>) => Promise<void>;
  /** Resolves when every edit so far would outlive this process. */
  readonly editsKept: () => Promise<void>;
}
