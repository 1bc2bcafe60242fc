import { bodyBox, sliceBox } from './body-box.ts';
import { applyIntensityMap, type IntensityMap, intensityMap } from './intensity.ts';
import { inputChannels, type Plan } from './plan.ts';
import { IGNORED, PlaneTransform } from './plane-transform.ts';
import { type PlaneSize, type PlaneWindow, readWindow } from './plane-window.ts';
import { readSlice, type SliceFrame, sliceFrame, slicingAxis } from './slice-frame.ts';
import type { CaseTruth, ImageVolume } from './volume-input.ts';

/**
 * Normalised planes of one volume, all channels of a slice together: `[channel, row, column]`. They show the whole slice
 * (or the body's box in it) at the plan's pixel size, so `rows` and `columns` are the volume's own; what the network sees
 * is a window on them.
 */
export interface PlaneSource extends PlaneSize {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly channels: number;
  /** Writes slice `slice` to `target` from `offset` on: `channels * rows * columns` numbers. */
  readPlane(slice: number, target: Float32Array, offset: number): void;
}

/**
 * The slices that go in beside `slice`: offsets `-neighbours..neighbours` in the positive world direction; beyond the
 * volume the outermost slice is repeated.
 */
export function neighbourSlices(
  source: Pick<PlaneSource, 'slices' | 'neighbourStep'>,
  slice: number,
  neighbours: number,
): number[] {
  const found: number[] = [];
  for (let offset = -neighbours; offset <= neighbours; offset++) {
    found.push(Math.min(source.slices - 1, Math.max(0, slice + offset * source.neighbourStep)));
  }
  return found;
}

/**
 * Fills `target` from `offset` on with the network input of one slice as `window` shows it, padding 0:
 * `[inputChannels, window.rows, window.columns]`.
 */
export function readInput(
  source: PlaneSource,
  plan: Plan,
  slice: number,
  window: PlaneWindow,
  target: Float32Array,
  offset: number,
): void {
  const pixels = source.rows * source.columns;
  const planes = new Float32Array(source.channels * pixels);
  let write = offset;
  for (const neighbour of neighbourSlices(source, slice, plan.neighbours)) {
    source.readPlane(neighbour, planes, 0);
    for (let channel = 0; channel < source.channels; channel++) {
      const plane = planes.subarray(channel * pixels, (channel + 1) * pixels);
      readWindow(plane, source, window, target, write, 0);
      write += window.rows * window.columns;
    }
  }
}

/** Planes made from a volume when asked for, the last few kept: for prediction, where each slice is needed once. */
export class VolumePlanes implements PlaneSource {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** How the plan cuts this volume into slices. */
  readonly frame: SliceFrame;
  readonly #image: ImageVolume;
  readonly #transform: PlaneTransform;
  readonly #maps: readonly IntensityMap[];
  readonly #recent = new Map<number, Float32Array>();
  readonly #keep: number;
  readonly #slice: Float32Array;
  readonly #classes: Int16Array;
  readonly #plane: Float32Array;

  constructor(image: ImageVolume, plan: Plan) {
    this.#image = image;
    this.#maps = image.channels.map((values, channel) => intensityMap(plan.channels[channel].normalization, values));
    this.frame = sliceFrame(image.grid, slicingAxis(image.grid, plan.slicing));
    const box = plan.crop === 'body' ? sliceBox(image.grid, this.frame, bodyBox(image)) : undefined;
    this.#transform = new PlaneTransform(plan.plane, this.frame, box);
    this.slices = this.frame.slices;
    this.neighbourStep = this.frame.neighbourStep;
    this.rows = this.#transform.rows;
    this.columns = this.#transform.columns;
    this.channels = image.channels.length;
    this.#keep = inputChannels(plan);
    this.#slice = new Float32Array(this.frame.rows * this.frame.columns);
    this.#classes = new Int16Array(this.#slice.length);
    this.#plane = new Float32Array(this.rows * this.columns);
  }

  readPlane(slice: number, target: Float32Array, offset: number): void {
    let planes = this.#recent.get(slice);
    if (!planes) {
      planes = this.#make(slice);
      this.#recent.set(slice, planes);
      // A Map iterates in insertion order: the first key is the oldest.
      if (this.#recent.size > this.#keep) this.#recent.delete(this.#recent.keys().next().value as number);
    }
    target.set(planes, offset);
  }

  #make(slice: number): Float32Array {
    const planes = new Float32Array(this.channels * this.rows * this.columns);
    this.#image.channels.forEach((values, channel) => {
      applyIntensityMap(this.#maps[channel], readSlice(values, this.frame, slice, this.#slice));
      this.#transform.imageToPlane(this.#slice, this.#plane);
      planes.set(this.#plane, channel * this.rows * this.columns);
    });
    return planes;
  }

  /**
   * Class by pixel of the plane of `slice`, `rows * columns`; `IGNORED` where nothing is known.
   * @param classes by voxel of the volume
   */
  targetPlane(classes: Int16Array, slice: number): Int16Array {
    const target = new Int16Array(this.rows * this.columns);
    this.#transform.classesToPlane(readSlice(classes, this.frame, slice, this.#classes), target);
    return target;
  }

  /**
   * Probabilities by class (background first) from the plane back to the image's own slice, as `frame` reads it.
   * @param planes `rows * columns` each
   * @param targets `frame.rows * frame.columns` each
   */
  probabilitiesToImage(planes: readonly Float32Array[], targets: readonly Float32Array[]): void {
    this.#transform.probabilitiesToImage(planes, targets);
  }
}

/** Steps per unit of normalised intensity in stored planes: a 16-bit number holds -32..32 to a thousandth. */
const STORED_PER_UNIT = 1023;

/**
 * The planes of one case that training or tuning needs, kept in memory as 16-bit numbers with their targets
 * (a third of the float32 volume's size where nothing is resampled).
 */
export class StoredPlanes implements PlaneSource {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** Slices that count, ascending, with the classes (background left out) that each shows. */
  readonly labelled: readonly { readonly slice: number; readonly classes: readonly number[] }[];
  readonly #planes = new Map<number, Int16Array>();
  readonly #targets = new Map<number, Int16Array>();

  /** @param wanted the slices to keep (their neighbours are kept too); absent: all that train */
  constructor(
    readonly id: string,
    image: ImageVolume,
    { classes }: CaseTruth,
    plan: Plan,
    wanted?: ReadonlySet<number>,
  ) {
    const planes = new VolumePlanes(image, plan);
    this.slices = planes.slices;
    this.neighbourStep = planes.neighbourStep;
    this.rows = planes.rows;
    this.columns = planes.columns;
    this.channels = planes.channels;
    const plane = new Float32Array(this.channels * this.rows * this.columns);
    const labelled: { slice: number; classes: number[] }[] = [];
    for (let slice = 0; slice < planes.slices; slice++) {
      if (wanted && !wanted.has(slice)) continue;
      const target = planes.targetPlane(classes, slice);
      if (target.every((label) => label === IGNORED)) continue;
      this.#targets.set(slice, target);
      labelled.push({ slice, classes: [...new Set(target)].filter((label) => label > 0) });
      for (const neighbour of neighbourSlices(this, slice, plan.neighbours)) {
        if (this.#planes.has(neighbour)) continue;
        planes.readPlane(neighbour, plane, 0);
        this.#planes.set(
          neighbour,
          Int16Array.from(plane, (value) => Math.round(Math.min(32, Math.max(-32, value)) * STORED_PER_UNIT)),
        );
      }
    }
    this.labelled = labelled;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const stored of [...this.#planes.values(), ...this.#targets.values()]) bytes += stored.byteLength;
    return bytes;
  }

  readPlane(slice: number, target: Float32Array, offset: number): void {
    const stored = this.#stored(slice);
    for (let index = 0; index < stored.length; index++) target[offset + index] = stored[index] / STORED_PER_UNIT;
  }

  /** Class per plane pixel. */
  target(slice: number): Int16Array {
    const target = this.#targets.get(slice);
    if (!target) throw new RangeError(`Slice ${slice} of case ${this.id} is not labelled.`);
    return target;
  }

  /**
   * The planes of `slice` seen through `map` in `size`, linearly interpolated, 0 outside; channels as in `readPlane`.
   * @param map see `PlaneMap`
   */
  readMappedPlane(slice: number, map: PlaneMap, size: PlaneSize, target: Float32Array, offset: number): void {
    const stored = this.#stored(slice);
    const { rows, columns, channels } = this;
    const pixels = rows * columns;
    const written = size.rows * size.columns;
    for (let row = 0; row < size.rows; row++) {
      let y = map.rowFromRow * row + map.rowStart;
      let x = map.columnFromRow * row + map.columnStart;
      for (let column = 0; column < size.columns; column++, y += map.rowFromColumn, x += map.columnFromColumn) {
        const write = offset + row * size.columns + column;
        const top = Math.floor(y);
        const left = Math.floor(x);
        const inside = top >= 0 && left >= 0 && top < rows - 1 && left < columns - 1;
        for (let channel = 0; channel < channels; channel++) {
          if (!inside) {
            target[write + channel * written] = 0;
            continue;
          }
          const read = channel * pixels + top * columns + left;
          const down = y - top;
          const right = x - left;
          const upper = stored[read] + right * (stored[read + 1] - stored[read]);
          const lower = stored[read + columns] + right * (stored[read + columns + 1] - stored[read + columns]);
          target[write + channel * written] = (upper + down * (lower - upper)) / STORED_PER_UNIT;
        }
      }
    }
  }

  /** The target of `slice` seen through `map` in `size`, nearest pixel, `IGNORED` outside. */
  readMappedTarget(slice: number, map: PlaneMap, size: PlaneSize, target: Float32Array, offset: number): void {
    const stored = this.target(slice);
    const { rows, columns } = this;
    for (let row = 0; row < size.rows; row++) {
      let y = map.rowFromRow * row + map.rowStart;
      let x = map.columnFromRow * row + map.columnStart;
      for (let column = 0; column < size.columns; column++, y += map.rowFromColumn, x += map.columnFromColumn) {
        const nearRow = Math.round(y);
        const nearColumn = Math.round(x);
        const inside = nearRow >= 0 && nearColumn >= 0 && nearRow < rows && nearColumn < columns;
        target[offset + row * size.columns + column] = inside ? stored[nearRow * columns + nearColumn] : IGNORED;
      }
    }
  }

  #stored(slice: number): Int16Array {
    const stored = this.#planes.get(slice);
    if (!stored) throw new RangeError(`Slice ${slice} of case ${this.id} is not kept.`);
    return stored;
  }
}

/**
 * Where a pixel of a changed plane comes from: source row = `rowFromRow * row + rowFromColumn * column + rowStart`, and
 * the same for columns. Pixel centres at integers.
 */
export interface PlaneMap {
  readonly rowFromRow: number;
  readonly rowFromColumn: number;
  readonly rowStart: number;
  readonly columnFromRow: number;
  readonly columnFromColumn: number;
  readonly columnStart: number;
}
