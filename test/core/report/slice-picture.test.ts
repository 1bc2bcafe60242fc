import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import type { VoxelGrid } from '../../../src/core/geometry/grid.ts';
import { PREDICTION_RGB, TRUTH_RGB } from '../../../src/core/report/outline-colors.ts';
import { type CaseToShow, comparedSlicePicture, worstSlicePicture } from '../../../src/core/report/slice-picture.ts';
import { tinyGrid } from '../../support/tiny-volume.ts';

const SHAPE = [30, 24, 8] as const;
const at = (i: number, j: number, k: number) => i + SHAPE[0] * (j + SHAPE[1] * k);

/** Label `value` in the box `[from, to)`. */
function box(
  from: readonly number[],
  to: readonly number[],
  value = 1,
  map: Uint8Array = new Uint8Array(30 * 24 * 8),
): Uint8Array {
  for (let k = from[2]; k < to[2]; k++) {
    for (let j = from[1]; j < to[1]; j++) for (let i = from[0]; i < to[0]; i++) map[at(i, j, k)] = value;
  }
  return map;
}

function show(changed: Partial<CaseToShow>) {
  const picture = worstSlicePicture({
    caseId: 'case',
    grid: tinyGrid(SHAPE, [1, 1, 3]),
    axis: 2,
    image: new Float32Array(30 * 24 * 8),
    prediction: new Uint8Array(30 * 24 * 8),
    truth: new Uint8Array(30 * 24 * 8),
    ...changed,
  });
  if (!picture) return null;
  const { data, width, height } = decode(picture.png);
  const rgb = (x: number, y: number) => [...data.subarray(3 * (x + width * y), 3 * (x + width * y) + 3)];
  const where = (wanted: readonly number[]) => {
    const found: [number, number][] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) if (rgb(x, y).every((value, n) => value === wanted[n])) found.push([x, y]);
    }
    return found;
  };
  return { ...picture, where, size: [width, height] };
}

const middle = (points: readonly (readonly [number, number])[], axis: 0 | 1) =>
  (Math.min(...points.map((point) => point[axis])) + Math.max(...points.map((point) => point[axis]))) / 2;

describe('worstSlicePicture', () => {
  it('shows the slice with most errors, as large as it says, with both outlines on the right half only', () => {
    const truth = box([8, 8, 1], [16, 16, 6]);
    const prediction = box([8, 8, 1], [16, 16, 6]);
    for (let i = 8; i < 16; i++) prediction[at(i, 8, 4)] = 0;
    const picture = show({ truth, prediction });
    expect(picture?.caption).toBe('Axial slice 5 of 8: 8 voxels are wrong here');
    expect(picture?.size).toEqual([picture?.width, picture?.height]);
    for (const color of [TRUTH_RGB, PREDICTION_RGB]) {
      const found = picture?.where(color) ?? [];
      expect(found.length).toBeGreaterThan(100);
      expect(Math.min(...found.map(([x]) => x))).toBeGreaterThan((picture?.width ?? 0) / 2);
    }
  });

  it('has the right of the patient on the left and anterior up, whatever the order of the voxels', () => {
    // Truth at the patient's right and posterior, prediction left and anterior: far corners of a RAS volume.
    const right = box([22, 4, 3], [26, 8, 4]);
    const left = box([4, 16, 3], [8, 20, 4]);
    const ras = show({ truth: right, prediction: left });
    const lpsGrid: VoxelGrid = {
      ...tinyGrid(SHAPE, [1, 1, 3]),
      voxelToWorld: [-1, 0, 0, 29, 0, -1, 0, 23, 0, 0, 3, 0, 0, 0, 0, 1],
    };
    // The same patient, voxels stored the other way round along i and j.
    const flip = (map: Uint8Array) =>
      map.map((_, n) => map[at(29 - (n % 30), 23 - (Math.floor(n / 30) % 24), Math.floor(n / 720))]);
    const lps = show({ truth: flip(right), prediction: flip(left), grid: lpsGrid });
    for (const picture of [ras, lps]) {
      const [truth, prediction] = [TRUTH_RGB, PREDICTION_RGB].map((color) => picture?.where(color) ?? []);
      expect(middle(truth, 0)).toBeLessThan(middle(prediction, 0));
      expect(middle(truth, 1)).toBeGreaterThan(middle(prediction, 1));
    }
    expect(lps?.png).toEqual(ras?.png);
  });

  it('weighs a missed small label more than the edge of a large one', () => {
    const truth = box([11, 11, 6], [13, 13, 7], 2, box([4, 4, 1], [26, 20, 7]));
    const prediction = box([4, 4, 1], [26, 20, 7]);
    for (let i = 4; i < 26; i++) prediction[at(i, 4, 2)] = 0;
    expect(show({ truth, prediction })?.caption).toMatch(/slice 7 of 8: 4 voxels/);
  });

  it('shows most of the label where nothing is wrong, and nothing where there is no label', () => {
    const truth = box([8, 8, 5], [16, 16, 6], 1, box([8, 8, 2], [10, 10, 3]));
    expect(show({ truth, prediction: truth })?.caption).toBe('Axial slice 6 of 8: no voxel is wrong here');
    expect(show({})).toBeNull();
  });

  it('leaves out what is ignored', () => {
    const truth = Int16Array.from(box([8, 8, 2], [10, 10, 3]));
    for (let n = 0; n < 720; n++) truth[at(0, 0, 5) + n] = -1;
    const prediction = box([4, 4, 5], [20, 20, 6]);
    expect(show({ truth, prediction, ignored: -1 })?.caption).toMatch(/slice 3 of 8: 4 voxels/);
  });

  it('keeps the shape of voxels that are no squares, and looks at small errors in a large label from near', () => {
    const truth = box([2, 2, 3], [28, 22, 4]);
    const sagittal = show({ truth, prediction: new Uint8Array(truth.length), axis: 0 });
    expect(sagittal?.caption).toMatch(/^Sagittal/);
    const huge = tinyGrid(SHAPE, [10, 10, 3]);
    const prediction = truth.slice();
    prediction[at(10, 10, 3)] = 0;
    const near = show({ truth, prediction, grid: huge });
    // 10 mm of error and 35 mm around it: of the 260 mm of the label no edge is in the picture but that of the hole.
    expect(near?.where(TRUTH_RGB)).toEqual([]);
    const holes = near?.where(PREDICTION_RGB) ?? [];
    const center = [middle(holes, 0), middle(holes, 1)];
    expect(Math.abs(center[1] - (near?.height ?? 0) / 2)).toBeLessThan(25);
  });

  it('has a grey for every value, also where the image is constant or not finite', () => {
    const truth = box([8, 8, 2], [10, 10, 3]);
    const image = new Float32Array(truth.length).fill(Number.NaN);
    expect(show({ truth, image })?.width).toBeGreaterThan(0);
  });
});

describe('comparedSlicePicture', () => {
  it('shows the slice that got worse by most, not the one that is worst, with both predictions in their own panels', () => {
    const truth = box([8, 8, 1], [16, 16, 6]);
    const [prediction, other] = [Uint8Array.from(truth), Uint8Array.from(truth)];
    // Slice 2: wrong in both, most voxels. Slice 4: wrong in the new one alone.
    for (let i = 8; i < 16; i++) {
      for (const j of [8, 9, 10]) for (const map of [prediction, other]) map[at(i, j, 2)] = 0;
      prediction[at(i, 15, 4)] = 0;
    }
    const shown = { caseId: 'case', grid: tinyGrid(SHAPE, [1, 1, 3]), axis: 2 as const, truth, prediction };
    const picture = comparedSlicePicture({ ...shown, image: new Float32Array(30 * 24 * 8) }, other);
    expect(picture?.caption).toBe('Axial slice 5 of 8: 8 voxels are wrong here, 0 before');
    if (!picture) return;
    const { data, width, height } = decode(picture.png);
    const panel = (width - 12) / 3;
    const marked = [0, 1, 2].map((index) => {
      let dots = 0;
      let lowest = 0;
      for (let y = 0; y < height; y++) {
        for (let x = index * (panel + 6); x < index * (panel + 6) + panel; x++) {
          if (!PREDICTION_RGB.every((value, n) => data[3 * (x + width * y) + n] === value)) continue;
          dots++;
          lowest = Math.max(lowest, y);
        }
      }
      return { dots, lowest };
    });
    expect(marked[0].dots).toBe(0);
    expect(Math.min(marked[1].dots, marked[2].dots)).toBeGreaterThan(100);
    // What the new one lacks is the anterior row: its outline begins further down, and ends where the other's does.
    expect(marked[2].lowest).toBe(marked[1].lowest);
  });

  it('shows nothing where there is no label', () => {
    const empty = new Uint8Array(30 * 24 * 8);
    const shown = {
      caseId: 'case',
      grid: tinyGrid(SHAPE, [1, 1, 3]),
      axis: 2 as const,
      truth: empty,
      prediction: empty,
    };
    expect(comparedSlicePicture({ ...shown, image: new Float32Array(30 * 24 * 8) }, empty)).toBeNull();
  });
});
