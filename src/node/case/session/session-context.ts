import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { CohortStore } from '../../cohort/cohort-store.ts';
import type { LabelUse } from '../../cohort/label-uses.ts';
import type { LabelFiles } from './load-case.ts';
import type { SessionReports } from './session-reports.ts';
import type { WorkWitness } from './work-witness.ts';

/** Where a case lies. */
export interface CasePlace {
  readonly files: CaseFiles;
  readonly store: CohortStore;
}

/** What a session stands on and with whom it speaks. */
export interface SessionContext {
  readonly labelFiles: () => LabelFiles;
  readonly witness: WorkWitness;
  readonly reports: SessionReports;
  /** Asks the user whether to save although `question` becomes permanent then. */
  readonly agreesToSave: (question: string) => Promise<boolean>;
  /** Whether the user trusts the folder: only then a save that was interrupted is completed. */
  readonly mayComplete: () => boolean;
  /** Which other cases of the cohort a label means something to. */
  readonly usesOfLabel: (place: CasePlace, value: number) => Promise<LabelUse>;
}
