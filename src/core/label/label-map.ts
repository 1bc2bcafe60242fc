import type { SlicePlane } from '../geometry/slice-plane.ts';
import type { Vec3 } from '../geometry/vector.ts';
import { checkLabelEdit, type LabelEdit, MAX_LABEL } from './label-edit.ts';
import { LabelEditMismatchError, LabelMapShapeError } from './label-map-errors.ts';

/** The dense labels of consecutive voxels; they are 8 bits wide where every label fits. */
export type LabelArray = Uint8Array | Uint16Array;

/**
 * The number of voxels per chunk. A chunk is a range of consecutive linear offsets, not a brick: runs of edits, rows of
 * a file and streamed slabs are consecutive offsets too, so loading, editing, saving and axial slices are straight
 * copies. Bricks would serve coronal and sagittal slices better, but one of those is only ~10^6 reads on the largest
 * volumes. 4096 voxels are 8 rows of a 512-wide CT: fine enough that an organ keeps the empty rest of the volume
 * uniform.
 */
const CHUNK = 4096;

/**
 * A label map has at most 2^33 voxels (2048^3), which bounds what an empty one costs (about 20 MB; 3 MB at
 * 1024x1024x1300).
 */
export const MAX_VOXELS = 2 ** 33;

/**
 * One dense label (index into the case's label table, 0 = background) per voxel. Voxel (i, j, k) has the linear offset
 * `i + nx * (j + ny * k)`, i fastest; offsets are safe integers and may be above 2^31.
 *
 * The labels are stored in chunks: a chunk whose voxels all have one label is one number, others are 8-bit arrays, or
 * 16-bit where a label above 255 occurs. Clones share chunks until one of the two writes.
 */
export class LabelMap {
  readonly shape: Vec3;
  readonly voxelCount: number;
  /** The labels of a chunk that is not uniform. */
  #data: (LabelArray | null)[];
  /** The label of a chunk that is uniform. */
  #uniform: Uint16Array;
  /** 1 where the array in `#data` belongs to this map alone and may be written. */
  #owned: Uint8Array;
  /** The number of voxels by label; the list is as long as the highest label that ever occurred + 1. */
  #counts: number[];

  /**
   * Makes a map of background.
   * @throws LabelMapShapeError
   */
  constructor(shape: Vec3) {
    const count = shape[0] * shape[1] * shape[2];
    if (!shape.every((n) => Number.isInteger(n) && n >= 1)) {
      throw new LabelMapShapeError(
        `A volume of ${shape.join(' x ')} voxels has no voxels to label. Check the image file.`,
      );
    }
    if (count > MAX_VOXELS) {
      throw new LabelMapShapeError(
        `A volume of ${shape.join(' x ')} voxels is too large to label (the limit is 2^33 voxels). Crop it first.`,
      );
    }
    this.shape = [shape[0], shape[1], shape[2]];
    this.voxelCount = count;
    const chunks = Math.ceil(count / CHUNK);
    this.#data = new Array<LabelArray | null>(chunks).fill(null);
    this.#uniform = new Uint16Array(chunks);
    this.#owned = new Uint8Array(chunks);
    this.#counts = [count];
  }

  /**
   * @param labels one label per voxel in linear order; they are copied
   * @throws LabelMapShapeError if there are more or fewer
   */
  static fromDense(shape: Vec3, labels: LabelArray): LabelMap {
    const map = new LabelMap(shape);
    if (labels.length !== map.voxelCount) {
      throw new LabelMapShapeError(
        `${labels.length} labels do not fill a volume of ${shape.join(' x ')} voxels. Check the label file.`,
      );
    }
    map.write(0, labels);
    return map;
  }

  /**
   * Returns a map with the same labels that can be written apart. It costs pointers only: chunks are copied when first
   * written.
   */
  clone(): LabelMap {
    const copy = new LabelMap(this.shape);
    copy.#data = this.#data.slice();
    copy.#uniform = this.#uniform.slice();
    copy.#counts = this.#counts.slice();
    this.#owned.fill(0);
    return copy;
  }

  /**
   * Returns the label at a linear offset.
   * @throws RangeError outside the volume
   */
  get(offset: number): number {
    this.#checkRange(offset, 1);
    const chunk = Math.floor(offset / CHUNK);
    const data = this.#data[chunk];
    return data === null ? this.#uniform[chunk] : data[offset - chunk * CHUNK];
  }

  /**
   * Copies `length` labels from the linear offset `start` to `target[targetStart...]`. An 8-bit target is right only
   * if `highestLabel` is at most 255 (higher labels are cut off to their low byte).
   * @throws RangeError where source or target end before
   */
  readInto(start: number, length: number, target: LabelArray, targetStart = 0): void {
    this.#checkRange(start, length);
    if (targetStart + length > target.length) throw new RangeError('The target is too short.');
    const end = start + length;
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / CHUNK);
      const base = chunk * CHUNK;
      const until = Math.min(end, base + CHUNK);
      const data = this.#data[chunk];
      const to = targetStart + (at - start);
      if (data === null) target.fill(this.#uniform[chunk], to, to + (until - at));
      else target.set(data.subarray(at - base, until - base), to);
      at = until;
    }
  }

  /**
   * Returns the labels of `length` voxels from `start`, 8 bits wide if the whole map fits.
   * @throws RangeError
   */
  read(start: number, length: number): LabelArray {
    const target = this.#array(length);
    this.readInto(start, length, target);
    return target;
  }

  /**
   * Writes labels from the linear offset `start` on: rows, slabs or a whole volume, in any order and of any length.
   * Chunks that end up uniform collapse as soon as a write reaches their end.
   * @throws RangeError outside the volume
   */
  write(start: number, labels: LabelArray): void {
    this.#checkRange(start, labels.length);
    const end = start + labels.length;
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / CHUNK);
      const base = chunk * CHUNK;
      const until = Math.min(end, base + CHUNK);
      this.#writeChunk(chunk, at - base, labels.subarray(at - start, until - start));
      if (until === base + this.#chunkLength(chunk)) this.#collapse(chunk);
      at = until;
    }
  }

  /**
   * Gives `length` voxels from `start` one label.
   * @throws RangeError outside the volume or for a label that is none
   */
  fill(start: number, length: number, label: number): void {
    this.#checkRange(start, length);
    if (!Number.isInteger(label) || label < 0 || label > MAX_LABEL) throw new RangeError(`${label} is not a label.`);
    this.#fill(start, length, label);
    this.#collapseRange(start, length);
  }

  /**
   * Applies all runs of `edit`, or none.
   * @throws LabelEditMismatchError where a voxel has not the label that the edit was made on
   * @throws InvalidLabelEditError if the edit breaks the rules of `LabelEdit` or leaves the volume
   */
  applyEdit(edit: LabelEdit): void {
    checkLabelEdit(edit, this.voxelCount);
    for (const run of edit.runs) this.#expect(run.start, run.length, run.before);
    for (const run of edit.runs) this.#fill(run.start, run.length, run.after);
    let checked = -1;
    for (const run of edit.runs) {
      const last = Math.floor((run.start + run.length - 1) / CHUNK);
      for (let chunk = Math.max(checked + 1, Math.floor(run.start / CHUNK)); chunk <= last; chunk++)
        this.#collapse(chunk);
      checked = last;
    }
  }

  /**
   * Visits `[start, start + length)` as maximal runs of one label, in ascending order; uniform chunks are skipped over
   * without looking at their voxels. The map must not be written meanwhile.
   * @throws RangeError outside the volume
   */
  forEachRun(start: number, length: number, visit: (label: number, start: number, length: number) => void): void {
    this.#checkRange(start, length);
    const end = start + length;
    let label = -1;
    let runStart = start;
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / CHUNK);
      const base = chunk * CHUNK;
      const until = Math.min(end, base + CHUNK);
      const data = this.#data[chunk];
      if (data === null) {
        if (this.#uniform[chunk] !== label) {
          if (at > runStart) visit(label, runStart, at - runStart);
          label = this.#uniform[chunk];
          runStart = at;
        }
      } else {
        for (let n = at - base; n < until - base; n++) {
          if (data[n] !== label) {
            if (base + n > runStart) visit(label, runStart, base + n - runStart);
            label = data[n];
            runStart = base + n;
          }
        }
      }
      at = until;
    }
    if (end > runStart) visit(label, runStart, end - runStart);
  }

  /**
   * Returns one slice as it lies on the screen: pixel (column, row) is element `column + plane.columns * row` (see
   * `SlicePlane`). It is 8 bits wide if the whole map fits.
   * @throws RangeError if there is no such slice
   */
  extractSlice(plane: SlicePlane, slice: number): LabelArray {
    if (!Number.isInteger(slice) || slice < 0 || slice >= this.shape[plane.normalAxis]) {
      throw new RangeError(`There is no slice ${slice}.`);
    }
    const { columns, rows } = plane;
    const strides = [1, this.shape[0], this.shape[0] * this.shape[1]];
    const columnStep = plane.columnReversed ? -strides[plane.columnAxis] : strides[plane.columnAxis];
    const rowStep = plane.rowReversed ? -strides[plane.rowAxis] : strides[plane.rowAxis];
    const first =
      slice * strides[plane.normalAxis] +
      (plane.columnReversed ? (columns - 1) * strides[plane.columnAxis] : 0) +
      (plane.rowReversed ? (rows - 1) * strides[plane.rowAxis] : 0);
    const target = this.#array(columns * rows);
    if (this.isUniform) {
      target.fill(this.#uniform[0]);
    } else if (plane.columnAxis === 0) {
      for (let row = 0; row < rows; row++) {
        const start = first + row * rowStep + (plane.columnReversed ? 1 - columns : 0);
        this.readInto(start, columns, target, row * columns);
        if (plane.columnReversed) target.subarray(row * columns, (row + 1) * columns).reverse();
      }
    } else {
      // Where rows of the screen lie along i, going down the columns keeps to one chunk for long.
      const downFirst = plane.rowAxis === 0;
      const outer = downFirst ? columns : rows;
      const inner = downFirst ? rows : columns;
      for (let a = 0; a < outer; a++) {
        for (let b = 0; b < inner; b++) {
          const column = downFirst ? a : b;
          const row = downFirst ? b : a;
          const offset = first + column * columnStep + row * rowStep;
          const chunk = Math.floor(offset / CHUNK);
          const data = this.#data[chunk];
          target[column + columns * row] = data === null ? this.#uniform[chunk] : data[offset - chunk * CHUNK];
        }
      }
    }
    return target;
  }

  /** Counts the voxels that have `label`. */
  count(label: number): number {
    return this.#counts[label] ?? 0;
  }

  /** The highest label that occurs. */
  get highestLabel(): number {
    while (this.#counts[this.#counts.length - 1] === 0) this.#counts.pop();
    return this.#counts.length - 1;
  }

  /** Says whether all voxels have one label. */
  get isUniform(): boolean {
    return this.#counts[this.highestLabel] === this.voxelCount;
  }

  /**
   * The bytes that the labels take now, chunk tables included, shared chunks in full. This serves memory budgets and
   * tests.
   */
  get byteLength(): number {
    let bytes = this.#data.length * 11;
    for (const data of this.#data) bytes += data?.byteLength ?? 0;
    return bytes;
  }

  /**
   * Collapses chunks that became uniform and narrows those that need 16 bits no more. Edits do it for the chunks that
   * they touch.
   */
  recompact(): void {
    for (let chunk = 0; chunk < this.#data.length; chunk++) {
      this.#collapse(chunk);
      const data = this.#data[chunk];
      if (data instanceof Uint16Array && data.every((label) => label <= 255)) {
        this.#data[chunk] = Uint8Array.from(data);
        this.#owned[chunk] = 1;
      }
    }
  }

  #array(length: number): LabelArray {
    return this.highestLabel > 255 ? new Uint16Array(length) : new Uint8Array(length);
  }

  #checkRange(start: number, length: number): void {
    const fits = Number.isInteger(start) && Number.isInteger(length) && start >= 0 && length >= 0;
    if (!fits || start + length > this.voxelCount) {
      throw new RangeError(`There are no ${length} voxels at ${start} in a volume of ${this.voxelCount}.`);
    }
  }

  #chunkLength(chunk: number): number {
    return Math.min(CHUNK, this.voxelCount - chunk * CHUNK);
  }

  #add(label: number, voxels: number): void {
    while (this.#counts.length <= label) this.#counts.push(0);
    this.#counts[label] += voxels;
  }

  /** Returns the chunk's labels as an array that may be written and holds labels up to `highest`. */
  #writable(chunk: number, highest: number): LabelArray {
    let data = this.#data[chunk];
    if (data === null) {
      const label = this.#uniform[chunk];
      const length = this.#chunkLength(chunk);
      data = Math.max(label, highest) > 255 ? new Uint16Array(length) : new Uint8Array(length);
      if (label !== 0) data.fill(label);
    } else if (highest > 255 && data instanceof Uint8Array) {
      data = Uint16Array.from(data);
    } else if (this.#owned[chunk] === 0) {
      data = data.slice();
    }
    this.#data[chunk] = data;
    this.#owned[chunk] = 1;
    return data;
  }

  #setUniform(chunk: number, label: number): void {
    this.#data[chunk] = null;
    this.#owned[chunk] = 0;
    this.#uniform[chunk] = label;
  }

  #fill(start: number, length: number, label: number): void {
    const end = start + length;
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / CHUNK);
      const base = chunk * CHUNK;
      const until = Math.min(end, base + CHUNK);
      const data = this.#data[chunk];
      if (data !== null || this.#uniform[chunk] !== label) {
        if (data === null) this.#add(this.#uniform[chunk], at - until);
        else for (let n = at - base; n < until - base; n++) this.#counts[data[n]]--;
        this.#add(label, until - at);
        if (until - at === this.#chunkLength(chunk)) this.#setUniform(chunk, label);
        else this.#writable(chunk, label).fill(label, at - base, until - base);
      }
      at = until;
    }
  }

  #writeChunk(chunk: number, from: number, labels: LabelArray): void {
    let highest = labels[0];
    let same = true;
    for (let n = 1; n < labels.length; n++) {
      if (labels[n] !== labels[0]) same = false;
      if (labels[n] > highest) highest = labels[n];
    }
    if (same) {
      this.#fill(chunk * CHUNK + from, labels.length, labels[0]);
      return;
    }
    const before = this.#data[chunk];
    if (before === null) this.#add(this.#uniform[chunk], -labels.length);
    else for (let n = from; n < from + labels.length; n++) this.#counts[before[n]]--;
    this.#add(highest, 0);
    for (let n = 0; n < labels.length; n++) this.#counts[labels[n]]++;
    this.#writable(chunk, highest).set(labels, from);
  }

  #collapse(chunk: number): void {
    const data = this.#data[chunk];
    if (data === null) return;
    const label = data[0];
    if (data[data.length - 1] !== label) return;
    for (let n = 1; n < data.length; n++) if (data[n] !== label) return;
    this.#setUniform(chunk, label);
  }

  #collapseRange(start: number, length: number): void {
    if (length === 0) return;
    const last = Math.floor((start + length - 1) / CHUNK);
    for (let chunk = Math.floor(start / CHUNK); chunk <= last; chunk++) this.#collapse(chunk);
  }

  #expect(start: number, length: number, label: number): void {
    const end = start + length;
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / CHUNK);
      const base = chunk * CHUNK;
      const until = Math.min(end, base + CHUNK);
      const data = this.#data[chunk];
      if (data === null) {
        if (this.#uniform[chunk] !== label) throw new LabelEditMismatchError(at, label, this.#uniform[chunk]);
      } else {
        for (let n = at - base; n < until - base; n++) {
          if (data[n] !== label) throw new LabelEditMismatchError(base + n, label, data[n]);
        }
      }
      at = until;
    }
  }
}

/** A label map that its holder only looks at. */
export type ReadonlyLabelMap = Omit<LabelMap, 'write' | 'fill' | 'applyEdit' | 'recompact'>;
