import { parseColor } from '../../core/label/table/label-colors.ts';
import type { LabelTable } from '../../core/label/table/label-table.ts';

/**
 * The colours by dense label: red, green, blue, alpha, 0 to 255. A label of alpha 0 is not shown. A changed palette is
 * a new object.
 */
export interface LabelPalette {
  readonly rgba: Uint8Array;
  readonly size: number;
}

/** Makes the palette; background and hidden labels get alpha 0. */
export function labelPalette(table: LabelTable, hidden: readonly number[], visible: boolean): LabelPalette {
  const rgba = new Uint8Array(4 * table.length);
  for (let label = 1; label < table.length; label++) {
    rgba.set(parseColor(table[label].color), 4 * label);
    rgba[4 * label + 3] = visible && !hidden.includes(label) ? 255 : 0;
  }
  return { rgba, size: table.length };
}
