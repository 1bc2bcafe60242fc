import { sizeMultiple } from '../net/unet-description.ts';
import { applyIntensityMap, type IntensityMap, intensityMap } from './intensity.ts';
import { inputChannels, type Plan } from './plan.ts';
import { IGNORED, PlaneTransform, planeSizeFor } from './plane-transform.ts';
import { readSlice, type SliceFrame } from './slice-frame.ts';
import type { CaseTruth, ImageVolume } from './volume-input.ts';

/** Normalised planes of one volume, all channels of a slice together: `[channel, row, column]`. */
export interface PlaneSource {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly rows: number;
  readonly columns: number;
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

/** Fills `target` from `offset` on with the network input of one slice: `[inputChannels, rows, columns]`. */
export function readInput(source: PlaneSource, plan: Plan, slice: number, target: Float32Array, offset: number): void {
  const step = source.channels * source.rows * source.columns;
  neighbourSlices(source, slice, plan.neighbours).forEach((neighbour, index) => {
    source.readPlane(neighbour, target, offset + index * step);
  });
}

/** Planes made from a volume when asked for, the last few kept: for prediction, where each slice is needed once. */
export class VolumePlanes implements PlaneSource {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly transform: PlaneTransform;
  readonly #image: ImageVolume;
  readonly #frame: SliceFrame;
  readonly #maps: readonly IntensityMap[];
  readonly #recent = new Map<number, Float32Array>();
  readonly #keep: number;
  readonly #slice: Float32Array;
  readonly #plane: Float32Array;

  /** @param anySize the plane grows with an image that is larger than the plan's (prediction); else it is cut */
  constructor(image: ImageVolume, frame: SliceFrame, plan: Plan, anySize: boolean) {
    this.#image = image;
    this.#frame = frame;
    this.#maps = image.channels.map((values, channel) => intensityMap(plan.channels[channel].normalization, values));
    const size = anySize ? planeSizeFor(plan.plane, frame, sizeMultiple(plan.network)) : plan.plane;
    this.transform = new PlaneTransform(plan.plane, frame, size);
    this.slices = frame.slices;
    this.neighbourStep = frame.neighbourStep;
    this.rows = size.rows;
    this.columns = size.columns;
    this.channels = image.channels.length;
    this.#keep = inputChannels(plan);
    this.#slice = new Float32Array(frame.rows * frame.columns);
    this.#plane = new Float32Array(size.rows * size.columns);
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
      applyIntensityMap(this.#maps[channel], readSlice(values, this.#frame, slice, this.#slice));
      this.transform.imageToPlane(this.#slice, this.#plane);
      planes.set(this.#plane, channel * this.rows * this.columns);
    });
    return planes;
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
    truth: CaseTruth,
    frame: SliceFrame,
    plan: Plan,
    wanted?: ReadonlySet<number>,
  ) {
    const planes = new VolumePlanes(image, frame, plan, false);
    this.slices = planes.slices;
    this.neighbourStep = planes.neighbourStep;
    this.rows = planes.rows;
    this.columns = planes.columns;
    this.channels = planes.channels;
    const classes = new Int16Array(frame.rows * frame.columns);
    const plane = new Float32Array(this.channels * this.rows * this.columns);
    const labelled: { slice: number; classes: number[] }[] = [];
    for (let slice = 0; slice < frame.slices; slice++) {
      if (!truth.trains(slice) || (wanted && !wanted.has(slice))) continue;
      const target = new Int16Array(this.rows * this.columns);
      planes.transform.classesToPlane(readSlice(truth.classes, frame, slice, classes), target);
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

  /** Class per plane pixel; `IGNORED` outside the image. */
  target(slice: number): Int16Array {
    const target = this.#targets.get(slice);
    if (!target) throw new RangeError(`Slice ${slice} of case ${this.id} is not labelled.`);
    return target;
  }

  /**
   * The planes of `slice` seen through `map`, linearly interpolated, 0 outside; channels as in `readPlane`.
   * @param map see `PlaneMap`
   */
  readMappedPlane(slice: number, map: PlaneMap, target: Float32Array, offset: number): void {
    const stored = this.#stored(slice);
    const { rows, columns, channels } = this;
    const pixels = rows * columns;
    for (let row = 0; row < rows; row++) {
      let y = map.rowFromRow * row + map.rowStart;
      let x = map.columnFromRow * row + map.columnStart;
      for (let column = 0; column < columns; column++, y += map.rowFromColumn, x += map.columnFromColumn) {
        const write = offset + row * columns + column;
        const top = Math.floor(y);
        const left = Math.floor(x);
        const inside = top >= 0 && left >= 0 && top < rows - 1 && left < columns - 1;
        for (let channel = 0; channel < channels; channel++) {
          if (!inside) {
            target[write + channel * pixels] = 0;
            continue;
          }
          const read = channel * pixels + top * columns + left;
          const down = y - top;
          const right = x - left;
          const upper = stored[read] + right * (stored[read + 1] - stored[read]);
          const lower = stored[read + columns] + right * (stored[read + columns + 1] - stored[read + columns]);
          target[write + channel * pixels] = (upper + down * (lower - upper)) / STORED_PER_UNIT;
        }
      }
    }
  }

  /** The target of `slice` seen through `map`, nearest pixel, `IGNORED` outside. */
  readMappedTarget(slice: number, map: PlaneMap, target: Float32Array, offset: number): void {
    const stored = this.target(slice);
    const { rows, columns } = this;
    for (let row = 0; row < rows; row++) {
      let y = map.rowFromRow * row + map.rowStart;
      let x = map.columnFromRow * row + map.columnStart;
      for (let column = 0; column < columns; column++, y += map.rowFromColumn, x += map.columnFromColumn) {
        const nearRow = Math.round(y);
        const nearColumn = Math.round(x);
        const inside = nearRow >= 0 && nearColumn >= 0 && nearRow < rows && nearColumn < columns;
        target[offset + row * columns + column] = inside ? stored[nearRow * columns + nearColumn] : IGNORED;
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
