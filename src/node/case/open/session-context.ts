import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { LabelUse } from '../../cohort/labels/label-uses.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import type { LabelFiles } from './load-case.ts';
import type { SessionReports } from './session-reports.ts';
import type { WorkWitness } from './work-witness.ts';

/** A case, and the store of the cohort that it lies in. */
export interface CaseInCohort {
  readonly files: CaseFiles;
  readonly store: CohortStore;
}

/** A session needs this of the program around it, and speaks through it. */
export interface SessionContext {
  readonly labelFiles: () => LabelFiles;
  readonly witness: WorkWitness;
  readonly reports: SessionReports;
  /** Asks the user whether to save although `question` then becomes permanent. */
  readonly agreesToSave: (question: string) => Promise<boolean>;
  /** Tells whether the user trusts the folder: only then is an interrupted save completed. */
  readonly mayComplete: () => boolean;
  /** Tells in which other cases of the cohort a label is used. */
  readonly usesOfLabel: (place: CaseInCohort, value: number) => Promise<LabelUse>;
}
