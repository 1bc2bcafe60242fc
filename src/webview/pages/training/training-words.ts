/** This file writes the figures of the training page as people read them. */

export function diceText(dice: number | null): string {
  return dice === null ? '–' : dice.toFixed(3);
}

/** Writes a difference, for instance "+0.012" or "−0.004", and a dash where one of the two is not known. */
export function differenceText(now: number | null, before: number | null): string {
  if (now === null || before === null) return '–';
  const difference = now - before;
  const digits = Math.abs(difference).toFixed(3);
  return digits === '0.000' ? '0.000' : `${difference > 0 ? '+' : '−'}${digits}`;
}

/** Writes a time, for instance "45 s", "8 min" or "1 h 20 min". */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Writes a number with its noun, for instance "1 case" or "3 cases". */
export function countedInGroups(count: number, one: string, many = `${one}s`): string {
  return `${groups(count)} ${count === 1 ? one : many}`;
}

/** Writes a number in groups, for instance "12,345". */
export function groups(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Rounds to two significant digits, for steps that nobody counts exactly. */
export function about(count: number): string {
  return groups(Number(count.toPrecision(2)));
}

/** Writes a learning rate, for instance "1.2e-3": such rates span decades. */
export function rateText(rate: number): string {
  return rate === 0 ? '0' : rate.toExponential(1).replace('e+', 'e');
}
