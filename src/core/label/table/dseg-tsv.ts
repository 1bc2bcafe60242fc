import { freeLabelColor } from './label-colors.ts';
import { LabelFileError } from './label-file-error.ts';
import { BACKGROUND, checkLabelTable, colorsOf, type LabelEntry, type LabelTable } from './label-table.ts';

/**
 * Reads the label table of BIDS segmentations: tab-separated columns with `index` and `name`, maybe `color`
 * (`#rrggbb`), in any order, with others passed over ("Common image-derived labels", BIDS 1.10). A label without a
 * colour gets one of ours.
 *
 * @param name the file's name, for the sentence
 * @throws LabelFileError
 * @throws LabelTableError
 */
export function parseDsegTsv(text: string, name: string): LabelTable {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const columns = lines[0].split('\t').map((column) => column.trim());
  const [index, named, color] = ['index', 'name', 'color'].map((column) => columns.indexOf(column));
  if (index < 0 || named < 0) {
    throw new LabelFileError(`${name} has no columns "index" and "name", which tell labels: correct it or remove it.`);
  }
  const entries: LabelEntry[] = [];
  for (const [row, line] of lines.entries()) {
    if (row === 0 || line.trim() === '') continue;
    const cells = line.split('\t').map((cell) => cell.trim());
    const value = Number(cells[index]);
    if (cells[index] === '' || !Number.isSafeInteger(value)) {
      throw new LabelFileError(
        `Line ${row + 1} of ${name} has no whole number under "index": correct it or remove it.`,
      );
    }
    if (value === 0) continue;
    const given = cells[color]?.toLowerCase() ?? '';
    entries.push({
      value,
      name: cells[named] || `label ${value}`,
      color: /^#[0-9a-f]{6}$/.test(given) ? given : freeLabelColor(entries.length + 1, colorsOf(entries)),
    });
  }
  const table = [BACKGROUND, ...entries.sort((a, b) => a.value - b.value)];
  checkLabelTable(table);
  return table;
}
