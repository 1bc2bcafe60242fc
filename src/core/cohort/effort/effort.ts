import type { CaseRecord } from '../records/case-record.ts';
import { type CaseTotal, type EffortFigures, effortFigures } from './effort-figures.ts';
import { pooledDice, type SliceEffort, sliceEffort } from './slice-effort.ts';

/** One case of the effort report, which has only cases in which somebody accepted a slice here. */
export interface CaseEffort extends CaseTotal {
  readonly id: string;
  /**
   * The version that most of its accepted slices started from (the newest of several). It is null where they were drawn
   * by hand.
   */
  readonly version: number | null;
  /** It is true when somebody accepted every slice here. */
  readonly finished: boolean;
  readonly slices: number;
  readonly acceptedSlices: number;
  /** Of the accepted slices, nobody had looked at these. The figures below are of the others. */
  readonly neverShownSlices: number;
  readonly foregroundSlices: number;
  /** This counts slices with foreground only. */
  readonly unchangedSlices: number;
  /**
   * Dice of the proposals, as the mean over labels; `labels` has it by file value. They are null and empty where
   * nothing was compared.
   */
  readonly dice: number | null;
  readonly labelDice: ReadonlyMap<number, number>;
  /** ISO 8601, UTC. */
  readonly lastAccepted: string;
}

/** What one person accepted. */
export interface PersonEffort {
  /** It is null when nobody was named. */
  readonly who: string | null;
  readonly cases: number;
  readonly slices: number;
  /** It means the same as in `CaseEffort`. */
  readonly neverShownSlices: number;
  readonly foregroundSlices: number;
  readonly unchangedSlices: number;
  readonly voxels: number;
  /** All the time that these slices took, whoever spent it. */
  readonly seconds: number;
}

export interface EffortReport {
  /** The figures by model version, first those by hand (null), then ascending. */
  readonly versions: readonly { readonly version: number | null; readonly figures: EffortFigures }[];
  /** The figures by period of acceptance, ascending; periods in which nothing was accepted are left out. */
  readonly periods: readonly { readonly period: string; readonly figures: EffortFigures }[];
  /** The cases are in order of their ids. */
  readonly cases: readonly CaseEffort[];
  /** Who accepted most comes first. */
  readonly people: readonly PersonEffort[];
}

/**
 * Computes from the case records alone what accepting cost in a cohort.
 * @param periodOf returns the day, week or month of a time (ISO 8601, UTC), as text that sorts
 */
export function effortReport(
  records: ReadonlyMap<string, CaseRecord>,
  periodOf: (when: string) => string,
): EffortReport {
  const worked = [...records]
    .map(([id, record]) => ({ id, record, slices: acceptedHere(record) }))
    .filter(({ slices }) => slices.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const cases = worked.map(({ id, record, slices }) => caseEffort(id, record, slices));
  const group = <Key>(keyOf: (slice: SliceEffort) => Key, keyOfCase: (total: CaseEffort) => Key) => {
    const keys = new Set(worked.flatMap(({ slices }) => slices.map(keyOf)));
    const byKey = new Map([...keys].map((key) => [key, [] as SliceEffort[][]]));
    for (const { slices } of worked) {
      const parts = new Map<Key, SliceEffort[]>();
      for (const slice of slices) {
        const part = parts.get(keyOf(slice));
        if (part) part.push(slice);
        else parts.set(keyOf(slice), [slice]);
      }
      for (const [key, part] of parts) byKey.get(key)?.push(part);
    }
    return [...byKey].map(([key, parts]) => ({
      key,
      figures: effortFigures(
        parts,
        // Slices that nobody looked at cost nothing, so a case that has any would look cheap.
        cases.filter((total) => total.finished && total.neverShownSlices === 0 && keyOfCase(total) === key),
      ),
    }));
  };
  return {
    versions: group<number | null>(
      ({ version }) => version,
      ({ version }) => version,
    )
      .map(({ key, figures }) => ({ version: key, figures }))
      .sort((a, b) => (a.version ?? -1) - (b.version ?? -1)),
    periods: group(
      ({ when }) => periodOf(when),
      ({ lastAccepted }) => periodOf(lastAccepted),
    )
      .map(({ key, figures }) => ({ period: key, figures }))
      .sort((a, b) => (a.period < b.period ? -1 : 1)),
    cases,
    people: peopleOf(worked.map(({ id, slices }) => ({ id, slices }))),
  };
}

function acceptedHere({ slices }: CaseRecord): SliceEffort[] {
  return slices.map(sliceEffort).filter((slice) => slice !== null);
}

function caseEffort(id: string, { slices: all }: CaseRecord, accepted: readonly SliceEffort[]): CaseEffort {
  const slices = accepted.filter(({ neverShown }) => !neverShown);
  const { mean, labels } = pooledDice(slices);
  const foreground = slices.filter(({ hasForeground }) => hasForeground === true);
  return {
    id,
    version: mainVersion(accepted),
    finished: accepted.length === all.length,
    slices: all.length,
    acceptedSlices: accepted.length,
    neverShownSlices: accepted.length - slices.length,
    foregroundSlices: foreground.length,
    unchangedSlices: foreground.filter(({ unchanged }) => unchanged).length,
    dice: mean,
    labelDice: labels,
    voxels: slices.some(({ voxels }) => voxels === null) ? null : sum(slices.map(({ voxels }) => voxels ?? 0)),
    seconds: sum(all.map(({ seconds }) => seconds ?? 0)),
    lastAccepted: accepted.map(({ when }) => when).reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a)),
  };
}

function mainVersion(slices: readonly SliceEffort[]): number | null {
  const counts = new Map<number | null, number>();
  for (const { version } of slices) counts.set(version, (counts.get(version) ?? 0) + 1);
  const [first] = [...counts].sort(([a, n], [b, m]) => m - n || (b ?? -1) - (a ?? -1));
  return first[0];
}

function peopleOf(worked: readonly { readonly id: string; readonly slices: readonly SliceEffort[] }[]): PersonEffort[] {
  const people = new Map<string | null, { cases: Set<string>; slices: SliceEffort[] }>();
  for (const { id, slices } of worked) {
    for (const slice of slices) {
      const person = people.get(slice.who) ?? { cases: new Set<string>(), slices: [] };
      person.cases.add(id);
      person.slices.push(slice);
      people.set(slice.who, person);
    }
  }
  return [...people]
    .map(([who, { cases, slices: accepted }]) => {
      const slices = accepted.filter(({ neverShown }) => !neverShown);
      const foreground = slices.filter(({ hasForeground }) => hasForeground === true);
      return {
        who,
        cases: cases.size,
        slices: accepted.length,
        neverShownSlices: accepted.length - slices.length,
        foregroundSlices: foreground.length,
        unchangedSlices: foreground.filter(({ unchanged }) => unchanged).length,
        voxels: sum(slices.map(({ voxels }) => voxels ?? 0)),
        seconds: sum(slices.map(({ seconds }) => seconds)),
      };
    })
    .sort((a, b) => b.slices - a.slices || ((a.who ?? '') < (b.who ?? '') ? -1 : 1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
