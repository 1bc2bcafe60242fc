import type { SeededRandom } from '../random.ts';
import type { TensorValue } from './network-engine.ts';
import { inputChannels, type Plan } from './plan.ts';
import { neighbourSlices, type PlaneMap, readInput, type StoredPlanes } from './plane-source.ts';
import { IGNORED } from './plane-transform.ts';
import { centredWindow, readWindow } from './plane-window.ts';

interface Sample {
  readonly source: StoredPlanes;
  readonly slice: number;
}

/** The slices that training draws from, and how: seeded, with labels shown as often as the plan says. */
export class TrainingSamples {
  readonly #all: Sample[] = [];
  readonly #byClass: (readonly Sample[])[] = [];

  constructor(
    cases: readonly StoredPlanes[],
    private readonly plan: Plan,
    private readonly random: SeededRandom,
  ) {
    const byClass = plan.labels.map((): Sample[] => []);
    for (const source of cases) {
      for (const { slice, classes } of source.labelled) {
        const sample = { source, slice };
        this.#all.push(sample);
        for (const label of classes) byClass[label].push(sample);
      }
    }
    this.#byClass = byClass.filter((samples) => samples.length > 0);
  }

  get slices(): number {
    return this.#all.length;
  }

  /** Steps after which as many slices were drawn as there are. */
  get stepsPerEpoch(): number {
    return Math.max(1, Math.ceil(this.#all.length / this.plan.batch.size));
  }

  /** @returns `input` `[batch, inputChannels, rows, columns]` and `target` `[batch, rows, columns]` (-1: ignored) */
  nextBatch(): { input: TensorValue; target: TensorValue } {
    const { plan, random } = this;
    const { rows, columns } = plan.plane;
    const pixels = rows * columns;
    const channels = inputChannels(plan);
    const size = plan.batch.size;
    const input = new Float32Array(size * channels * pixels);
    const target = new Float32Array(size * pixels);
    const showing = Math.round(size * plan.batch.foregroundShare);
    for (let index = 0; index < size; index++) {
      const { source, slice } = this.#draw(index < showing);
      const inputOffset = index * channels * pixels;
      const window = centredWindow(source, plan.plane);
      const changed = randomPlaneMap(plan, random);
      if (changed) {
        const map = {
          ...changed,
          rowStart: changed.rowStart + window.rowStart,
          columnStart: changed.columnStart + window.columnStart,
        };
        const step = source.channels * pixels;
        neighbourSlices(source, slice, plan.neighbours).forEach((neighbour, position) => {
          source.readMappedPlane(neighbour, map, window, input, inputOffset + position * step);
        });
        source.readMappedTarget(slice, map, window, target, index * pixels);
      } else {
        readInput(source, plan, slice, window, input, inputOffset);
        readWindow(source.target(slice), source, window, target, index * pixels, IGNORED);
      }
      changeIntensity(plan, random, input.subarray(inputOffset, inputOffset + channels * pixels));
    }
    return {
      input: { data: input, shape: [size, channels, rows, columns] },
      target: { data: target, shape: [size, rows, columns] },
    };
  }

  #draw(showingLabel: boolean): Sample {
    const { random } = this;
    if (showingLabel && this.#byClass.length > 0) {
      const samples = this.#byClass[random.integer(this.#byClass.length)];
      return samples[random.integer(samples.length)];
    }
    return this.#all[random.integer(this.#all.length)];
  }
}

/** A random rotation, scale and shift about the plane's centre (in mm, so that anatomy is not sheared); none: undefined. */
export function randomPlaneMap(plan: Plan, random: SeededRandom): PlaneMap | undefined {
  const { probability, rotationDegrees, scale, shift } = plan.augmentation.affine;
  if (probability === 0 || random.uniform() >= probability) return undefined;
  const { plane } = plan;
  // One pixel step down is this many pixel steps across.
  const aspect = plane.kind === 'spacing' ? plane.rowSpacingMm / plane.columnSpacingMm : 1;
  const angle = (random.uniform(-rotationDegrees, rotationDegrees) * Math.PI) / 180;
  const factor = random.uniform(1 - scale, 1 + scale);
  const cosine = Math.cos(angle) * factor;
  const sine = Math.sin(angle) * factor;
  const centreRow = (plane.rows - 1) / 2;
  const centreColumn = (plane.columns - 1) / 2;
  const rowFromColumn = -sine / aspect;
  const columnFromRow = sine * aspect;
  return {
    rowFromRow: cosine,
    rowFromColumn,
    rowStart:
      centreRow - cosine * centreRow - rowFromColumn * centreColumn + random.uniform(-shift, shift) * plane.rows,
    columnFromRow,
    columnFromColumn: cosine,
    columnStart:
      centreColumn - columnFromRow * centreRow - cosine * centreColumn + random.uniform(-shift, shift) * plane.columns,
  };
}

/** Random contrast and brightness of one sample, alike in all its channels' slices. */
function changeIntensity(plan: Plan, random: SeededRandom, values: Float32Array): void {
  const { probability, contrast: contrastRange, brightness: brightnessRange } = plan.augmentation.intensity;
  if (probability === 0 || random.uniform() >= probability) return;
  const contrast = random.uniform(1 - contrastRange, 1 + contrastRange);
  const brightness = random.uniform(-brightnessRange, brightnessRange);
  for (let index = 0; index < values.length; index++) values[index] = values[index] * contrast + brightness;
}
