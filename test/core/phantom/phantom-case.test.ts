import { describe, expect, it } from 'vitest';
import { affineOrientation, orientationCode } from '../../../src/core/geometry/orientation.ts';
import { makePhantomCase, PHANTOM_LABELS, type PhantomCase } from '../../../src/core/phantom/phantom-case.ts';

const cases = [0, 1, 2, 3].map((seed) => ({ seed, made: makePhantomCase(seed) }));

function volumeMl({ grid, labels }: PhantomCase, label: number): number {
  const [dx, dy, dz] = grid.spacingMm;
  return (labels.reduce((sum, is) => sum + (is === label ? 1 : 0), 0) * dx * dy * dz) / 1000;
}

/** Elements that differ. (Comparing a million elements with `toEqual` takes half a minute.) */
function differences(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = Math.abs(a.length - b.length);
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) count++;
  return count;
}

/** Mean of the voxels of `label` whose neighbours along a row have it too: inside, away from partial volume. */
function meanInside({ image, labels }: PhantomCase, label: number): number {
  let [sum, count] = [0, 0];
  for (let n = 2; n < labels.length - 2; n++) {
    if ([-2, -1, 0, 1, 2].every((step) => labels[n + step] === label)) {
      sum += image[n];
      count++;
    }
  }
  return sum / count;
}

describe('makePhantomCase', () => {
  it('makes the same case for the same seed and another for another', () => {
    const again = makePhantomCase(1);
    expect(differences(again.image, cases[1].made.image)).toBe(0);
    expect(differences(again.labels, cases[1].made.labels)).toBe(0);
    expect(differences(again.labels, cases[2].made.labels)).toBeGreaterThan(10_000);
  });

  it.each(cases)('has a liver and tumours of plausible size and density in seed $seed', ({ made }) => {
    expect(made.image).toHaveLength(made.grid.shape[0] * made.grid.shape[1] * made.grid.shape[2]);
    expect(new Set(made.labels)).toEqual(new Set(PHANTOM_LABELS.map((_, index) => index)));
    expect(volumeMl(made, 1)).toBeGreaterThan(500);
    expect(volumeMl(made, 1)).toBeLessThan(2500);
    expect(volumeMl(made, 2)).toBeGreaterThan(3);
    const liver = meanInside(made, 1);
    expect(liver).toBeGreaterThan(65);
    expect(liver).toBeLessThan(130);
    expect(meanInside(made, 2)).toBeLessThan(liver - 20);
  });

  it.each(cases)('has air, fat, soft tissue and bone, and noise that a window shows, in seed $seed', ({ made }) => {
    const share = (low: number, high: number) =>
      made.image.reduce((sum, hu) => sum + (hu >= low && hu < high ? 1 : 0), 0) / made.image.length;
    expect(share(-1024, -900)).toBeGreaterThan(0.2);
    expect(share(-150, -60)).toBeGreaterThan(0.08);
    expect(share(20, 200)).toBeGreaterThan(0.15);
    expect(share(300, 1500)).toBeGreaterThan(0.005);
    expect(share(1500, 4000)).toBe(0);
  });

  it("lies as scanners send it, with the liver on the patient's right", () => {
    const { grid, labels } = cases[0].made;
    expect(orientationCode(affineOrientation(grid.voxelToWorld))).toBe('LPS');
    let [sum, count] = [0, 0];
    for (let n = 0; n < labels.length; n++) {
      if (labels[n] === 0) continue;
      sum += grid.voxelToWorld[0] * (n % grid.shape[0]) + grid.voxelToWorld[3];
      count++;
    }
    expect(sum / count).toBeGreaterThan(20);
  });
});
