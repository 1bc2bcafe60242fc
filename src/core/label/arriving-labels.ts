import { VoxelLoopError } from '../errors.ts';
import type { Vec3, VoxelAxis } from '../geometry/vector.ts';
import { boxVoxels, type VoxelBox } from '../geometry/voxel-box.ts';
import { decodeLabelBox, MAX_BOX_VOXELS } from './label-box.ts';
import type { LabelRun } from './label-edit.ts';
import { RunCollector } from './label-edit-builder.ts';
import { LabelMap, type ReadonlyLabelMap } from './label-map.ts';

/** What is known of a brick. One that is arriving is in the answer that is being read. */
const MISSING = 0;
const ARRIVING = 1;
const HERE = 2;

/** Labels are known to be here, or not, for cubes of so many voxels along each axis. */
const BRICK = 16;

/** So many runs are made before they are drawn: memory grows with them, and not with what an answer can hold. */
const RUNS_AT_ONCE = 2 ** 16;

/** A box was answered at a revision that nobody has told of, so changes were missed. Ask for everything again. */
export class UnknownRevisionError extends VoxelLoopError {
  readonly code = 'unknown-revision';
}

/** One slice of the volume, across a voxel axis. */
export interface AxisSlice {
  readonly axis: VoxelAxis;
  readonly index: number;
}

/**
 * A label map that arrives box by box from somebody who goes on changing it. It is cut into bricks, and what is said
 * here of a brick is that it is missing, asked for, or here at the newest revision that was told.
 *
 * Changes and answers come in the order in which they were made, but an answer may have been cut some revisions ago:
 * what has changed since is then changed in it too. So the part that is here is the other side's at `revision`, at any
 * time.
 */
export class ArrivingLabels {
  readonly #map: LabelMap;
  /** The number of bricks along i, j, k. */
  readonly #bricks: Vec3;
  readonly #asked: Uint8Array;
  /** `MISSING`, `ARRIVING` or `HERE` by brick. */
  readonly #state: Uint8Array;
  #missing: number;
  #revision: number;
  /** Slices across k below this one have been asked for. */
  #restFrom = 0;
  /** All that has changed since the first answer may have been cut. */
  readonly #changes: { readonly revision: number; readonly runs: readonly LabelRun[] }[] = [];

  /**
   * @param revision the one that the other side is known to be at before anything is asked for
   * @throws LabelMapShapeError
   */
  constructor(
    readonly shape: Vec3,
    revision: number,
  ) {
    this.#map = new LabelMap(shape);
    this.#bricks = [Math.ceil(shape[0] / BRICK), Math.ceil(shape[1] / BRICK), Math.ceil(shape[2] / BRICK)];
    this.#missing = this.#bricks[0] * this.#bricks[1] * this.#bricks[2];
    this.#asked = new Uint8Array(this.#missing);
    this.#state = new Uint8Array(this.#missing);
    this.#revision = revision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Says whether everything is here. */
  get isWhole(): boolean {
    return this.#missing === 0;
  }

  /** The labels that are here; background everywhere else. */
  get labels(): ReadonlyLabelMap {
    return this.#map;
  }

  /** Returns the whole map, which belongs to the caller from now on. */
  take(): LabelMap {
    if (!this.isWhole) throw new Error('Some of the labels have not arrived yet.');
    return this.#map;
  }

  /** Says whether all voxels of a slice are here. */
  has(slice: AxisSlice): boolean {
    let isHere = true;
    this.#forEachBrick(this.#slab(slice), (brick) => {
      isHere &&= this.#state[brick] === HERE;
    });
    return isHere;
  }

  /**
   * Returns the box to ask for next, which from now on counts as asked for. It is undefined where nothing is left that
   * was not asked for.
   * @param first slices that are wanted before the rest, the most wanted one first
   */
  next(first: readonly AxisSlice[]): VoxelBox | undefined {
    if (this.isWhole) return undefined;
    for (const slice of first) {
      const box = this.#firstUnasked(this.#slab(slice));
      if (box) return box;
    }
    for (; this.#restFrom < this.shape[2]; this.#restFrom += BRICK) {
      const layer = this.#slab({ axis: 2, index: this.#restFrom });
      if (this.#hasUnasked(layer)) return this.#firstUnasked(this.#withLayersAfter(layer));
    }
    return undefined;
  }

  /**
   * Takes a box that was asked for. When it throws, ask for everything again.
   * @param revision the one that the other side was at when it cut the box
   * @throws UnknownRevisionError
   * @throws LabelMapFormatError
   * @throws LabelEditMismatchError
   */
  receive(box: VoxelBox, revision: number, bytes: Uint8Array): void {
    if (revision > this.#revision) {
      throw new UnknownRevisionError(
        `The editor is at revision ${this.#revision} and was sent labels of revision ${revision}. Reopen the file.`,
      );
    }
    const fresh: number[] = [];
    let bricks = 0;
    this.#forEachBrick(box, (brick) => {
      bricks++;
      if (this.#state[brick] !== MISSING) return;
      this.#state[brick] = ARRIVING;
      fresh.push(brick);
    });
    const collector = new RunCollector();
    let collected = 0;
    decodeLabelBox(bytes, this.shape, box, (label, start, length) => {
      if (label === 0) return;
      if (fresh.length === bricks) collector.add(start, length, 0, label);
      else this.#clip(start, length, ARRIVING, (at, part) => collector.add(at, part, 0, label));
      if (++collected % RUNS_AT_ONCE === 0) this.#map.applyEdit(collector.finish());
    });
    this.#map.applyEdit(collector.finish());
    for (const change of this.#changes) if (change.revision > revision) this.#applyTo(change.runs, ARRIVING);
    for (const brick of fresh) this.#state[brick] = HERE;
    this.#missing -= fresh.length;
  }

  /**
   * Takes a change of the other side. When it throws, ask for everything again.
   * @throws UnknownRevisionError
   * @throws LabelEditMismatchError
   */
  apply(revision: number, runs: readonly LabelRun[]): void {
    if (revision !== this.#revision + 1) {
      throw new UnknownRevisionError(
        `The editor is at revision ${this.#revision} and was told of revision ${revision}. Reopen the file.`,
      );
    }
    this.#revision = revision;
    this.#applyTo(runs, HERE);
    if (!this.isWhole) this.#changes.push({ revision, runs });
  }

  /** Changes what lies in bricks of that state. */
  #applyTo(runs: readonly LabelRun[], state: number): void {
    const collector = new RunCollector();
    for (const { start, length, before, after } of runs) {
      this.#clip(start, length, state, (at, part) => collector.add(at, part, before, after));
    }
    this.#map.applyEdit(collector.finish());
  }

  /** Returns all voxels of the bricks that a slice goes through. */
  #slab({ axis, index }: AxisSlice): VoxelBox {
    const start = Math.floor(index / BRICK) * BRICK;
    const from: [number, number, number] = [0, 0, 0];
    const to: [number, number, number] = [...this.shape];
    from[axis] = start;
    to[axis] = Math.min(start + BRICK, this.shape[axis]);
    return { from, to };
  }

  /**
   * Returns a layer of bricks across k together with as many of the layers after it as one answer holds. A layer that
   * was asked for already ends it, because it would be sent twice.
   */
  #withLayersAfter({ from, to }: VoxelBox): VoxelBox {
    let end = to[2];
    while (end < this.shape[2]) {
      const next = this.#slab({ axis: 2, index: end });
      if (!this.#hasUnasked(next) || boxVoxels({ from, to: next.to }) > MAX_BOX_VOXELS) break;
      end = next.to[2];
    }
    return { from, to: [to[0], to[1], end] };
  }

  #hasUnasked(box: VoxelBox): boolean {
    let unasked = 0;
    this.#forEachBrick(box, (brick) => {
      if (this.#asked[brick] === 0) unasked++;
    });
    return unasked > 0;
  }

  /** Returns the first piece of `box`, small enough to be asked for, in which something was not asked for yet. */
  #firstUnasked(box: VoxelBox): VoxelBox | undefined {
    if (!this.#hasUnasked(box)) return undefined;
    if (boxVoxels(box) > MAX_BOX_VOXELS) {
      const [lower, upper] = halves(box);
      return this.#firstUnasked(lower) ?? this.#firstUnasked(upper);
    }
    this.#forEachBrick(box, (brick) => {
      this.#asked[brick] = 1;
    });
    return box;
  }

  #forEachBrick({ from, to }: VoxelBox, visit: (brick: number) => void): void {
    const [bi, bj] = this.#bricks;
    const first = (axis: VoxelAxis) => Math.floor(from[axis] / BRICK);
    const end = (axis: VoxelAxis) => Math.ceil(to[axis] / BRICK);
    for (let k = first(2); k < end(2); k++) {
      for (let j = first(1); j < end(1); j++) {
        for (let i = first(0); i < end(0); i++) visit(i + bi * (j + bj * k));
      }
    }
  }

  /** Visits the parts of a run that lie in bricks of that state, in ascending order. */
  #clip(start: number, length: number, state: number, visit: (start: number, length: number) => void): void {
    const [nx, ny] = this.shape;
    const [bi, bj] = this.#bricks;
    for (let at = start; at < start + length; ) {
      const i = at % nx;
      const row = Math.floor(at / nx);
      const j = row % ny;
      const k = Math.floor(row / ny);
      const brick = Math.floor(i / BRICK) + bi * (Math.floor(j / BRICK) + bj * Math.floor(k / BRICK));
      const until = Math.min(at - (i % BRICK) + BRICK, at - i + nx, start + length);
      if (this.#state[brick] === state) visit(at, until - at);
      at = until;
    }
  }
}

/** Cuts a box that begins and ends between bricks, between bricks across its longest side. */
function halves({ from, to }: VoxelBox): readonly [VoxelBox, VoxelBox] {
  const sizes = [0, 1, 2].map((axis) => to[axis] - from[axis]);
  const axis = sizes.indexOf(Math.max(...sizes));
  const middle = from[axis] + BRICK * Math.ceil(sizes[axis] / BRICK / 2);
  const end: [number, number, number] = [...to];
  const begin: [number, number, number] = [...from];
  end[axis] = middle;
  begin[axis] = middle;
  return [
    { from, to: end },
    { from: begin, to },
  ];
}
