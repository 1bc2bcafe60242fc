import type { BrushStroke } from '../../core/label/stroke.ts';

/** Points nearer than this to the last one (in voxels, per axis) change no mask that anyone can see. */
const MIN_STEP = 0.05;

/** Voxel coordinates along the plane's column axis and row axis. */
type GridPoint = BrushStroke['path'][number];

/** A stroke that is being drawn: everything but its path is fixed when the pointer goes down. */
export class StrokePath {
  readonly #points: [number, number][];

  constructor(
    private readonly fixed: Omit<BrushStroke, 'path'>,
    start: GridPoint,
  ) {
    this.#points = [[start[0], start[1]]];
  }

  /** The stroke so far. */
  get stroke(): BrushStroke {
    return { ...this.fixed, path: [...this.#points] };
  }

  /** Goes on through `points`, leaving out those where the pointer did not really move. @returns those that count */
  extend(points: readonly GridPoint[]): readonly GridPoint[] {
    const added: [number, number][] = [];
    for (const [column, row] of points) {
      const [lastColumn, lastRow] = this.#points[this.#points.length - 1];
      if (Math.abs(column - lastColumn) < MIN_STEP && Math.abs(row - lastRow) < MIN_STEP) continue;
      const point: [number, number] = [column, row];
      this.#points.push(point);
      added.push(point);
    }
    return added;
  }
}
