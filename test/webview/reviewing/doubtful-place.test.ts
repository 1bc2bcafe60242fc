import { describe, expect, test } from 'vitest';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { doubtfulPlace } from '../../../src/webview/reviewing/doubtful-place.ts';

const voxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const { axial } = slicePlanes({ shape: [12, 10, 6], spacingMm: [1, 1, 1], voxelToWorld }, 'radiological');

/** Boxes of voxels `[min, max)` on slice 3, as the axial plane shows them. */
function layer(...boxes: readonly { label: number; min: [number, number]; max: [number, number] }[]) {
  const data = new Uint8Array(120);
  for (const { label, min, max } of boxes) {
    for (let i = min[0]; i < max[0]; i++) {
      for (let j = min[1]; j < max[1]; j++) data[11 - i + 12 * (9 - j)] = label;
    }
  }
  return { columns: 12, rows: 10, data };
}
const large = { label: 1, min: [1, 1] as [number, number], max: [6, 4] as [number, number] };
const small = { label: 1, min: [9, 7] as [number, number], max: [11, 9] as [number, number] };
const component = (box: typeof large, uncertainty: number) => ({
  label: box.label,
  uncertainty,
  min: [...box.min, 2] as const,
  max: [...box.max, 5] as const,
});

describe('the doubtful place of a slice', () => {
  test('is in the least certain structure, with everything that waits in view', () => {
    const place = doubtfulPlace(layer(large, small), axial, 3, [component(large, 0.1), component(small, 0.4)]);
    expect(place?.voxel.slice(0, 2).map((index, axis) => index >= small.min[axis] && index < small.max[axis])).toEqual([
      true,
      true,
    ]);
    expect(place?.voxel[2]).toBe(3);
    expect(place?.centerVoxel).toEqual([5.5, 4.5, 3]);
    expect(place?.extentVoxels).toEqual([10, 8, 1]);
  });

  test('is in the largest structure where nothing is known', () => {
    expect(doubtfulPlace(layer(small, large), axial, 3, [])?.voxel).toEqual([3, 2, 3]);
  });

  test('lies on the structure even where its middle does not', () => {
    const ring = layer(large);
    for (let i = 2; i < 5; i++) ring.data[11 - i + 12 * (9 - 2)] = 0;
    const at = doubtfulPlace(ring, axial, 3, [])?.voxel ?? [0, 0, 0];
    expect(ring.data[11 - at[0] + 12 * (9 - at[1])]).toBe(1);
  });

  test('is nowhere where nothing waits', () => {
    expect(doubtfulPlace(layer(), axial, 3, [])).toBeUndefined();
  });
});
