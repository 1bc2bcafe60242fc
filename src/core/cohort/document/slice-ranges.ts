/**
 * Slices as text that is short and diffs well: "0-34, 37". Ascending, counted from 0.
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

/** The inverse of `formatSlices`. What is no slice or range is passed over: the text lies in a file that people may edit. */
export function parseSlices(text: string): Set<number> {
  const slices = new Set<number>();
  for (const part of text.split(',')) {
    const found = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part);
    if (!found) continue;
    const first = Number(found[1]);
    for (let slice = first; slice <= Number(found[2] ?? first); slice++) slices.add(slice);
  }
  return slices;
}
