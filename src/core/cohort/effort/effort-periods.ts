/** With more days than this, the periods are weeks. */
const MOST_DAYS = 30;

export interface Periods {
  readonly unit: 'day' | 'week';
  /** Returns the first day of the period that a time lies in, as YYYY-MM-DD. */
  readonly periodOf: (when: string) => string;
}

/**
 * Decides how to divide the time that some work took.
 * @param times ISO 8601, UTC
 * @param dayOf returns the day of a time where the user is, as YYYY-MM-DD
 */
export function periodsFor(times: readonly string[], dayOf: (when: string) => string): Periods {
  if (new Set(times.map(dayOf)).size <= MOST_DAYS) return { unit: 'day', periodOf: dayOf };
  return { unit: 'week', periodOf: (when) => mondayOf(dayOf(when)) };
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
