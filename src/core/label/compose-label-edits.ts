import type { LabelEdit, LabelRun } from './label-edit.ts';
import { RunCollector } from './label-edit-builder.ts';
import { InvalidLabelEditError } from './label-map-errors.ts';

/**
 * Makes one edit that does what `first` and then `second` do. Voxels that end as they began are left out.
 * @throws InvalidLabelEditError where `second` was not made on the result of `first`
 */
export function composeLabelEdits(first: LabelEdit, second: LabelEdit): LabelEdit {
  const result = new RunCollector();
  const a = new Cursor(first.runs);
  const b = new Cursor(second.runs);
  while (a.run || b.run) {
    if (!b.run || (a.run && a.at < b.at)) {
      const length = a.take(b.run ? b.at - a.at : Number.POSITIVE_INFINITY);
      result.add(a.lastAt, length, a.lastRun.before, a.lastRun.after);
    } else if (!a.run || b.at < a.at) {
      const length = b.take(a.run ? a.at - b.at : Number.POSITIVE_INFINITY);
      result.add(b.lastAt, length, b.lastRun.before, b.lastRun.after);
    } else {
      if (a.run.after !== b.run.before) throw new InvalidLabelEditError('two edits do not follow one another');
      const length = Math.min(a.left, b.left);
      result.add(a.at, length, a.run.before, b.run.after);
      a.take(length);
      b.take(length);
    }
  }
  return result.finish();
}

/** Goes through runs voxel range by voxel range. */
class Cursor {
  #index = 0;
  #used = 0;
  /** The run and the offset that the last `take` started at. */
  lastRun!: LabelRun;
  lastAt = 0;

  constructor(private readonly runs: readonly LabelRun[]) {}

  get run(): LabelRun | undefined {
    return this.runs[this.#index];
  }

  get at(): number {
    return this.runs[this.#index].start + this.#used;
  }

  get left(): number {
    return this.runs[this.#index].length - this.#used;
  }

  /** Moves on by at most `length` voxels within this run, and says by how many. */
  take(length: number): number {
    this.lastRun = this.runs[this.#index];
    this.lastAt = this.at;
    const taken = Math.min(length, this.left);
    this.#used += taken;
    if (this.left === 0) {
      this.#index++;
      this.#used = 0;
    }
    return taken;
  }
}
