import type { Vec3 } from '../geometry/vector.ts';
import type { SeededRandom } from '../random.ts';

/** The share of a thick slice's signal that comes from each of its neighbours. */
const SLICE_OVERLAP = 0.14;

/**
 * Makes of perfect anatomy what a scanner would, in place: slices are thick and overlap a little (partial volume along
 * the axis), and have the grainy noise of filtered back projection, strongest in the middle of the body where most rays
 * are swallowed.
 *
 * @param hu Hounsfield units, element `i + nx * (j + ny * k)`
 * @param noiseHu standard deviation in the middle of the body
 */
export function scan(hu: Float32Array, shape: Vec3, noiseHu: number, random: SeededRandom): Int16Array {
  blurAlongSlices(hu, shape);
  const noise = grain(shape, random);
  const [nx, ny] = shape;
  const stored = new Int16Array(hu.length);
  for (let n = 0; n < hu.length; n++) {
    const u = (n % nx) / nx - 0.5;
    const v = (Math.floor(n / nx) % ny) / ny - 0.5;
    const strength = noiseHu * (1.05 - 1.4 * (u * u + v * v));
    stored[n] = Math.max(-1024, Math.min(3071, Math.round(hu[n] + strength * noise[n])));
  }
  return stored;
}

function blurAlongSlices(hu: Float32Array, [nx, ny, nz]: Vec3): void {
  const area = nx * ny;
  let below = hu.slice(0, area);
  for (let k = 0; k < nz; k++) {
    const here = hu.slice(k * area, (k + 1) * area);
    const above = k + 1 < nz ? (k + 1) * area : k * area;
    for (let n = 0; n < area; n++) {
      hu[k * area + n] = (1 - 2 * SLICE_OVERLAP) * here[n] + SLICE_OVERLAP * (below[n] + hu[above + n]);
    }
    below = here;
  }
}

/** Makes noise of variance 1 whose grains are about two pixels wide within a slice; slices are independent. */
function grain([nx, ny, nz]: Vec3, random: SeededRandom): Float32Array {
  const white = new Float32Array(nx * ny * nz);
  for (let n = 0; n < white.length; n++) white[n] = random.normal();
  const soft = new Float32Array(white.length);
  // The filter is binomial in both directions; the sum of its squared weights is (6 / 16)^2.
  const gain = 16 / 6;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const up = j > 0 ? -nx : 0;
      const down = j + 1 < ny ? nx : 0;
      for (let i = 0, n = nx * (j + ny * k); i < nx; i++, n++) {
        const left = i > 0 ? -1 : 0;
        const right = i + 1 < nx ? 1 : 0;
        const row = (at: number) => white[at + left] + 2 * white[at] + white[at + right];
        soft[n] = (gain / 16) * (row(n + up) + 2 * row(n) + row(n + down));
      }
    }
  }
  return soft;
}
