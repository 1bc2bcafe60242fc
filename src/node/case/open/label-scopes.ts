import type { LabelEntry, LabelTable } from '../../../core/label/table/label-table.ts';
import { type LabelScope, type SharedTable, shareTable } from '../../../core/label/table/own-labels.ts';
import { cohortLabelTable } from '../../cohort/labels/cohort-labels.ts';
import type { EditBase } from './edit-base.ts';
import type { CaseInCohort, SessionContext } from './session-context.ts';

/** Knows for which cases changes of a case's labels are meant: for the case alone, or for its cohort. */
export class LabelScopes {
  /** The decisions by file value. */
  readonly #decided = new Map<number, LabelScope>();

  constructor(
    private readonly place: CaseInCohort,
    private readonly usesOfLabel: SessionContext['usesOfLabel'],
  ) {}

  decide(value: number, scope: LabelScope): void {
    this.#decided.set(value, scope);
  }

  /**
   * Divides the labels of a case into those of the cohort and its own. A change that nobody was asked about (for
   * instance of unsaved work that came back) is for the cohort only if no other case has the label.
   * @throws RecordError, CohortDescriptionError
   */
  async share(table: LabelTable, base: EditBase): Promise<SharedTable> {
    const { store, files } = this.place;
    const cohort = await cohortLabelTable(store);
    // The names of masks count where nobody has given any, because their numbers must be the same in all cases. So do
    // the names that a file of another format gives its labels.
    const isUnnamed = ({ value, name }: LabelEntry) => name === `label ${value}`;
    const isDescribed = files.masks?.[0].isLabelMap ?? false;
    const described = isDescribed ? base.table.filter((entry) => !isUnnamed(entry)) : (files.masks ?? []);
    const values = new Set(described.map(({ value }) => value));
    const known = cohort.filter((entry) => !values.has(entry.value) || !isUnnamed(entry));
    const before = { table: base.table, own: base.record.labels ?? [] };
    const undecided = new Set<number>();
    const firstLook = shareTable(table, known, before, (value) => {
      if (!this.#decided.has(value)) undecided.add(value);
      return this.#decided.get(value) ?? 'case';
    });
    if (undecided.size === 0) return firstLook;
    for (const value of undecided) {
      const { cases, unknown } = await this.usesOfLabel(this.place, value);
      this.decide(value, cases.length + unknown === 0 ? 'cohort' : 'case');
    }
    return shareTable(table, known, before, (value) => this.#decided.get(value) ?? 'case');
  }
}
