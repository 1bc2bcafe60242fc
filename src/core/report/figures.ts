import type { Interval } from '../metrics/bootstrap.ts';

/** This file writes figures as the report shows them. A dash stands for what is not defined or infinite. */

const DASH = '–';

function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return DASH;
  const text = value.toFixed(digits);
  // A value that rounds to 0 is not written as "-0.0".
  return (Number(text) === 0 ? (0).toFixed(digits) : text).replace('-', '−');
}

/** Writes a score of 0 to 1 with three digits: more would be noise for the number of cases that there are. */
export function scoreText(value: number): string {
  return fixed(value, 3);
}

export function mmText(value: number): string {
  return fixed(value, 2);
}

export function mlText(value: number): string {
  return fixed(value, Math.abs(value) < 10 ? 2 : 1);
}

/** Writes a share as a percentage: 0.031 is "+3.1". */
export function percentText(value: number): string {
  return signed(100 * value, 1);
}

/** Writes a number with its sign. */
export function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

export function intervalText([low, high]: Interval, format: (value: number) => string): string {
  return Number.isFinite(low) && Number.isFinite(high) ? `${format(low)} to ${format(high)}` : DASH;
}

/** Writes 12345 as "12 345", with thin spaces that do not break. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

export function countedText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return `${h} h ${min} min`;
  return min > 0 ? `${min} min ${s} s` : `${s} s`;
}

/** Writes an ISO 8601 time as "2026-03-04 05:06 UTC". */
export function momentText(iso: string): string {
  return iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*Z$/, '$1 $2 UTC');
}
