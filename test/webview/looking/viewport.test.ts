import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlicePlane } from '../../../src/core/geometry/slice-plane.ts';
import {
  centerAfterPan,
  centerAfterZoom,
  fitPxPerMm,
  paneToPlane,
  pixelAt,
  planeCenter,
  planeToPane,
  type Viewport,
} from '../../../src/webview/looking/viewport.ts';

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const viewports: fc.Arbitrary<Viewport> = fc.record({
  widthPx: finite(50, 2000),
  heightPx: finite(50, 2000),
  pxPerMm: finite(0.1, 50),
  center: fc.tuple(finite(-100, 600), finite(-100, 600)),
  columnSpacingMm: finite(0.1, 10),
  rowSpacingMm: finite(0.1, 10),
});
const points = fc.tuple(finite(-50, 2000), finite(-50, 2000));

describe('viewport', () => {
  test('pane and plane are inverse to each other', () => {
    fc.assert(
      fc.property(viewports, points, (viewport, at) => {
        const back = planeToPane(viewport, paneToPlane(viewport, at));
        expect(back[0]).toBeCloseTo(at[0], 5);
        expect(back[1]).toBeCloseTo(at[1], 5);
      }),
    );
  });

  test('one millimetre is equally long along columns and rows', () => {
    fc.assert(
      fc.property(viewports, (viewport) => {
        const [x0, y0] = planeToPane(viewport, [0, 0]);
        const [x1, y1] = planeToPane(viewport, [1 / viewport.columnSpacingMm, 1 / viewport.rowSpacingMm]);
        expect(x1 - x0).toBeCloseTo(viewport.pxPerMm, 6);
        expect(y1 - y0).toBeCloseTo(viewport.pxPerMm, 6);
      }),
    );
  });

  test('zooming keeps what is under the pointer, panning moves it with the pointer', () => {
    fc.assert(
      fc.property(viewports, points, finite(0.2, 5), (viewport, at, factor) => {
        const under = paneToPlane(viewport, at);
        const zoomed = {
          ...viewport,
          pxPerMm: viewport.pxPerMm * factor,
          center: centerAfterZoom(viewport, at, factor),
        };
        const after = planeToPane(zoomed, under);
        expect(after[0]).toBeCloseTo(at[0], 4);
        expect(after[1]).toBeCloseTo(at[1], 4);
        const panned = { ...viewport, center: centerAfterPan(viewport, 12, -7) };
        const moved = planeToPane(panned, under);
        expect(moved[0]).toBeCloseTo(at[0] + 12, 4);
        expect(moved[1]).toBeCloseTo(at[1] - 7, 4);
      }),
    );
  });

  test('a plane that fits touches the margin in one direction and stays within it in the other', () => {
    const plane = { columns: 40, rows: 16, columnSpacingMm: 1, rowSpacingMm: 3 } as SlicePlane;
    expect(fitPxPerMm(plane, 500, 500, 10)).toBeCloseTo(480 / 48);
    expect(fitPxPerMm(plane, 200, 500, 10)).toBeCloseTo(180 / 40);
    expect(fitPxPerMm(plane, 5, 5, 10)).toBeGreaterThan(0);
    expect(planeCenter(plane)).toEqual([19.5, 7.5]);
  });

  test('a pixel ends half way to its neighbour, and there is none outside', () => {
    const plane = { columns: 4, rows: 3 } as SlicePlane;
    expect(pixelAt(plane, [-0.49, 2.49])).toEqual([-0, 2]);
    expect(pixelAt(plane, [3.6, 1])).toBeUndefined();
    expect(pixelAt(plane, [1, -0.6])).toBeUndefined();
  });
});
