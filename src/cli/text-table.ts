/**
 * Writes rows as aligned columns, two spaces apart: the first column to the left, the others (figures) to the right.
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Writes a score of 0 to 1 with four digits; "-" stands for one that is not defined. */
export function formatScore(score: number | null): string {
  return score === null || Number.isNaN(score) ? '-' : score.toFixed(4);
}
