import type { LabelEdit, LabelRun } from './label-edit.ts';
import type { ReadonlyLabelMap } from './label-map.ts';

/**
 * Collects runs that come in ascending order; joins neighbours that change alike and drops those that change nothing.
 */
export class RunCollector {
  readonly #runs: LabelRun[] = [];
  #start = 0;
  #length = 0;
  #before = 0;
  #after = 0;

  /** @param start not below the end of the last run */
  add(start: number, length: number, before: number, after: number): void {
    if (before === after || length === 0) return;
    if (this.#length > 0 && start === this.#start + this.#length && before === this.#before && after === this.#after) {
      this.#length += length;
      return;
    }
    this.#flush();
    this.#start = start;
    this.#length = length;
    this.#before = before;
    this.#after = after;
  }

  /** Returns everything collected; the collector is empty again. */
  finish(): LabelEdit {
    this.#flush();
    return { runs: this.#runs.splice(0) };
  }

  #flush(): void {
    if (this.#length > 0) {
      this.#runs.push({ start: this.#start, length: this.#length, before: this.#before, after: this.#after });
    }
    this.#length = 0;
  }
}

/**
 * Turns writes in any order, overlapping or not (the last one wins), into one edit of a label map: ascending disjoint
 * runs of only those voxels that change.
 */
export class LabelEditBuilder {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #labels: number[] = [];

  /** @param map what the edit is relative to; it is not written here, and must not be written before `build` */
  constructor(private readonly map: ReadonlyLabelMap) {}

  /** From the linear offset `start` on, `length` voxels shall have `label`. */
  write(start: number, length: number, label: number): void {
    if (length <= 0) return;
    this.#starts.push(start);
    this.#ends.push(start + length);
    this.#labels.push(label);
  }

  /** @throws RangeError if a write left the volume */
  build(): LabelEdit {
    // The line is cut at every boundary. Each piece goes to the latest write that covers it: this goes through the
    // writes backwards and skips pieces that are taken (`next` is a union-find over pieces).
    const cuts = [...new Set([...this.#starts, ...this.#ends])].sort((a, b) => a - b);
    const pieceOf = new Map(cuts.map((cut, piece) => [cut, piece]));
    const next = cuts.map((_, piece) => piece);
    const find = (piece: number): number => {
      let root = piece;
      while (next[root] !== root) root = next[root];
      for (let at = piece; at !== root; ) [at, next[at]] = [next[at], root];
      return root;
    };
    const label = new Array<number>(cuts.length).fill(-1);
    for (let n = this.#starts.length - 1; n >= 0; n--) {
      const end = pieceOf.get(this.#ends[n])!;
      for (let piece = find(pieceOf.get(this.#starts[n])!); piece < end; piece = find(piece)) {
        label[piece] = this.#labels[n];
        next[piece] = piece + 1;
      }
    }
    const runs = new RunCollector();
    for (let piece = 0; piece < cuts.length - 1; piece++) {
      if (label[piece] < 0) continue;
      this.map.forEachRun(cuts[piece], cuts[piece + 1] - cuts[piece], (before, start, length) => {
        runs.add(start, length, before, label[piece]);
      });
    }
    return runs.finish();
  }
}
