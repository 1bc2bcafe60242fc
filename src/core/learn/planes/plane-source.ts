import { inputChannels, type Plan } from '../plan/plan.ts';
import { bodyBox, sliceBox } from './body-box.ts';
import { applyIntensityMap, type IntensityMap, intensityMap } from './intensity.ts';
import { PlaneTransform } from './plane-transform.ts';
import { type PlaneSize, type PlaneWindow, readWindow } from './plane-window.ts';
import { planFrame, readSlice, type SliceFrame } from './slice-frame.ts';
import type { ImageVolume } from './volume-input.ts';

/**
 * Gives normalised planes of one volume, all channels of a slice together: `[channel, row, column]`. They show the
 * whole slice (or the body's box in it) at the plan's pixel size, so `rows` and `columns` are the volume's own; what
 * the network sees is a window on them.
 */
export interface PlaneSource extends PlaneSize {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly channels: number;
  /** Writes slice `slice` to `target` from `offset` on: `channels * rows * columns` numbers. */
  readPlane(slice: number, target: Float32Array, offset: number): void;
}

/**
 * Lists the slices that go in beside `slice`: offsets `-neighbours..neighbours` in the positive world direction. Beyond
 * the volume the outermost slice is repeated.
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

/**
 * Makes planes from a volume when asked for and keeps the last few. It serves prediction, where each slice is needed
 * once.
 */
export class VolumePlanes implements PlaneSource {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** The height of a pixel over its width, both in mm. */
  readonly pixelAspect: number;
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
    this.frame = planFrame(image.grid, plan.slicing);
    const bodyAbove = this.#maps.map((map) => map.bodyAbove);
    const box = plan.crop === 'body' ? sliceBox(image.grid, this.frame, bodyBox(image, bodyAbove)) : undefined;
    this.#transform = new PlaneTransform(plan.plane, this.frame, box);
    this.slices = this.frame.slices;
    this.neighbourStep = this.frame.neighbourStep;
    this.rows = this.#transform.rows;
    this.columns = this.#transform.columns;
    this.channels = image.channels.length;
    this.pixelAspect = this.#transform.pixelAspect;
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
      // A Map iterates in insertion order, so the first key is the oldest.
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
   * Returns the class of each pixel of the plane of `slice`, `rows * columns`; it is `IGNORED` where nothing is known.
   * @param classes by voxel of the volume
   */
  targetPlane(classes: Int16Array, slice: number): Int16Array {
    const target = new Int16Array(this.rows * this.columns);
    this.#transform.classesToPlane(readSlice(classes, this.frame, slice, this.#classes), target);
    return target;
  }

  /** Returns the same by the nearest pixel alone, for measuring what was predicted. */
  nearestClasses(classes: ArrayLike<number>, slice: number): Int16Array {
    const target = new Int16Array(this.rows * this.columns);
    this.#transform.nearestClassesToPlane(readSlice(classes, this.frame, slice, this.#classes), target);
    return target;
  }

  /**
   * Takes probabilities by class (background first) from the plane back to the image's own slice, as `frame` reads it.
   * @param planes `rows * columns` each
   * @param targets `frame.rows * frame.columns` each
   */
  probabilitiesToImage(planes: readonly Float32Array[], targets: readonly Float32Array[]): void {
    this.#transform.probabilitiesToImage(planes, targets);
  }

  /** Does the same for the spread between opinions (`OpinionSpread`). */
  spreadToImage(plane: Float32Array, target: Float32Array): void {
    this.#transform.planeToImage(plane, target, 0);
  }
}
