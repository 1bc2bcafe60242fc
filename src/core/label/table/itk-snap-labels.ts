import { LabelFileError } from './label-file-error.ts';
import { BACKGROUND, checkLabelTable, type LabelEntry, type LabelTable } from './label-table.ts';

/** A line is `IDX  R G B  A  VIS MESH  "LABEL"`; opacity and visibility are of the viewer, not of the label. */
const LINE = /^(-?\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+[\d.]+\s+[01]\s+[01]\s+"(.*)"$/;

/** Says whether a text is an ITK-SNAP label description. */
export function isItkSnapLabels(text: string): boolean {
  const lines = meaningfulLines(text);
  return lines.length > 0 && lines.every(({ line }) => LINE.test(line));
}

/**
 * Reads an ITK-SNAP label description ("Save Label Descriptions...", ITK-SNAP 3 and 4).
 *
 * @param name the file's name, for the sentence
 * @throws LabelFileError
 * @throws LabelTableError
 */
export function parseItkSnapLabels(text: string, name: string): LabelTable {
  const entries: LabelEntry[] = [];
  for (const { line, number } of meaningfulLines(text)) {
    const match = LINE.exec(line);
    const rgb = match?.slice(2, 5).map(Number) ?? [];
    if (!match || rgb.some((channel) => channel > 255)) {
      throw new LabelFileError(`Line ${number} of ${name} is no ITK-SNAP label: save the labels from ITK-SNAP again.`);
    }
    const value = Number(match[1]);
    if (value === 0) continue;
    const color = `#${rgb.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
    entries.push({ value, name: match[5].trim() || `label ${value}`, color });
  }
  const table = [BACKGROUND, ...entries.sort((a, b) => a.value - b.value)];
  checkLabelTable(table);
  return table;
}

function meaningfulLines(text: string): { readonly line: string; readonly number: number }[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
}
