import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import type { ViewAction } from '../../../src/webview/looking/view-action.ts';
import { reduceView, type ViewBounds } from '../../../src/webview/looking/view-reducer.ts';
import { initialViewState, restoreViewState } from '../../../src/webview/looking/view-state.ts';

const shape: Vec3 = [12, 10, 6];
const spacingMm: Vec3 = [1, 1, 3];
const bounds: ViewBounds = {
  planes: slicePlanes(
    { shape, spacingMm, voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1] },
    'radiological',
  ),
  shape,
  timePoints: 3,
  labelCount: 4,
};
const initial = initialViewState(shape, spacingMm, 'axial', [0, 1, 2, 5]);

const plane = fc.constantFrom('axial' as const, 'coronal' as const, 'sagittal' as const);
const whole = fc.integer({ min: -50, max: 50 });
const actions: fc.Arbitrary<ViewAction> = fc.oneof(
  fc.record({ kind: fc.constant('step-slice' as const), plane, by: whole }),
  fc.record({ kind: fc.constant('go-to-slice' as const), plane, slice: whole }),
  fc.record({ kind: fc.constant('move-crosshair' as const), voxel: fc.tuple(whole, whole, whole) }),
  fc.record({ kind: fc.constant('set-time' as const), timeIndex: whole }),
  fc.record({ kind: fc.constant('resize-brush' as const), steps: whole }),
  fc.record({ kind: fc.constant('set-active-label' as const), label: whole }),
  fc.record({ kind: fc.constant('zoom-by' as const), plane, factor: fc.double({ min: 0.1, max: 10, noNaN: true }) }),
  fc.record({ kind: fc.constant('toggle-maximized' as const), plane }),
  fc.record({ kind: fc.constant('toggle-label' as const), label: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ kind: 'toggle-link-zoom' as const }),
  fc.constant({ kind: 'fit' as const }),
);

describe('view reducer', () => {
  test('whatever is done, the view stays inside the volume and survives saving', () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 30 }), (list) => {
        const view = list.reduce((state, action) => reduceView(state, action, bounds), initial);
        view.crosshair.forEach((value, axis) => {
          expect(Number.isInteger(value) && value >= 0 && value < shape[axis]).toBe(true);
        });
        expect(view.timeIndex).toBeGreaterThanOrEqual(0);
        expect(view.timeIndex).toBeLessThan(3);
        expect(view.activeLabel).toBeGreaterThan(0);
        expect(view.activeLabel).toBeLessThan(4);
        expect(restoreViewState(JSON.parse(JSON.stringify(view)), initial, shape, 3)).toEqual(view);
      }),
    );
  });

  test('moving to where the view is already changes nothing at all', () => {
    expect(reduceView(initial, { kind: 'go-to-slice', plane: 'axial', slice: 3 }, bounds)).toBe(initial);
    const end = reduceView(initial, { kind: 'step-slice', plane: 'axial', by: 99 }, bounds);
    expect(end.crosshair[2]).toBe(5);
    expect(reduceView(end, { kind: 'step-slice', plane: 'axial', by: 1 }, bounds)).toBe(end);
  });

  test('brush steps are a tenth, at least 0.1 mm, and go back the way they came at ordinary sizes', () => {
    const resized = (radiusMm: number, steps: number) =>
      reduceView({ ...initial, brushRadiusMm: radiusMm }, { kind: 'resize-brush', steps }, bounds).brushRadiusMm;
    expect(resized(10, 1)).toBe(11);
    expect(resized(0.2, 1)).toBe(0.3);
    expect(resized(0.1, -5)).toBe(0.1);
    expect(resized(100, 3)).toBe(100);
    expect(resized(resized(8, 3), -3)).toBeCloseTo(8, 0);
  });

  test('linked zoom takes the scale over to the other planes but leaves their centres', () => {
    const zoomed = reduceView(initial, { kind: 'set-pose', plane: 'axial', zoom: 3, center: [4, 5] }, bounds);
    expect(zoomed.poses.axial).toEqual({ zoom: 3, center: [4, 5] });
    expect(zoomed.poses.coronal).toEqual({ zoom: 3, center: null });
    const unlinked = reduceView(
      reduceView(initial, { kind: 'toggle-link-zoom' }, bounds),
      { kind: 'zoom-by', plane: 'axial', factor: 2 },
      bounds,
    );
    expect(unlinked.poses.axial.zoom).toBe(2);
    expect(unlinked.poses.coronal.zoom).toBe(1);
  });
});

describe('saved view', () => {
  test('keeps its labels when the table has another order, and forgets those that are gone', () => {
    const saved = { ...initial, activeLabel: 3, hiddenLabels: [1, 2] };
    const fresh = { ...initial, labelValues: [0, 5, 7, 1] };
    expect(restoreViewState(saved, fresh, shape, 3)).toEqual({ ...fresh, activeLabel: 1, hiddenLabels: [3] });
    expect(restoreViewState({ ...saved, activeLabel: 2 }, fresh, shape, 3).activeLabel).toBe(fresh.activeLabel);
  });

  test.each([
    ['nothing', undefined],
    ['another version', { ...initial, version: 2 }],
    ['a crosshair outside the volume', { ...initial, crosshair: [12, 0, 0] }],
    ['half a voxel', { ...initial, crosshair: [1.5, 0, 0] }],
    ['a time point that is gone', { ...initial, timeIndex: 3 }],
    ['more than we know', { ...initial, extra: true }],
  ])('%s is not taken', (_what, saved) => {
    expect(restoreViewState(saved, initial, shape, 3)).toBe(initial);
  });
});
