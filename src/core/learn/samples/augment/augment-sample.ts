import type { SeededRandom } from '../../../random.ts';
import type { Augmentation, Plan, Slicing } from '../../plan/plan.ts';
import type { PlaneSize, PlaneWindow } from '../../planes/plane-window.ts';
import type { StoredSlice } from '../../planes/stored-slice.ts';
import { blurPlane } from './blur.ts';
import { elasticField } from './elastic-field.ts';
import { changeGamma } from './gamma.ts';
import { lowerResolution } from './low-resolution.ts';
import { inputDirection } from './mirror-directions.ts';
import { moveSlice, type SampleTarget } from './move-slice.ts';
import { addNoise } from './noise.ts';
import { type AffineChange, planeMap, UNCHANGED } from './plane-map.ts';

/**
 * Writes what `window` shows of `slice` to `target`, changed at random as the plan says. Everything that
 * moves anatomy happens in one resampling; what changes intensities follows in the order of a scanner: blur, coarser
 * pixels, noise, contrast and brightness, gamma. Channels of the image change each in its own way, alike in all
 * neighbouring slices. Padding stays 0, as prediction has it.
 */
export function augmentSample(
  slice: StoredSlice,
  window: PlaneWindow,
  plan: Pick<Plan, 'augmentation' | 'channels'>,
  random: SeededRandom,
  target: SampleTarget,
): void {
  const { elastic } = plan.augmentation;
  const { change, reversed } = randomChange(slice.slicing, plan.augmentation, window, random);
  const field = happens(random, elastic.probability)
    ? elasticField(window.rows, window.columns, elastic.displacementPixels, elastic.gridPixels, random)
    : undefined;
  moveSlice(slice, planeMap(window, change, slice.pixelAspect), field, target);
  const positions = positionsOf(target.input, plan.channels.length * target.rows * target.columns);
  if (reversed) reverse(positions);
  changeIntensities(plan, target, random);
  target.outside.forEach((outside, pixel) => {
    if (outside === 0) return;
    for (let at = pixel; at < target.input.length; at += target.outside.length) target.input[at] = 0;
  });
}

function happens(random: SeededRandom, probability: number): boolean {
  return probability > 0 && random.uniform() < probability;
}

function randomChange(
  slicing: Slicing,
  { mirror, affine }: Augmentation,
  { rows, columns }: PlaneSize,
  random: SeededRandom,
): { change: AffineChange; reversed: boolean } {
  const mirrored = new Set(mirror.filter(() => random.uniform() < 0.5).map((axis) => inputDirection(slicing, axis)));
  const { rotationDegrees, scale, shift } = affine;
  const turned: AffineChange = happens(random, affine.probability)
    ? {
        ...UNCHANGED,
        angleDegrees: random.uniform(-rotationDegrees, rotationDegrees),
        zoom: random.uniform(1 - scale, 1 + scale),
        rowShift: random.uniform(-shift, shift) * rows,
        columnShift: random.uniform(-shift, shift) * columns,
      }
    : UNCHANGED;
  return {
    change: { ...turned, mirrorRows: mirrored.has('rows'), mirrorColumns: mirrored.has('columns') },
    reversed: mirrored.has('neighbours'),
  };
}

function changeIntensities(
  { augmentation, channels }: Pick<Plan, 'augmentation' | 'channels'>,
  { rows, columns, input }: SampleTarget,
  random: SeededRandom,
): void {
  const { blur, lowResolution, noise, intensity, gamma } = augmentation;
  const planes = positionsOf(input, rows * columns);
  const byChannel = channels.map((_, channel) => planes.filter((__, index) => index % channels.length === channel));
  for (const ofChannel of byChannel) {
    if (happens(random, blur.probability)) {
      const sigma = random.uniform(0, blur.sigmaPixels);
      const scratch = new Float32Array(rows * columns);
      for (const plane of ofChannel) blurPlane(plane, rows, columns, sigma, scratch);
    }
    if (happens(random, lowResolution.probability)) {
      lowerResolution(ofChannel, rows, columns, random.uniform(1, lowResolution.factor));
    }
    if (happens(random, noise.probability)) {
      const standardDeviation = random.uniform(0, noise.standardDeviation);
      for (const plane of ofChannel) addNoise(plane, standardDeviation, random);
    }
    if (happens(random, intensity.probability)) {
      const contrast = random.uniform(1 - intensity.contrast, 1 + intensity.contrast);
      const brightness = random.uniform(-intensity.brightness, intensity.brightness);
      for (const plane of ofChannel) changeContrast(plane, contrast, brightness);
    }
    if (happens(random, gamma.probability)) {
      // It is as likely to be halved as to be doubled.
      changeGamma(ofChannel, Math.exp(random.uniform(Math.log(gamma.low), Math.log(gamma.high))));
    }
  }
}

/** Changes contrast about 0, the mean of normalised intensities. */
function changeContrast(plane: Float32Array, contrast: number, brightness: number): void {
  for (let index = 0; index < plane.length; index++) plane[index] = plane[index] * contrast + brightness;
}

/** Returns views of consecutive parts of `input`, each `length` long. */
function positionsOf(input: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: input.length / length }, (_, index) =>
    input.subarray(index * length, (index + 1) * length),
  );
}

/** Swaps the contents end for end: the neighbours below and above change places. */
function reverse(parts: readonly Float32Array[]): void {
  for (let low = 0, high = parts.length - 1; low < high; low++, high--) {
    const kept = parts[low].slice();
    parts[low].set(parts[high]);
    parts[high].set(kept);
  }
}
