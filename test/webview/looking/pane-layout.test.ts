import { describe, expect, test } from 'vitest';
import { activePlane, isWhole, paneOnPlane, planesOf, shownPanes } from '../../../src/webview/looking/pane-layout.ts';
import { FITTED, sliceState } from '../../../src/webview/looking/slice-pane-state.ts';

const axial = { id: 'a', kind: 'slice', state: sliceState('axial', FITTED) };
const coronal = { id: 'c', kind: 'slice', state: sliceState('coronal', FITTED) };
const solid = { id: 'v', kind: 'volume', state: { azimuth: 30 } };
const of = (panes: (typeof axial | typeof solid)[], main: string, activePane = main) => ({
  panes,
  layout: { main, maximized: null as string | null },
  activePane,
});

describe('panes', () => {
  test.each([
    ['one', of([axial], 'a'), 'a', ['axial']],
    ['two', of([axial, coronal], 'c'), 'c a', ['coronal', 'axial']],
    ['three', of([axial, solid, coronal], 'c'), 'c a v', ['coronal', 'axial']],
    [
      'four, two of which show one plane',
      of([axial, { ...axial, id: 'b' }, solid, coronal], 'v'),
      'v a b c',
      ['axial', 'coronal'],
    ],
  ])('%s: the main one comes first, then the others as they are listed', (_count, view, order, planes) => {
    expect(
      shownPanes(view)
        .map(({ id }) => id)
        .join(' '),
    ).toBe(order);
    expect(planesOf(shownPanes(view))).toEqual(planes);
    expect(isWhole(view)).toBe(true);
  });

  test('one alone is all that is shown', () => {
    const view = { ...of([axial, coronal, solid], 'a'), layout: { main: 'a', maximized: 'v' } };
    expect(shownPanes(view)).toEqual([solid]);
    expect(planesOf(shownPanes(view))).toEqual([]);
  });

  test('keys go to the plane of the active pane; a pane without slices leaves them to the first that has some', () => {
    expect(activePlane(of([axial, solid, coronal], 'a', 'c'))).toBe('coronal');
    expect(activePlane(of([axial, solid, coronal], 'c', 'v'))).toBe('coronal');
    expect(paneOnPlane(of([axial, solid], 'v'), 'coronal')).toBeUndefined();
  });

  test('a view without any slice is not whole', () => {
    expect(isWhole(of([solid], 'v'))).toBe(false);
  });
});
