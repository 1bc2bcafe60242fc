import * as fc from 'fast-check';
import type { Affine } from '../../src/core/geometry/affine.ts';
import { type PlaneName, type SlicePlane, slicePlanes } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import type { LabelArray } from '../../src/core/label/label-map.ts';
import type { BrushStroke } from '../../src/core/tools/brush/brush.ts';

import { freshSettings, type Gesture, isDragged } from '../../src/core/tools/known-tools.ts';
import { TOOLS } from '../../src/core/tools/registry.ts';
import type { Tool } from '../../src/core/tools/tool.ts';
import { gestureOf } from './tool-gestures.ts';

export type Planes = Readonly<Record<PlaneName, SlicePlane>>;

/** Evenly spread numbers (fast-check's doubles crowd around zero, where strokes paint nothing). */
function hundredths(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.round(min * 100), max: Math.round(max * 100) }).map((n) => n / 100);
}

export const planeName = fc.constantFrom<PlaneName>('axial', 'coronal', 'sagittal');

/** Planes of a volume whose voxel axes are any signed permutation of the world's, with voxels that are no cubes. */
export function planesOf(shape: Vec3): fc.Arbitrary<Planes> {
  const order = fc.constantFrom([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]);
  const sign = fc.constantFrom(1, -1);
  const spacing = hundredths(0.3, 5);
  return fc
    .record({
      order,
      signs: fc.tuple(sign, sign, sign),
      spacingMm: fc.tuple(spacing, spacing, spacing),
      convention: fc.constantFrom('radiological' as const, 'neurological' as const),
    })
    .map(({ order, signs, spacingMm, convention }) => {
      const voxelToWorld = new Array<number>(16).fill(0);
      for (let axis = 0; axis < 3; axis++) voxelToWorld[order[axis] * 4 + axis] = signs[axis] * spacingMm[axis];
      voxelToWorld[15] = 1;
      return slicePlanes({ shape, spacingMm, voxelToWorld: voxelToWorld as Affine }, convention);
    });
}

/** A volume of dense labels with patches, so that runs and overlaps happen. */
export function denseLabels(shape: Vec3, highest: number): fc.Arbitrary<LabelArray> {
  const size = shape[0] * shape[1] * shape[2];
  const patch = fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: Math.max(1, size >> 2) }), fc.nat(highest));
  return fc.array(patch, { maxLength: 6, size: 'max' }).map((patches) => {
    const labels = highest > 255 ? new Uint16Array(size) : new Uint8Array(size);
    for (const [start, length, label] of patches) labels.fill(label, start, start + length);
    return labels;
  });
}

/** A gesture with any of the tools, made by its own `begin`; a path partly outside. */
export function gestureOn(planes: Planes, labels: number): fc.Arbitrary<Gesture> {
  return fc
    .record({
      tool: fc.constantFrom<Tool>(...TOOLS),
      stroke: strokeOn(planes, labels),
      erases: fc.nat(4).map((n) => n === 0),
      alternative: fc.nat(3).map((n) => n === 0),
    })
    .map(({ tool, stroke, erases, alternative }) => {
      const { plane, slice, path, label, onlyOver, radiusMm } = stroke;
      const settings = { ...freshSettings([1, 1, 1]), radiusMm: Math.max(0.1, radiusMm) };
      const slicePlane = planes[plane];
      const hand = {
        plane,
        slicePlane,
        slice,
        timeIndex: 0,
        at: path[0],
        settings,
        label,
        onlyOver,
        erases,
        alternative,
      };
      const gesture = gestureOf(tool, hand, Math.abs(Math.round(path[0][0])) % 20);
      return isDragged(gesture) ? { ...gesture, path } : gesture;
    });
}

/** A stroke on some slice, its path partly outside. */
export function strokeOn(planes: Planes, labels: number): fc.Arbitrary<BrushStroke> {
  return planeName.chain((name) => {
    const plane = planes[name];
    const point = fc.tuple(hundredths(-3, plane.columns + 3), hundredths(-3, plane.rows + 3));
    return fc.record(
      {
        tool: fc.constant('brush' as const),
        plane: fc.constant(name),
        slice: fc.nat(plane.sliceCount - 1),
        path: fc.array(point, { minLength: 1, maxLength: 6, size: 'max' }),
        radiusMm: fc.oneof(fc.constant(0), hundredths(0, 8)),
        label: fc.nat(labels - 1),
        onlyOver: fc.nat(labels - 1),
      },
      { requiredKeys: ['tool', 'plane', 'slice', 'path', 'radiusMm', 'label'] },
    );
  });
}
