import * as v from 'valibot';
import { counted } from '../text/counted.ts';

/** A case that takes no part although it should: one odd case must not keep the others from taking part. */
export const leftOutCase = v.strictObject({
  id: v.string(),
  /** A sentence for the user: what is wrong with it, and what helps. */
  reason: v.string(),
});
export type LeftOutCase = v.InferOutput<typeof leftOutCase>;

/** A listener that is called with each case that is left out. */
export type LeaveOut = (left: LeftOutCase) => void;

/** So many cases are told of with their reasons; of the others only the names are told. */
const EXPLAINED = 10;

export function leftOutSentence({ id, reason }: LeftOutCase): string {
  return `Case ${id} is left out: ${reason}`;
}

/** Writes one sentence per case; of very many it gives only the names of those that come last. */
export function leftOutSentences(cases: readonly LeftOutCase[]): string[] {
  const rest = cases.slice(EXPLAINED);
  const sentences = cases.slice(0, EXPLAINED).map(leftOutSentence);
  if (rest.length > 0) {
    const names = rest.map(({ id }) => id).join(', ');
    sentences.push(`${counted(rest.length, 'more case is', 'more cases are')} left out: ${names}.`);
  }
  return sentences;
}

/** Writes "2 of 12 cases were left out: c1, c5." */
export function leftOutSummary(cases: readonly Pick<LeftOutCase, 'id'>[], all: number, what = 'case'): string {
  const were = cases.length === 1 ? 'was' : 'were';
  return `${cases.length} of ${counted(all, what)} ${were} left out: ${cases.map(({ id }) => id).join(', ')}.`;
}
