import { describe, expect, it } from 'vitest';
import type { Vec3, VoxelAxis } from '../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { type CaseInMemory, caseTruth } from '../../../src/engine/inputs/case-loader.ts';
import { BALL_LABELS, rasGrid } from '../../support/learn-cases.ts';

const shape: Vec3 = [4, 3, 5];
const voxels = 60;
/** Dense labels 0, 1, 2, 3 in turn. */
const dense = Uint8Array.from({ length: voxels }, (_, offset) => offset % 4);
const table = [...BALL_LABELS, { value: 9, name: 'of another cohort', color: '#888888' }];
const loaded = {
  image: { grid: rasGrid(shape), channels: [] },
  labelMap: LabelMap.fromDense(shape, dense),
  table,
} as unknown as CaseInMemory;

describe('caseTruth', () => {
  it('is the class of every voxel of a complete map; what the plan does not know is ignored', () => {
    const { classes } = caseTruth({ reviewAxis: null, accepted: null }, loaded, BALL_LABELS);
    expect([...classes]).toEqual(Array.from(dense, (label) => (label === 3 ? -1 : label)));
    const fewer = caseTruth({ reviewAxis: null, accepted: null }, loaded, BALL_LABELS.slice(0, 2));
    expect(new Set(fewer.classes)).toEqual(new Set([0, 1, -1]));
  });

  it('goes by the name that the case has for a label, and ignores it where the cohort has no such label', () => {
    const [, first, second] = BALL_LABELS;
    const own = (value: number, name: string) => [{ value, name, color: '#123456' }];
    const of = (ownLabels: typeof table) => [
      ...caseTruth({ reviewAxis: null, accepted: null, ownLabels }, loaded, BALL_LABELS).classes.slice(0, 3),
    ];
    expect(of(own(first.value, 'kidney'))).toEqual([0, -1, 2]);
    expect(of(own(first.value, second.name.toUpperCase()))).toEqual([0, 2, 2]);
    expect(of(own(first.value, first.name))).toEqual([0, 1, 2]);
  });

  it.each([0, 1, 2] as const)(
    'ignores every voxel of slices along axis %d that nobody accepted, and no other',
    (axis) => {
      const accepted = Array.from({ length: shape[axis] }, (_, slice) => slice % 2 === 1);
      const { classes } = caseTruth({ reviewAxis: axis as VoxelAxis, accepted }, loaded, BALL_LABELS);
      for (let offset = 0; offset < voxels; offset++) {
        const voxel = [offset % 4, Math.floor(offset / 4) % 3, Math.floor(offset / 12)];
        const known = accepted[voxel[axis]] && dense[offset] < 3;
        expect(classes[offset]).toBe(known ? dense[offset] : -1);
      }
    },
  );
});
