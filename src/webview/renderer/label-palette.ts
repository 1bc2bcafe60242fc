import type { LabelTable } from '../../core/label/label-table.ts';

/** Colours by dense label: red, green, blue, alpha, 0 to 255. Alpha 0: not shown. A changed palette is a new object. */
export interface LabelPalette {
  readonly rgba: Uint8Array;
  readonly size: number;
}

/** Background and hidden labels get alpha 0. A colour that is not `#rrggbb` becomes grey rather than nothing. */
export function labelPalette(table: LabelTable, hidden: readonly number[], visible: boolean): LabelPalette {
  const rgba = new Uint8Array(4 * table.length);
  for (let label = 1; label < table.length; label++) {
    rgba.set(parseColor(table[label].color), 4 * label);
    rgba[4 * label + 3] = visible && !hidden.includes(label) ? 255 : 0;
  }
  return { rgba, size: table.length };
}

/** [red, green, blue], 0 to 255. */
export function parseColor(color: string): readonly [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return [128, 128, 128];
  return [Number.parseInt(match[1], 16), Number.parseInt(match[2], 16), Number.parseInt(match[3], 16)];
}
