/** Spans [from, to] of each line of a slice, both ends included, in any order until they are read. */
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
    // Neighbouring segments nearly always overlap: widen the newest span where that is possible.
    const last = spans.length - 2;
    if (start <= spans[last + 1] + 1 && end >= spans[last] - 1) {
      spans[last] = Math.min(spans[last], start);
      spans[last + 1] = Math.max(spans[last + 1], end);
    } else {
      spans.push(start, end);
    }
  }

  /** Lines in ascending order, their spans ascending and disjoint. */
  forEach(visit: (line: number, from: number, to: number) => void): void {
    for (const line of [...this.#lines.keys()].sort((a, b) => a - b)) {
      const flat = this.#lines.get(line)!;
      const spans: [number, number][] = [];
      for (let n = 0; n < flat.length; n += 2) spans.push([flat[n], flat[n + 1]]);
      spans.sort((a, b) => a[0] - b[0]);
      let [from, to] = spans[0];
      for (const [nextFrom, nextTo] of spans) {
        if (nextFrom > to + 1) {
          visit(line, from, to);
          [from, to] = [nextFrom, nextTo];
        } else if (nextTo > to) {
          to = nextTo;
        }
      }
      visit(line, from, to);
    }
  }
}
