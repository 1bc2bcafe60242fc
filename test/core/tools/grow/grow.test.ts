import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CancelledError } from '../../../../src/core/errors.ts';
import type { Affine } from '../../../../src/core/geometry/affine.ts';
import { type PlaneName, slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { boxVoxels, type VoxelBox } from '../../../../src/core/geometry/voxel-box.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { answerQuery } from '../../../../src/core/tools/answer-query.ts';
import { gestureEdit } from '../../../../src/core/tools/gesture-edit.ts';
import { type DataContext, InvalidGestureError } from '../../../../src/core/tools/tool.ts';
import { planesOf } from '../../../support/case-arbitraries.ts';

type Planes = DataContext['planes'];

/** An image in memory, where a tool may look at it. */
function looking(planes: Planes, values: ArrayLike<number>, over: Partial<DataContext> = {}): DataContext {
  const [nx, ny] = planes.axial.grid.shape;
  const image = async (box: VoxelBox) => {
    const found = new Float32Array(boxVoxels(box));
    let at = 0;
    for (let k = box.from[2]; k < box.to[2]; k++) {
      for (let j = box.from[1]; j < box.to[1]; j++) {
        for (let i = box.from[0]; i < box.to[0]; i++) found[at++] = values[i + nx * (j + ny * k)];
      }
    }
    return found;
  };
  return {
    planes,
    image,
    labels: () => Promise.reject(new Error('Growing looks at no label.')),
    progress: () => undefined,
    breathe: async () => undefined,
    ...over,
  };
}

interface Asked {
  readonly plane: PlaneName;
  readonly slice: number;
  readonly at: readonly [number, number];
  readonly sampleMm: number;
  readonly extent: 'slice' | 'volume';
}

/** The definition, voxel by voxel: no scanlines, no planes in memory, and a set that grows until nothing joins it. */
function naive(
  planes: Planes,
  values: ArrayLike<number>,
  { plane: name, slice, at, sampleMm, extent }: Asked,
): number[] {
  const plane = planes[name];
  const { shape, spacingMm } = plane.grid;
  const offset = ([i, j, k]: Vec3) => i + shape[0] * (j + shape[1] * k);
  const isInside = (voxel: Vec3) => voxel.every((value, axis) => value >= 0 && value < shape[axis]);
  const seed: [number, number, number] = [0, 0, 0];
  seed[plane.normalAxis] = slice;
  seed[plane.columnAxis] = Math.round(at[0]);
  seed[plane.rowAxis] = Math.round(at[1]);
  if (!isInside(seed) || Number.isNaN(values[offset(seed)])) return [];
  const sampled: number[] = [];
  const touching: number[] = [];
  for (let k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[0]; i++) {
        const voxel: Vec3 = [i, j, k];
        if (voxel[plane.normalAxis] !== slice) continue;
        const away = voxel.map((value, axis) => value - seed[axis]);
        const awayMm = Math.hypot(...away.map((value, axis) => value * spacingMm[axis]));
        if (awayMm <= sampleMm) sampled.push(values[offset(voxel)]);
        else if (away.every((value) => Math.abs(value) <= 1)) touching.push(values[offset(voxel)]);
      }
    }
  }
  const unlike = (value: number) => Math.abs(value - values[offset(seed)]);
  const alike = touching.filter((value) => !Number.isNaN(value)).sort((a, b) => unlike(a) - unlike(b) || a - b);
  const known = [...sampled, ...alike.slice(0, 3)].filter((value) => !Number.isNaN(value));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const region = new Set([offset(seed)]);
  const waiting: Vec3[] = [seed];
  for (let voxel = waiting.pop(); voxel; voxel = waiting.pop()) {
    for (const axis of [0, 1, 2]) {
      if (extent === 'slice' && axis === plane.normalAxis) continue;
      for (const step of [-1, 1]) {
        const next = voxel.map((value, n) => (n === axis ? value + step : value)) as unknown as Vec3;
        if (!isInside(next) || region.has(offset(next))) continue;
        const value = values[offset(next)];
        if (!(value >= low && value <= high)) continue;
        region.add(offset(next));
        waiting.push(next);
      }
    }
  }
  return [...region].sort((a, b) => a - b);
}

const query = (asked: Asked) => ({ tool: 'grow', ...asked, timeIndex: 0, label: 1 });

test('in any plane, turned, mirrored and with voxels of any form, what is grown is what the definition says', async () => {
  const shape: Vec3 = [6, 5, 4];
  await fc.assert(
    fc.asyncProperty(
      planesOf(shape),
      fc.array(fc.oneof(fc.nat(3), fc.nat(3), fc.constant(Number.NaN)), { minLength: 120, maxLength: 120 }),
      fc.constantFrom<PlaneName>('axial', 'coronal', 'sagittal'),
      fc.double({ min: -1, max: 6, noNaN: true }),
      fc.double({ min: -1, max: 6, noNaN: true }),
      fc.nat(20),
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.constantFrom('slice' as const, 'volume' as const),
      async (planes, values, plane, column, row, place, sampleMm, extent) => {
        const asked: Asked = { plane, slice: place % planes[plane].sliceCount, at: [column, row], sampleMm, extent };
        const gesture = await answerQuery(looking(planes, values), query(asked));
        const { runs } = gestureEdit({ planes, labels: new LabelMap(shape) }, gesture);
        const grown = runs.flatMap(({ start, length }) => Array.from({ length }, (_, n) => start + n));
        expect(grown).toEqual(naive(planes, values, asked));
      },
    ),
    { numRuns: 400 },
  );
});

const identity: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const planes = slicePlanes({ shape: [260, 260, 30], spacingMm: [1, 1, 1], voxelToWorld: identity }, 'radiological');
const even = new Float32Array(260 * 260 * 30).fill(7);
const everywhere: Asked = { plane: 'axial', slice: 4, at: [3, 3], sampleMm: 2, extent: 'volume' };

describe('a region that grows', () => {
  it('tells how far it is, and ends where it is cancelled', async () => {
    const told: number[] = [];
    await answerQuery(looking(planes, even, { progress: (fraction) => void told.push(fraction) }), query(everywhere));
    expect(told.at(-1)).toBe(1);
    expect(new Set(told).size).toBe(told.length);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    const context = looking(planes, even, { breathe: () => Promise.reject(new CancelledError()) });
    await expect(answerQuery(context, query(everywhere))).rejects.toThrow(CancelledError);
  });

  it('reads thin planes many at once', async () => {
    const thin = slicePlanes({ shape: [1, 1, 100_000], spacingMm: [1, 1, 1], voxelToWorld: identity }, 'radiological');
    const context = looking(thin, new Float32Array(100_000).fill(3));
    let reads = 0;
    const image: DataContext['image'] = (box, timeIndex) => {
      reads++;
      return context.image(box, timeIndex);
    };
    const asked = query({ ...everywhere, at: [0, 0] });
    expect(await answerQuery({ ...context, image }, asked)).toMatchObject({ covered: [0, 100_000, 1] });
    expect(reads).toBe(3);
  });

  it('says what to do where it spreads further than memory holds', async () => {
    const shape = [65_536, 65_536, 3] as const;
    const vast = slicePlanes({ shape, spacingMm: [1, 1, 1], voxelToWorld: identity }, 'radiological');
    const image: DataContext['image'] = async () => new Float32Array(1);
    const context = looking(vast, [], { image });
    const asked = { ...query({ ...everywhere, slice: 1, at: [0, 0] }) };
    await expect(answerQuery(context, asked)).rejects.toThrow('it spreads too far). Grow it in the slice, or');
  });

  it('is not told to be done while it winds back through planes that it has seen', async () => {
    // Up through all planes in one column, over a bridge, and down again in another.
    const [up, bridge, down] = [3, 4, 5];
    const small = slicePlanes({ shape: [8, 8, 30], spacingMm: [1, 1, 1], voxelToWorld: identity }, 'radiological');
    const winding = Float32Array.from({ length: 8 * 8 * 30 }, (_, at) => {
      const [i, j, k] = [at % 8, Math.floor(at / 8) % 8, Math.floor(at / 64)];
      return j === 3 && (i === up || i === down || (i === bridge && k === 29)) ? 7 : 0;
    });
    let visits = 0;
    let visitsWhenDone: number | undefined;
    const breathe = async () => {
      visits++;
    };
    const progress = (fraction: number) => {
      if (fraction === 1) visitsWhenDone ??= visits;
    };
    const asked: Asked = { plane: 'sagittal', slice: up, at: [3, 15], sampleMm: 0, extent: 'volume' };
    const gesture = await answerQuery(looking(small, winding, { progress, breathe }), query(asked));
    expect(gesture).toHaveProperty('covered');
    expect(visits).toBeGreaterThan(40);
    // It is heard of once more for each plane that is painted in the end.
    expect(visitsWhenDone).toBe(visits - 30);
  });

  it('says what to do where there is not enough memory', async () => {
    const image = () => Promise.reject(new RangeError('Array buffer allocation failed'));
    const refused = answerQuery(looking(planes, even, { image }), query(everywhere));
    await expect(refused).rejects.toThrow('not enough memory for it). Draw in a single slice instead.');
  });

  it('is refused where it is no query of this version', async () => {
    const context = looking(planes, even);
    for (const bad of [
      { extent: 'everywhere' },
      { sampleMm: Number.NaN },
      { sampleMm: -1 },
      { more: 1 },
      { slice: 30 },
    ]) {
      await expect(answerQuery(context, { ...query(everywhere), ...bad })).rejects.toThrow(InvalidGestureError);
    }
    await expect(answerQuery(context, { ...query(everywhere), tool: 'brush' })).rejects.toThrow('asks nothing');
    await expect(answerQuery(context, { ...query(everywhere), tool: 'lasso' })).rejects.toThrow('no tool “lasso”');
  });
});
