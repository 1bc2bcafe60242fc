/** A slice of labels. Pixel (u, v) is element `u + width * v`, u fastest. */
export interface LabelSlice {
  readonly labels: Uint16Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Marks with 1 the pixels that are joined to `start` by neighbours of the same label, along lines and columns
 * (4-connected).
 */
export function regionAround(slice: LabelSlice, start: number): Uint8Array {
  const region = new Uint8Array(slice.labels.length);
  const label = slice.labels[start];
  flood(slice, region, [start], (at) => slice.labels[at] === label);
  return region;
}

/**
 * Marks with 1 the background pixels from which every way along lines and columns to the edge of the slice leads
 * through `label`.
 */
export function holesOf(slice: LabelSlice, label: number): Uint8Array {
  const { labels, width, height } = slice;
  const outside = new Uint8Array(labels.length);
  const isOpen = (at: number) => labels[at] !== label;
  const edge: number[] = [];
  for (let u = 0; u < width; u++) edge.push(u, u + width * (height - 1));
  for (let v = 0; v < height; v++) edge.push(width * v, width * v + width - 1);
  flood(slice, outside, edge.filter(isOpen), isOpen);
  return labels.reduce((holes, at, pixel) => {
    if (at === 0 && outside[pixel] === 0) holes[pixel] = 1;
    return holes;
  }, new Uint8Array(labels.length));
}

/**
 * Returns the label whose holes are meant at a pixel: its own, or for background the nearest label that encloses it, or
 * the nearest at all. It is 0 where the slice has no label.
 */
export function enclosingLabel(slice: LabelSlice, at: number, uMm: number, vMm: number): number {
  const { labels, width } = slice;
  if (labels[at] !== 0) return labels[at];
  const [u, v] = [at % width, Math.floor(at / width)];
  const nearest = new Map<number, number>();
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const label = labels[pixel];
    if (label === 0) continue;
    const distance = Math.hypot(((pixel % width) - u) * uMm, (Math.floor(pixel / width) - v) * vMm);
    if (distance < (nearest.get(label) ?? Number.POSITIVE_INFINITY)) nearest.set(label, distance);
  }
  const byDistance = [...nearest].sort(([, a], [, b]) => a - b).map(([label]) => label);
  const search = new WayOut(slice);
  return byDistance.find((label) => !search.leadsOut(at, label)) ?? byDistance[0] ?? 0;
}

/**
 * Looks for a way from a pixel to the edge of the slice that avoids a label. It ends at the edge, so that it takes long
 * only where there is no way: a slice may have hundreds of labels, and most of them enclose nothing.
 */
class WayOut {
  /** Holds for each pixel the number of the search that came by last. */
  readonly #seen: Uint32Array;
  #search = 0;

  constructor(private readonly slice: LabelSlice) {
    this.#seen = new Uint32Array(slice.labels.length);
  }

  leadsOut(from: number, label: number): boolean {
    const { labels, width, height } = this.slice;
    const seen = this.#seen;
    const search = ++this.#search;
    const waiting = [from];
    seen[from] = search;
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const u = at % width;
      if (u === 0 || u === width - 1 || at < width || at >= width * (height - 1)) return true;
      for (const next of [at - 1, at + 1, at - width, at + width]) {
        if (seen[next] === search || labels[next] === label) continue;
        seen[next] = search;
        waiting.push(next);
      }
    }
    return false;
  }
}

/** Marks the pixels that are reached from `starts` through open ones. Each pixel is looked at a few times at most. */
function flood(
  { width, height }: LabelSlice,
  reached: Uint8Array,
  starts: readonly number[],
  isOpen: (at: number) => boolean,
): void {
  const waiting: number[] = [];
  const reach = (at: number) => {
    if (reached[at] !== 0 || !isOpen(at)) return;
    reached[at] = 1;
    waiting.push(at);
  };
  for (const start of starts) reach(start);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const u = at % width;
    if (u > 0) reach(at - 1);
    if (u < width - 1) reach(at + 1);
    if (at >= width) reach(at - width);
    if (at < width * (height - 1)) reach(at + width);
  }
}
