import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { scoreSegmentation } from '../../../src/core/metrics/score-segmentation.ts';
import { type Connectivity, connectedComponents } from '../../../src/core/volume/connected-components.ts';
import { readGolden } from '../../support/golden.ts';

type Value = number | 'nan' | 'inf';

interface GoldenCase {
  readonly name: string;
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  readonly prediction: readonly number[];
  readonly truth: readonly number[];
  readonly monai: {
    readonly hdMm: Value;
    readonly hd95Mm: Value;
    readonly meanSurfaceDistanceMm: Value;
    readonly surfaceDice: readonly Value[];
  };
  readonly scipy?: { readonly hdMm: number; readonly hd95Mm: number; readonly meanSurfaceDistanceMm: number };
  readonly simpleitk?: {
    readonly dice: number;
    readonly iou: number;
    readonly truthMl: number;
    readonly predictionMl: number;
  };
  readonly components: Readonly<Record<Connectivity, readonly number[]>>;
}

const golden = readGolden<{ readonly tolerancesMm: readonly number[]; readonly cases: readonly GoldenCase[] }>(
  'surface-scores.json',
);
const solid = golden.cases.filter((found) => found.scipy !== undefined);
const oneSided = golden.cases.filter(({ name }) => name.startsWith('only in'));

/** The mask whose stretches of 0 and 1 have these lengths. */
function fromRuns(runs: readonly number[]): Uint8Array {
  return Uint8Array.from(runs.flatMap((length, n) => new Array<number>(length).fill(n % 2)));
}

function score({ shape, spacingMm, prediction, truth }: GoldenCase, toleranceMm = 1) {
  const labels = [{ value: 1, name: 'one' }];
  return scoreSegmentation('case', fromRuns(prediction), fromRuns(truth), { shape, spacingMm, labels, toleranceMm })
    .labels[0];
}

/** Relative to the value: MONAI computes in float32. */
function expectNear(found: number, expected: number, relative: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(expected)));
}

describe('surface scores (test/golden/surface-scores.py)', () => {
  it('has enough golden cases', () => {
    expect([solid.length, oneSided.length]).toEqual([9, 2]);
  });

  it.each(solid)('are those of MONAI: $name', (found) => {
    const scored = score(found);
    expectNear(scored.hdMm, found.monai.hdMm as number, 1e-6);
    // torch.quantile places the percentile in float32.
    expectNear(scored.hd95Mm, found.monai.hd95Mm as number, 1e-5);
    expectNear(scored.meanSurfaceDistanceMm, found.monai.meanSurfaceDistanceMm as number, 1e-6);
    golden.tolerancesMm.forEach((toleranceMm, n) => {
      expectNear(score(found, toleranceMm).surfaceDice, found.monai.surfaceDice[n] as number, 1e-6);
    });
  });

  it.each(solid)('are those of scipy in double precision: $name', (found) => {
    const scored = score(found);
    const expected = found.scipy as NonNullable<GoldenCase['scipy']>;
    expectNear(scored.hdMm, expected.hdMm, 1e-12);
    expectNear(scored.hd95Mm, expected.hd95Mm, 1e-12);
    expectNear(scored.meanSurfaceDistanceMm, expected.meanSurfaceDistanceMm, 1e-12);
  });

  it.each(solid)('come with the overlap and volumes of SimpleITK: $name', (found) => {
    const scored = score(found);
    const expected = found.simpleitk as NonNullable<GoldenCase['simpleitk']>;
    expectNear(scored.dice, expected.dice, 1e-12);
    expectNear(scored.iou, expected.iou, 1e-12);
    expectNear(scored.truthMl, expected.truthMl, 1e-12);
    expectNear(scored.predictionMl, expected.predictionMl, 1e-12);
    expectNear(scored.volumeErrorMl, expected.predictionMl - expected.truthMl, 1e-12);
    expectNear(scored.relativeVolumeError, expected.predictionMl / expected.truthMl - 1, 1e-12);
  });

  it('are infinitely far, and surface Dice 0, where exactly one mask has the label (MONAI: HD infinite)', () => {
    for (const found of oneSided) {
      expect(found.monai).toMatchObject({ hdMm: 'inf', meanSurfaceDistanceMm: 'inf', surfaceDice: [0, 0] });
      expect(score(found)).toMatchObject({
        dice: 0,
        iou: 0,
        hdMm: Number.POSITIVE_INFINITY,
        hd95Mm: Number.POSITIVE_INFINITY,
        meanSurfaceDistanceMm: Number.POSITIVE_INFINITY,
        surfaceDice: 0,
      });
    }
    const [missed, invented] = oneSided.map((found) => score(found).relativeVolumeError);
    expect([missed, invented]).toEqual([-1, Number.NaN]);
  });

  it('are undefined where neither has it, as MONAI has it', () => {
    const found = golden.cases.find(({ name }) => name === 'in neither') as GoldenCase;
    expect(found.monai).toMatchObject({ hdMm: 'nan', hd95Mm: 'nan', surfaceDice: ['nan', 'nan'] });
    expect(score(found)).toMatchObject({
      dice: Number.NaN,
      hdMm: Number.NaN,
      hd95Mm: Number.NaN,
      surfaceDice: Number.NaN,
      volumeErrorMl: Number.NaN,
      voxelAccuracy: Number.NaN,
    });
  });
});

describe('components', () => {
  it.each(golden.cases)('are those of connected-components-3d: $name', (found) => {
    for (const connectivity of [6, 18, 26] as const) {
      const { components } = connectedComponents(fromRuns(found.truth), found.shape, connectivity);
      expect(components.map(({ voxels }) => voxels).sort((a, b) => b - a)).toEqual(found.components[connectivity]);
    }
  });
});
