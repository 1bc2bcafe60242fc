/** A cell is left empty where its value is null or undefined, which means not known. */
export type CsvCell = string | number | boolean | null | undefined;

/** A spreadsheet takes a text that begins like this for a formula, and runs it when the file is opened. */
const BEGINS_LIKE_A_FORMULA = /^[=+\-@\t\r\n]/;

/**
 * Writes rows as RFC 4180 has it: lines end with carriage return and line feed, what has a comma, a quote or a line
 * break is quoted, and quotes are doubled. Every file of comma-separated values that we write comes from here.
 *
 * A text that begins like a formula gets an apostrophe in front, which spreadsheets take for "this is text". Numbers
 * never get one: they are written from numbers, so that -1.5 is -1.5 for a spreadsheet and for pandas alike.
 *
 * @param rows the header comes first
 */
export function csvText(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return numberText(cell);
  const text = String(cell);
  const safe = BEGINS_LIKE_A_FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Writes nine significant digits: enough for every figure, without the noise of binary fractions. Whole numbers are
 * exact.
 */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return '';
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(9)));
}
