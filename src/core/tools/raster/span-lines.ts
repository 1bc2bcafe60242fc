/** Collects spans [from, to] of each line of a slice, both ends included, in any order until they are read. */
export class SpanLines {
  readonly #lines = new Map<number, number[]>();

  constructor(
    readonly width: number,
    readonly lineCount: number,
  ) {}

  add(line: number, from: number, to: number): void {
    const start = Math.max(0, from);
    const end = Math.min(this.width - 1, to);
    if (!(start <= end)) return;
    const spans = this.#lines.get(line);
    if (!spans) {
      this.#lines.set(line, [start, end]);
      return;
    }
    // Neighbouring segments nearly always overlap, so the newest span is widened where that is possible.
    const last = spans.length - 2;
    if (start <= spans[last + 1] + 1 && end >= spans[last] - 1) {
      spans[last] = Math.min(spans[last], start);
      spans[last + 1] = Math.max(spans[last + 1], end);
    } else {
      if (spans.length >= this.#most) spans.splice(0, spans.length, ...joined(spans).flat());
      spans.push(start, end);
    }
  }

  /**
   * Numbers that a line may hold before its spans are joined: a path that comes back a thousand times needs no more
   * memory.
   */
  get #most(): number {
    return Math.max(64, 2 * this.width);
  }

  /** Visits the lines in ascending order, their spans ascending and disjoint. */
  forEach(visit: (line: number, from: number, to: number) => void): void {
    for (const line of [...this.#lines.keys()].sort((a, b) => a - b)) {
      const flat = this.#lines.get(line)!;
      if (flat.length === 2) visit(line, flat[0], flat[1]);
      else for (const [from, to] of joined(flat)) visit(line, from, to);
    }
  }
}

/** Spans in ascending order, those that touch or overlap as one. */
function joined(flat: readonly number[]): [number, number][] {
  const spans: [number, number][] = [];
  for (let n = 0; n < flat.length; n += 2) spans.push([flat[n], flat[n + 1]]);
  spans.sort((a, b) => a[0] - b[0]);
  const whole: [number, number][] = [];
  for (const [from, to] of spans) {
    const last = whole[whole.length - 1];
    if (!last || from > last[1] + 1) whole.push([from, to]);
    else last[1] = Math.max(last[1], to);
  }
  return whole;
}
