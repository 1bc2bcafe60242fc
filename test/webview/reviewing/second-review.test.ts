import { describe, expect, test, vi } from 'vitest';
import { voxelOnPlane } from '../../../src/core/geometry/slice-plane.ts';
import { Editor } from '../../../src/webview/editor/editor.ts';
import { SLICE_PANES } from '../../../src/webview/looking/slice-pane-state.ts';
import { nextDisagreement } from '../../../src/webview/reviewing/second-review.ts';
import { hostCase } from '../../support/hosted-case.ts';
import { linkedPorts } from '../../support/linked-ports.ts';
import { syntheticNifti } from '../support/synthetic-volume.ts';

const grid = { shape: [9, 8, 7], spacingMm: [1, 1, 2] } as const;
const volume = syntheticNifti({ ...grid, value: (i, j, k) => i + 10 * j + 100 * k });
/** Theirs: nothing on slice 0, then squares that grow up to slice 4. Ours is empty. */
const theirs = syntheticNifti({ ...grid, value: (i, j, k) => (k < 5 && i <= k && j < k ? 1 + (k % 2) : 0) });
const VOXELS = [0, 2, 6, 12, 20, 0, 0];

async function compared() {
  const [hostPort, editorPort] = linkedPorts();
  const host = await hostCase(hostPort, volume, theirs);
  const editor = new Editor(editorPort, { load: () => undefined, save: () => undefined }, [SLICE_PANES]);
  await host.showTruthBeside('anna');
  await vi.waitFor(() => expect(editor.secondReview.agreement.kind).toBe('known'));
  if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
  const plane = editor.phase.planes.axial;
  const slice = () => editor.open?.view.crosshair[plane.normalAxis];
  const act = async (action: Parameters<Editor['dispatch']>[0], until: () => void) => {
    editor.dispatch(action);
    await vi.waitFor(until);
  };
  return { host, editor, plane, slice, act };
}

describe('a second reviewer beside the labels', () => {
  test('is counted by slice, and visited worst first', async () => {
    const { host, editor, plane, slice, act } = await compared();
    expect(editor.disagreements).toEqual({ counts: VOXELS, open: [4, 3, 2, 1] });
    for (const expected of [4, 3, 2, 1, 4]) {
      await act({ kind: 'next-disagreement' }, () => expect(slice()).toBe(expected));
      const { column, row } = voxelOnPlane(plane, editor.open?.view.crosshair ?? [0, 0, 0]);
      expect(editor.disagreement(plane)?.data[column + plane.columns * row]).toBe(2 + (expected % 2));
    }
    expect(host.defects()).toEqual([]);
  });

  test('is taken slice by slice; undo brings the disagreement back', async () => {
    const { host, editor, slice, act } = await compared();
    await act({ kind: 'next-disagreement' }, () => expect(slice()).toBe(4));
    await act({ kind: 'adjudicate', take: 'theirs' }, () => expect(slice()).toBe(3));
    expect(editor.disagreements).toEqual({ counts: [0, 2, 6, 12, 0, 0, 0], open: [3, 2, 1] });
    expect(host.count(1)).toBe(20);
    expect(editor.secondReview.agreement).toMatchObject({ kind: 'known', isCurrent: false });
    await act({ kind: 'adjudicate', take: 'mine' }, () => expect(slice()).toBe(2));
    expect(editor.disagreements).toEqual({ counts: [0, 2, 6, 12, 0, 0, 0], open: [2, 1] });
    host.undo();
    host.undo();
    await vi.waitFor(() => expect(editor.disagreements?.counts).toEqual(VOXELS));
  });

  test('is drawn over: the hatching follows the brush, and the count the edit', async () => {
    const { editor, plane, slice, act } = await compared();
    await act({ kind: 'next-disagreement' }, () => expect(slice()).toBe(4));
    const hatched = () => editor.disagreement(plane)?.data.filter((code) => code > 0).length;
    expect(hatched()).toBe(20);
    const { column, row } = voxelOnPlane(plane, editor.open?.view.crosshair ?? [0, 0, 0]);
    editor.dispatch({ kind: 'set-active-label', label: 1 });
    editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
    editor.dispatch({ kind: 'set-tool', tool: 'brush' });
    editor.beginStroke(plane, [column, row], {});
    expect(hatched()).toBe(19);
    editor.releaseStroke();
    await vi.waitFor(() => expect(editor.disagreements?.counts[4]).toBe(19));
    await act({ kind: 'adjudicate', take: 'theirs-here' }, () =>
      expect(editor.notice?.text).toMatch(/agree under the crosshair/),
    );
  });

  test('is decided as it was seen: not where other labels took its place on the way', async () => {
    const { host, editor, slice, act } = await compared();
    await act({ kind: 'next-disagreement' }, () => expect(slice()).toBe(4));
    host.beforeNext('adjudicate', () => host.showTruthBeside('Ben'));
    editor.dispatch({ kind: 'adjudicate', take: 'theirs' });
    await vi.waitFor(() => expect(editor.notice?.text).toMatch(/second reviewer changed meanwhile/));
    expect(host.review()).not.toContain('accepted');
    await vi.waitFor(() => expect(editor.secondReview.summary?.reviewer).toBe('Ben'));
  });

  test('goes away when it is hidden, and then has nothing to decide', async () => {
    const { editor, plane, act } = await compared();
    await act({ kind: 'hide-second-reviewer' }, () => expect(editor.secondReview.summary).toBeNull());
    expect(editor.disagreement(plane)).toBeUndefined();
    expect(editor.disagreements).toBeUndefined();
    await act({ kind: 'adjudicate', take: 'theirs' }, () => expect(editor.notice?.text).toMatch(/No second reviewer/));
  });
});

test('the next disagreement goes round', () => {
  expect(nextDisagreement([], 3)).toBeUndefined();
  expect(nextDisagreement([5], 5)).toBe(5);
  expect([undefined, 9, 5, 2, 7].map((from) => nextDisagreement([5, 2, 7], from))).toEqual([5, 5, 2, 7, 5]);
});
