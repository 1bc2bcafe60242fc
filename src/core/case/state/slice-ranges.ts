/** No image has more slices along an axis (NIfTI-1 allows 32,767): a file that claims more is damaged. */
export const MOST_SLICES = 2 ** 16;

/**
 * Writes slices as text that is short and diffs well: "0-34, 37". They ascend, and are counted from 0.
 *
 * @param flags by slice
 */
export function formatSlices(flags: readonly boolean[]): string {
  const ranges: string[] = [];
  for (let first = 0; first < flags.length; first++) {
    if (!flags[first]) continue;
    let last = first;
    while (flags[last + 1]) last++;
    ranges.push(first === last ? String(first) : `${first}-${last}`);
    first = last;
  }
  return ranges.join(', ');
}

/**
 * Undoes `formatSlices`: it says by slice whether the text names it. Parts that are no slice or range, or lie behind
 * the last slice, are passed over, because the text lies in a file that people may edit. Ranges may overlap, and
 * however often they do, the work grows with the text and with the slices, not with their product.
 */
export function parseSlices(text: string, sliceCount: number): boolean[] {
  /** By slice: so many more ranges begin than ended before it. */
  const begins = new Int32Array(sliceCount + 1);
  for (const part of text.split(',')) {
    const found = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part);
    if (!found) continue;
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (first > last || first >= sliceCount) continue;
    begins[first]++;
    begins[Math.min(last + 1, sliceCount)]--;
  }
  let open = 0;
  return Array.from({ length: sliceCount }, (_, slice) => {
    open += begins[slice];
    return open > 0;
  });
}
