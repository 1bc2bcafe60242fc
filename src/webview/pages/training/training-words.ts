/** Figures of the training page as they are read. */

export function diceText(dice: number | null): string {
  return dice === null ? '–' : dice.toFixed(3);
}

/** "+0.012", "−0.004"; a dash where one of the two is not known. */
export function differenceText(now: number | null, before: number | null): string {
  if (now === null || before === null) return '–';
  const difference = now - before;
  const digits = Math.abs(difference).toFixed(3);
  return digits === '0.000' ? '0.000' : `${difference > 0 ? '+' : '−'}${digits}`;
}

/** "45 s", "8 min", "1 h 20 min" */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1 case", "3 cases" */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${groups(count)} ${count === 1 ? one : many}`;
}

/** "12,345" */
export function groups(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Two digits that say something, for steps that nobody counts exactly. */
export function about(count: number): string {
  return groups(Number(count.toPrecision(2)));
}

/** "1.2e-3": learning rates span decades. */
export function rateText(rate: number): string {
  return rate === 0 ? '0' : rate.toExponential(1).replace('e+', 'e');
}
