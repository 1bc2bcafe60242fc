import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { UnknownToolError } from '../../../src/core/tools/known-tools.ts';
import { SLICE_PANES, sliceOf } from '../../../src/webview/looking/slice-pane-state.ts';
import type { ViewAction } from '../../../src/webview/looking/view-action.ts';
import { reduceView, type ViewBounds } from '../../../src/webview/looking/view-reducer.ts';
import {
  brushRadiusMm,
  initialViewState,
  restoreViewState,
  type ViewState,
} from '../../../src/webview/looking/view-state.ts';

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
const kinds = [SLICE_PANES];
const initial = initialViewState(shape, spacingMm, 'axial', [0, 1, 2, 5], kinds);
const restore = (saved: unknown, fresh = initial) => restoreViewState(saved, fresh, { shape, timePoints: 3 }, kinds);
/** How the plane called `id` lies in its pane. */
const pose = ({ panes }: ViewState, id: string) => panes.flatMap((pane) => (pane.id === id ? sliceOf(pane) : []))[0];

const plane = fc.constantFrom('axial' as const, 'coronal' as const, 'sagittal' as const);
/** One of them is no pane. */
const paneId = fc.constantFrom('axial', 'coronal', 'sagittal', 'gone');
const whole = fc.integer({ min: -50, max: 50 });
const actions: fc.Arbitrary<ViewAction> = fc.oneof(
  fc.record({ kind: fc.constant('step-slice' as const), plane, by: whole }),
  fc.record({ kind: fc.constant('go-to-slice' as const), plane, slice: whole }),
  fc.record({ kind: fc.constant('move-crosshair' as const), voxel: fc.tuple(whole, whole, whole) }),
  fc.record({ kind: fc.constant('set-time' as const), timeIndex: whole }),
  fc.record({ kind: fc.constant('resize-brush' as const), steps: whole }),
  fc.record({ kind: fc.constant('set-active-label' as const), label: whole }),
  fc.record({
    kind: fc.constant('zoom-by' as const),
    pane: plane,
    factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('toggle-maximized' as const), pane: paneId }),
  fc.record({ kind: fc.constant('enlarge-pane' as const), pane: paneId }),
  fc.record({ kind: fc.constant('activate-pane' as const), pane: paneId }),
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
        expect(restore(JSON.parse(JSON.stringify(view)))).toEqual(view);
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
      brushRadiusMm(reduceView({ ...initial, toolSettings: { radiusMm } }, { kind: 'resize-brush', steps }, bounds));
    expect(resized(10, 1)).toBe(11);
    expect(resized(0.2, 1)).toBe(0.3);
    expect(resized(0.1, -5)).toBe(0.1);
    expect(resized(100, 3)).toBe(100);
    expect(resized(resized(8, 3), -3)).toBeCloseTo(8, 0);
  });

  test('taking a tool in hand that there is not throws, and never takes another one', () => {
    expect(() => reduceView(initial, { kind: 'set-tool', tool: 'lasso' }, bounds)).toThrow(UnknownToolError);
  });

  test('linked zoom takes the scale over to the other planes but leaves their centres', () => {
    const zoomed = reduceView(initial, { kind: 'set-pose', pane: 'axial', zoom: 3, center: [4, 5] }, bounds);
    expect(pose(zoomed, 'axial')).toMatchObject({ zoom: 3, center: [4, 5] });
    expect(pose(zoomed, 'coronal')).toMatchObject({ zoom: 3, center: null });
    const unlinked = reduceView(
      reduceView(initial, { kind: 'toggle-link-zoom' }, bounds),
      { kind: 'zoom-by', pane: 'axial', factor: 2 },
      bounds,
    );
    expect(pose(unlinked, 'axial')?.zoom).toBe(2);
    expect(pose(unlinked, 'coronal')?.zoom).toBe(1);
  });
});

describe('saved view', () => {
  test('keeps its labels when the table has another order, and forgets those that are gone', () => {
    const saved = { ...initial, activeLabel: 3, hiddenLabels: [1, 2] };
    const fresh = { ...initial, labelValues: [0, 5, 7, 1] };
    expect(restore(saved, fresh)).toEqual({ ...fresh, activeLabel: 1, hiddenLabels: [3] });
    expect(restore({ ...saved, activeLabel: 2 }, fresh).activeLabel).toBe(fresh.activeLabel);
  });

  test('of version 1, which had three planes and no list of panes, is read as it was meant', () => {
    // This text is what the version before panes wrote.
    const version1 =
      '{"version":1,"crosshair":[3,4,5],"timeIndex":1,"poses":{"axial":{"zoom":2,"center":[4,5]},' +
      '"coronal":{"zoom":2,"center":null},"sagittal":{"zoom":1.5,"center":[1,2]}},"linkZoom":false,' +
      '"activePlane":"sagittal","mainPlane":"coronal","maximized":"sagittal","window":{"level":40,"width":400},' +
      '"interpolation":"nearest","tool":"eraser","brushRadiusMm":7.5,"labelValues":[0,1,2,5],"activeLabel":2,' +
      '"drawOver":"background","labelsVisible":false,"hiddenLabels":[3],"labelOpacity":0.25,' +
      '"crosshairVisible":false,"advanceAfterAccept":false}';
    const view = restore(JSON.parse(version1));
    expect(view).toMatchObject({
      crosshair: [3, 4, 5],
      timeIndex: 1,
      layout: { main: 'coronal', maximized: 'sagittal' },
      activePane: 'sagittal',
      linkZoom: false,
      window: { level: 40, width: 400 },
      interpolation: 'nearest',
      tool: 'eraser',
      toolSettings: { ...initial.toolSettings, radiusMm: 7.5 },
      activeLabel: 2,
      hiddenLabels: [3],
      labelOpacity: 0.25,
      crosshairVisible: false,
      advanceAfterAccept: false,
    });
    expect(view.panes).toEqual([
      { id: 'axial', kind: 'slice', state: { plane: 'axial', zoom: 2, center: [4, 5] } },
      { id: 'coronal', kind: 'slice', state: { plane: 'coronal', zoom: 2, center: null } },
      { id: 'sagittal', kind: 'slice', state: { plane: 'sagittal', zoom: 1.5, center: [1, 2] } },
    ]);
    // What is written from now on is read again.
    expect(restore(JSON.parse(JSON.stringify(view)))).toEqual(view);
    expect(restore({ ...JSON.parse(version1), mainPlane: 'oblique' })).toBe(initial);
  });

  test('with a tool of another version puts it down, takes fresh settings for what are none, and keeps the rest', () => {
    const saved = { ...initial, crosshair: [3, 4, 2], tool: 'lasso', toolSettings: { radiusMm: -3, lasso: 'tight' } };
    expect(restore(saved)).toEqual({ ...initial, crosshair: [3, 4, 2] });
    expect(restore({ ...saved, tool: 'eraser', toolSettings: {} }).tool).toBe('eraser');
  });

  test.each([
    ['nothing', undefined],
    ['another version', { ...initial, version: 3 }],
    ['a pane of a kind that is not there', { ...initial, panes: [...initial.panes, { id: 'x', kind: 'x', state: 1 }] }],
    ['a pane that cannot read its state', { ...initial, panes: [{ id: 'axial', kind: 'slice', state: {} }] }],
    ['two panes of one name', { ...initial, panes: [...initial.panes, initial.panes[0]] }],
    ['a main pane that is gone', { ...initial, layout: { main: 'gone', maximized: null } }],
    ['a pane alone that is gone', { ...initial, layout: { main: 'axial', maximized: 'gone' } }],
    ['an active pane that is gone', { ...initial, activePane: 'gone' }],
    ['no pane at all', { ...initial, panes: [] }],
    ['a crosshair outside the volume', { ...initial, crosshair: [12, 0, 0] }],
    ['half a voxel', { ...initial, crosshair: [1.5, 0, 0] }],
    ['a time point that is gone', { ...initial, timeIndex: 3 }],
    ['more than we know', { ...initial, extra: true }],
  ])('%s is not taken', (_what, saved) => {
    expect(restore(saved)).toBe(initial);
  });
});
