import { basename } from 'node:path';
import { type EffortReport, effortReport } from '../../core/cohort/effort/effort.ts';
import { periodsFor } from '../../core/cohort/effort/effort-periods.ts';
import type { EffortState, ShownEffort } from '../../core/protocol/effort-contract.ts';
import { cohortLabelTable } from '../cohort/labels/cohort-labels.ts';
import type { CohortStore } from '../cohort/state/cohort-store.ts';
import { CaseRecords } from './case-records.ts';

/** Computes the effort of one cohort from its records. */
export class CohortEffort {
  readonly #records: CaseRecords;

  constructor(readonly store: CohortStore) {
    this.#records = new CaseRecords(store);
  }

  read(): ReturnType<CaseRecords['read']> {
    return this.#records.read();
  }

  /** @throws FileAccessError, RecordError, CohortDescriptionError */
  async state(): Promise<EffortState> {
    const { records, damaged } = await this.read();
    const times = [...records.values()].flatMap(({ slices }) => slices.flatMap(({ when }) => when ?? []));
    const { unit, periodOf } = periodsFor(times, localDay);
    const report = effortReport(records, periodOf);
    const table = await cohortLabelTable(this.store);
    return {
      cohort: basename(this.store.root),
      report: report.cases.length === 0 ? null : shown(report, unit),
      labels: table.map(({ value, name }) => ({ value, name })),
      problem: damaged.length === 0 ? null : damagedSentence(damaged),
    };
  }
}

function shown({ versions, periods, cases, people }: EffortReport, unit: ShownEffort['unit']): ShownEffort {
  return {
    unit,
    versions: [...versions],
    periods: [...periods],
    cases: [...cases]
      .sort((a, b) => Date.parse(b.lastAccepted) - Date.parse(a.lastAccepted))
      .map(({ labelDice, ...rest }) => ({
        ...rest,
        labelDice: [...labelDice].map(([value, dice]) => ({ value, dice })),
      })),
    people: [...people],
  };
}

/** The day in the user's time zone, as YYYY-MM-DD. */
function localDay(when: string): string {
  const date = new Date(when);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function damagedSentence(ids: readonly string[]): string {
  const named = ids.slice(0, 3).join(', ');
  const more = ids.length > 3 ? ` and ${ids.length - 3} more` : '';
  return `The review records of ${named}${more} are damaged and not counted: restore them from version control.`;
}
