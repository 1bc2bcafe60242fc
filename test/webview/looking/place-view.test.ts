import { describe, expect, test } from 'vitest';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { panesAround } from '../../../src/webview/looking/place-view.ts';
import { SLICE_PANES, sliceOf } from '../../../src/webview/looking/slice-pane-state.ts';
import { initialViewState } from '../../../src/webview/looking/view-state.ts';

const voxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const shape = [200, 160, 100] as const;
const planes = slicePlanes({ shape, spacingMm: [1, 1, 1], voxelToWorld }, 'radiological');
const fresh = initialViewState(shape, [1, 1, 1], 'axial', [0, 1], [SLICE_PANES]);
const around = (view: typeof fresh, voxel: [number, number, number], extent: [number, number, number]) => ({
  ...view,
  panes: panesAround(view, voxel, extent, planes, 'axial'),
});
const poses = ({ panes }: typeof fresh) =>
  Object.fromEntries(panes.flatMap((pane) => sliceOf(pane) ?? []).map(({ plane, ...pose }) => [plane, pose]));

describe('the view of a place', () => {
  test('from a view of everything zooms to the box with a margin, in all planes alike while they are linked', () => {
    const { axial, coronal } = poses(around(fresh, [50, 40, 20], [40, 30, 10]));
    expect(axial.zoom).toBeCloseTo(Math.min(200 / 72, 160 / 54), 9);
    expect(axial.center).toEqual([149, 119]);
    expect(coronal.zoom).toBe(axial.zoom);
    expect(coronal.center).toEqual([149, 79]);
  });

  test('keeps the zoom of the user as long as the box is in view', () => {
    const zoomed = around(fresh, [50, 40, 20], [40, 30, 10]);
    expect(poses(around(zoomed, [52, 41, 20], [20, 20, 10])).axial).toEqual(poses(zoomed).axial);
    expect(poses(around(zoomed, [150, 120, 20], [20, 20, 10])).axial.center).toEqual([49, 39]);
  });

  test('shows a speck with its surroundings, and a large structure as a whole', () => {
    expect(poses(around(fresh, [50, 40, 20], [1, 1, 1])).axial.zoom).toBe(5);
    const zoomed = around(fresh, [50, 40, 20], [1, 1, 1]);
    expect(poses(around(zoomed, [100, 80, 50], [180, 150, 90]))).toEqual(poses(fresh));
  });
});
