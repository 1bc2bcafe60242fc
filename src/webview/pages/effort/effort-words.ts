import { durationWords } from '../../../core/cohort/records/history-words.ts';
import type { ShownEffort } from '../../../core/protocol/effort-contract.ts';

type Figures = ShownEffort['versions'][number]['figures'];
export type ShownShare = NonNullable<Figures['unchanged']>;
export type ShownSpread = NonNullable<Figures['dice']>;

/** This sign stands where nothing is known. */
export const UNKNOWN = '–';

export function versionName(version: number | null): string {
  if (version === null) return 'by hand';
  return version === 0 ? 'another model' : `model ${version}`;
}

/** Writes a day that is given as YYYY-MM-DD, for instance "24 Nov 2026". */
export function dayName(day: string): string {
  return new Date(`${day}T00:00:00`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

export const percent = (part: number): string => `${Math.round(part * 100)} %`;
export const threeDigits = (value: number): string => value.toFixed(3);
export const numberText = (value: number): string => Math.round(value).toLocaleString('en');

/** Writes a share, for instance "83 % (50 of 60)". */
export function shareText(share: ShownShare | null): string {
  return share ? `${percent(share.count / share.of)} (${numberText(share.count)} of ${numberText(share.of)})` : UNKNOWN;
}

/** Writes median and quartiles, for instance "0.912 (0.880 to 0.934)". */
export function spreadText(spread: ShownSpread | null, write: (value: number) => string): string {
  if (!spread) return UNKNOWN;
  const { n, low, median, high } = spread;
  return n === 1 ? write(median) : `${write(median)} (${write(low)} to ${write(high)})`;
}

export function countedInWords(count: number, word: string): string {
  return `${numberText(count)} ${word}${count === 1 ? '' : 's'}`;
}

export { durationWords };
