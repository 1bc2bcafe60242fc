import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type PlaneName, planeVoxel, type SlicePlane } from '../../../src/core/geometry/slice-plane.ts';
import { type Gesture, isDragged } from '../../../src/core/tools/known-tools.ts';
import type { SliceImage } from '../../../src/core/volume/slice-image.ts';
import type { EditorAction } from '../../../src/webview/actions/editor-action.ts';
import { Editor } from '../../../src/webview/editor/editor.ts';
import { SLICE_PANES } from '../../../src/webview/looking/slice-pane-state.ts';
import { shownSlice, type ViewState } from '../../../src/webview/looking/view-state.ts';
import type { UnsentWork } from '../../../src/webview/session/unsent-work.ts';
import { type HostedCase, type HostedCaseOptions, hostCase } from '../../support/hosted-case.ts';
import { linkedPorts } from '../../support/linked-ports.ts';
import { syntheticNifti } from '../support/synthetic-volume.ts';

const shape = [9, 8, 7] as const;
const grid = { shape, spacingMm: [1, 1, 2] } as const;
const volume = syntheticNifti({ ...grid, value: (i, j, k) => i + 10 * j + 100 * k });
const truth = syntheticNifti({
  ...grid,
  value: (i, j, k) => (i > 2 && i < 7 && j > 1 && j < 6 && k > 0 ? 1 + (k % 2) : 0),
});

async function start(options: HostedCaseOptions = {}, shown = volume) {
  const [hostPort, editorPort] = linkedPorts();
  const host = await hostCase(hostPort, shown, truth, options);
  const saved: unknown[] = [];
  const editor = new Editor(editorPort, { load: () => undefined, save: (view) => saved.push(view) }, [SLICE_PANES]);
  await vi.waitFor(() => expect(editor.phase.kind).toBe('open'));
  return { host, editor, saved };
}

async function ready(options: HostedCaseOptions = {}, shown = volume) {
  const world = await start(options, shown);
  await vi.waitFor(() => expect(world.editor.whyNotDraw).toBeUndefined());
  return world;
}

function expectSame({ editor, host }: Awaited<ReturnType<typeof start>>): void {
  const isPending = editor.phase.kind === 'open' && editor.phase.replica ? editor.phase.replica.pendingCount : 0;
  expect(isPending).toBe(0);
  for (let k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[0]; i++) {
        const at = editor.labelAt([i, j, k]);
        expect(at?.proposed ? 0 : at?.label).toBe(host.labelAt(i, j, k));
      }
    }
  }
  expect(editor.statuses.map((status) => (['proposed', 'rejected'].includes(status) ? 'unreviewed' : status))).toEqual(
    host.review(),
  );
  expect(host.defects()).toEqual([]);
}

function dab(editor: Editor, name: PlaneName, column: number, row: number, erases = false): void {
  if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
  editor.dispatch({ kind: 'set-tool', tool: 'brush' });
  if (editor.beginStroke(editor.phase.planes[name], [column, row], { erases })) {
    editor.moveStroke([[column + 2, row + 1]], true);
    editor.releaseStroke();
  }
}

function onNextRow(stroke: Gesture): Gesture {
  if (!isDragged(stroke)) return stroke;
  return { ...stroke, path: stroke.path.map(([column, row]) => [column, row + 1] as const) };
}

function planeOf(editor: Editor): SlicePlane {
  if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
  return editor.phase.planes.axial;
}

async function settled(world: Awaited<ReturnType<typeof start>>): Promise<void> {
  const { editor, host } = world;
  await vi.waitFor(() => expect(editor.hasOpenStrokes).toBe(false));
  const heard = () => (editor.phase.kind === 'open' ? editor.phase.replica?.revision : undefined);
  for (let before = -1; before !== host.revision() || heard() !== before; ) {
    before = host.revision();
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe('editor', () => {
  test('asks for the history of the slice that is shown, and tells of activity on it', async () => {
    const { editor, host } = await ready();
    editor.dispatch({ kind: 'go-to-slice', plane: 'axial', slice: 5 });
    editor.dispatch({ kind: 'show-slice-history' });
    host.perform('show-slice-history');
    expect(editor.reviewSlice).toBe(5);
    editor.reportActivity(5);
    await vi.waitFor(() => expect(host.histories()).toEqual([5, 5]));
    expect(host.activity()).toEqual([5]);
    expect(host.defects()).toEqual([]);
  });

  test.each(['radiological', 'neurological'] as const)(
    '%s: draws where the pointer is, in every plane',
    async (convention) => {
      const world = await ready({ convention });
      const { editor, host } = world;
      if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
      for (const plane of Object.values(editor.phase.planes)) {
        const slice = shownSlice(editor.open?.view as ViewState, plane);
        editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
        editor.dispatch({ kind: 'set-tool', tool: 'brush' });
        editor.beginStroke(plane, [1, 2], {});
        editor.releaseStroke();
        await settled(world);
        expect(host.labelAt(...planeVoxel(plane, slice, 1, 2))).toBe(1);
        expect(host.labelAt(...planeVoxel(plane, slice, plane.columns - 2, 2))).toBe(0);
      }
      expect(host.count(1)).toBe(3);
      expectSame(world);
    },
  );

  test('draws by keyboard from the crosshair: one stroke, to be undone at once, that leaves with its slice', async () => {
    const world = await ready();
    const { editor, host } = world;
    if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
    const { axial } = editor.phase.planes;
    const at = (column: number, row: number) => host.labelAt(...planeVoxel(axial, 3, column, row));
    const enter = () => editor.dispatch({ kind: 'toggle-crosshair-pen' });
    editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
    editor.dispatch({ kind: 'move-crosshair', voxel: planeVoxel(axial, 3, 1, 2) });

    enter();
    expect(editor.notice?.text).toMatch(/brush/);
    expect(editor.hasOpenStrokes).toBe(false);

    editor.dispatch({ kind: 'set-tool', tool: 'brush' });
    enter();
    editor.nudgeCrosshair(1, 0);
    editor.nudgeCrosshair(1, 0);
    editor.nudgeCrosshair(0, 1);
    enter();
    editor.nudgeCrosshair(0, 1);
    await settled(world);
    expect([at(1, 2), at(2, 2), at(3, 2), at(3, 3), at(3, 4), at(2, 3)]).toEqual([1, 1, 1, 1, 0, 0]);
    expect(host.count(1)).toBe(4);

    editor.dispatch({ kind: 'set-tool', tool: 'eraser' });
    editor.dispatch({ kind: 'move-crosshair', voxel: planeVoxel(axial, 3, 1, 2) });
    enter();
    editor.nudgeCrosshair(1, 0);
    // Going elsewhere ends the stroke, as it does with the pointer; what comes then draws nothing.
    editor.dispatch({ kind: 'step-slice', plane: 'axial', by: 1 });
    editor.nudgeCrosshair(1, 0);
    await settled(world);
    expect(host.count(1)).toBe(2);

    enter();
    editor.dispatch({ kind: 'escape' });
    editor.dispatch({ kind: 'host-command', command: 'undo' });
    await settled(world);
    expect(host.count(1)).toBe(4);
    expectSame(world);
  });

  test('a change of the convention while open turns image, letters and strokes together', async () => {
    const world = await ready();
    const { editor, host } = world;
    await vi.waitFor(() => expect(host.slicesAsked().length).toBeGreaterThan(2));
    host.show('neurological');
    await vi.waitFor(() => {
      expect(editor.open?.planes.axial.edges.left).toBe('L');
      expect(editor.whyNotDraw).toBeUndefined();
    });
    const axial = editor.open?.planes.axial as SlicePlane;
    await vi.waitFor(() => expect(editor.image(axial)).toBeDefined());
    const { data, columns } = editor.image(axial) as SliceImage;
    const values = new Int16Array(data.slice().buffer);
    const slice = shownSlice(editor.open?.view as ViewState, axial);
    const [i, j, k] = planeVoxel(axial, slice, 1, 2);
    expect(values[1 + 2 * columns]).toBe(i + 10 * j + 100 * k);
  });

  test('two quick accepts are about two slices', async () => {
    const world = await ready();
    await world.host.proposeTruth('p');
    await vi.waitFor(() => expect(world.editor.statuses[3]).toBe('proposed'));
    world.editor.dispatch({ kind: 'review', action: 'accept-slice' });
    world.editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(world.host.review().filter((state) => state === 'accepted').length).toBe(2));
    expect(world.host.review().map((state) => state === 'accepted')).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    await settled(world);
    expectSame(world);
  });

  test('an acceptance is about the proposal that was on the screen, not about one that replaced it on the way', async () => {
    const world = await ready();
    const { editor, host } = world;
    await host.proposeTruth('p');
    await vi.waitFor(() => expect(editor.statuses[3]).toBe('proposed'));
    for (const action of ['accept-slice', 'accept-all', 'reject-slice', 'accept-label'] as const) {
      const shown = editor.phase.kind === 'open' ? editor.phase.snapshot.proposal?.id : undefined;
      // A prediction in the background, or a rollback, while the key is on its way.
      host.beforeNext('review', () => host.proposeTruth(`${shown}+`));
      editor.dispatch({ kind: 'review', action });
      await vi.waitFor(() => expect(editor.notice?.text).toBe('The proposal changed meanwhile; look again.'));
      await vi.waitFor(() => expect(editor.open?.snapshot.proposal?.id).toBe(`${shown}+`));
      expect(host.review().every((state) => state === 'unreviewed')).toBe(true);
      expect(host.revision()).toBe(0);
      editor.dismissNotice();
    }
    await settled(world);
    expect(editor.statuses[3]).toBe('proposed');
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(host.review()[3]).toBe('accepted'));
    expectSame(world);
  });

  test('a decision that waits for a stroke is still about what was on the screen when the key was pressed', async () => {
    const world = await ready();
    const { editor, host } = world;
    await host.proposeTruth('p');
    await vi.waitFor(() => expect(editor.statuses[3]).toBe('proposed'));
    host.pause();
    dab(editor, 'axial', 0, 0);
    editor.dispatch({ kind: 'review', action: 'accept-all' });
    await host.proposeTruth('q');
    await vi.waitFor(() => expect(editor.open?.snapshot.proposal?.id).toBe('q'));
    await new Promise((done) => setTimeout(done, 20));
    host.resume();
    await vi.waitFor(() => expect(editor.notice?.text).toBe('The proposal changed meanwhile; look again.'));
    expect(host.review().includes('accepted')).toBe(false);
    await settled(world);
    expectSame(world);
  });

  test('a decision is refused where another editor drew meanwhile, and can be made again', async () => {
    const world = await ready();
    const { editor, host } = world;
    host.beforeNext('review', () =>
      host.paint({ tool: 'brush', plane: 'axial', radiusMm: 1.5, label: 2, slice: 3, path: [[3, 3]] }),
    );
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(editor.notice?.text).toBe('The labels changed meanwhile; look again.'));
    expect(host.review()[3]).toBe('edited');
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(host.review()[3]).toBe('accepted'));
    await settled(world);
    expectSame(world);
  });

  // An image of nothing but NaN, or of one value, was warned about, and Accept was the brightest button beside the warning.
  test('slices of an image with nothing in it are accepted only when the user has said that they are meant', async () => {
    const { editor, host } = await ready({}, syntheticNifti({ ...grid, value: () => 7 }));
    await vi.waitFor(() => expect(editor.unusable).toContain('Every voxel of this image has the value 7'));
    const accept = () => editor.dispatch({ kind: 'review', action: 'accept-slice' });
    accept();
    await vi.waitFor(() => expect(editor.question?.title).toBe('Accept slices of an image that has nothing in it?'));
    expect(editor.question?.choices.some(({ isDefault }) => isDefault)).toBe(false);
    editor.answer(undefined);
    await vi.waitFor(() => expect(editor.question).toBeUndefined());
    expect(host.revision()).toBe(0);
    accept();
    await vi.waitFor(() => expect(editor.question).toBeDefined());
    editor.answer('accept');
    await vi.waitFor(() => expect(host.review()[3]).toBe('accepted'));
    // Once is enough.
    accept();
    await vi.waitFor(() => expect(host.review().filter((state) => state === 'accepted')).toHaveLength(2));
    expect(editor.question).toBeUndefined();
  });

  describe('accepting what nobody looked at', () => {
    const acceptAll: EditorAction = { kind: 'review', action: 'accept-all' };
    /** Long enough for everything that is on its way. */
    const soon = () => new Promise((done) => setTimeout(done, 30));

    test('asks first, and cancelling leaves all as it was', async () => {
      const world = await ready({ heldOut: true });
      const { editor, host } = world;
      await vi.waitFor(() => expect(host.looks()).toEqual([[3, null]]));
      editor.dispatch(acceptAll);
      await vi.waitFor(() => expect(editor.question).toBeDefined());
      expect(editor.question).toEqual({
        title: 'Accept slices that nobody has looked at?',
        lines: [
          '6 of 7 slices have not been looked at and 6 would be accepted as empty.',
          'This case is held out: accepted slices judge models and never train.',
        ],
        choices: [
          { id: 'leave', text: 'Accept the One Looked At', isDefault: true },
          { id: 'accept', text: 'Accept All 7' },
        ],
      });
      editor.answer(undefined);
      await soon();
      expect(editor.question).toBeUndefined();
      expect(host.review().includes('accepted')).toBe(false);
      expect(host.revision()).toBe(0);

      editor.dispatch(acceptAll);
      await vi.waitFor(() => expect(editor.question).toBeDefined());
      editor.answer('leave');
      await vi.waitFor(() => expect(host.review()[3]).toBe('accepted'));
      expect(host.review().filter((state) => state === 'accepted')).toHaveLength(1);

      editor.dispatch(acceptAll);
      await vi.waitFor(() => expect(editor.question?.choices.map(({ text }) => text)).toEqual(['Accept All 6']));
      editor.answer('accept');
      await vi.waitFor(() => expect(host.review().every((state) => state === 'accepted')).toBe(true));
      expect(host.provenance().map(({ unseen }) => unseen ?? false)).toEqual([
        true,
        true,
        true,
        false,
        true,
        true,
        true,
      ]);
      expect(host.defects()).toEqual([]);
      expectSame(world);
    });

    test('a slice that was rejected shows as such, and accepting the rest asks about it', async () => {
      const world = await ready();
      const { editor, host } = world;
      await host.proposeTruth('p');
      await vi.waitFor(() => expect(editor.statuses[3]).toBe('proposed'));
      editor.dispatch({ kind: 'review', action: 'reject-slice' });
      await vi.waitFor(() => expect(editor.statuses[3]).toBe('rejected'));
      host.lookAtAll();
      editor.dispatch(acceptAll);
      await vi.waitFor(() => expect(editor.question).toBeDefined());
      expect(editor.question?.lines[0]).toBe('1 of 7 slices was rejected and 1 would be accepted as empty.');
      editor.answer('leave');
      await vi.waitFor(() => expect(host.review().filter((state) => state === 'accepted')).toHaveLength(6));
      expect(editor.statuses[3]).toBe('rejected');

      // Alone, in front of its user, it needs no question, but a word.
      editor.dispatch({ kind: 'go-to-slice', plane: 'axial', slice: 3 });
      editor.dispatch({ kind: 'review', action: 'accept-slice' });
      await vi.waitFor(() => expect(host.review()[3]).toBe('accepted'));
      await vi.waitFor(() => expect(editor.notice?.text).toMatch(/without the proposal that was rejected/));
      await settled(world);
      expectSame(world);
    });

    test('an answer is about the labels that the figures were of', async () => {
      const { editor, host } = await ready();
      editor.dispatch(acceptAll);
      await vi.waitFor(() => expect(editor.question).toBeDefined());
      host.paint({ tool: 'brush', plane: 'axial', radiusMm: 1.5, label: 2, slice: 3, path: [[3, 3]] });
      await soon();
      editor.answer('accept');
      await vi.waitFor(() => expect(editor.notice?.text).toBe('The labels changed meanwhile; look again.'));
      expect(host.review().includes('accepted')).toBe(false);
    });

    test('a key in front of a slice is a look at it; a command, which other extensions can run, is none', async () => {
      const { editor, host } = await ready();
      for (const slice of [5, 6]) {
        editor.setVisible(false);
        editor.dispatch({ kind: 'go-to-slice', plane: 'axial', slice });
        if (slice === 6) editor.setVisible(true);
        if (slice === 5) host.perform('accept-slice');
        else editor.dispatch({ kind: 'review', action: 'accept-slice' });
        if (slice === 5) {
          await vi.waitFor(() => expect(editor.question?.choices.map(({ text }) => text)).toEqual(['Accept It']));
          editor.answer(undefined);
          await soon();
          expect(host.review()[5]).toBe('unreviewed');
        } else await vi.waitFor(() => expect(host.review()[6]).toBe('accepted'));
      }
    });

    test('a slice in a plane that another one hides is not looked at', async () => {
      const { editor, host } = await ready();
      editor.dispatch({ kind: 'toggle-maximized', pane: 'sagittal' });
      editor.dispatch({ kind: 'go-to-slice', plane: 'axial', slice: 1 });
      await new Promise((done) => setTimeout(done, 400));
      expect(host.looks().map(([slice]) => slice)).not.toContain(1);
      editor.dispatch({ kind: 'toggle-maximized', pane: 'sagittal' });
      await vi.waitFor(() => expect(host.looks().map(([slice]) => slice)).toContain(1));
    });

    test('a question goes when the document is read anew', async () => {
      const { editor, host } = await ready();
      editor.dispatch(acceptAll);
      await vi.waitFor(() => expect(editor.question).toBeDefined());
      await host.reset();
      await vi.waitFor(() => expect(editor.question).toBeUndefined());
    });
  });

  test('nothing is decided before the labels can be seen', async () => {
    const { editor, host } = await start({ paused: true });
    editor.dispatch({ kind: 'review', action: 'accept-all' });
    await vi.waitFor(() => expect(editor.notice?.text).toBe('The labels are still loading.'));
    expect(host.revision()).toBe(0);
    host.resume();
  });

  test('goes to the least certain slice first, and to a proposed voxel there; then to what is left', async () => {
    const world = await ready();
    const { editor, host } = world;
    await host.proposeTruth('p', [0, 0.1, 0.2, 0.1, 0.1, 0.4, 0.1]);
    await vi.waitFor(() => expect(editor.statuses[3]).toBe('proposed'));
    const at = () => editor.open?.view.crosshair[2];
    editor.dispatch({ kind: 'next-to-review' });
    await vi.waitFor(() => expect(at()).toBe(5));
    expect(editor.labelAt(editor.open?.view.crosshair ?? [0, 0, 0])?.proposed).toBe(true);
    // Passed over, it comes again last.
    editor.dispatch({ kind: 'next-to-review' });
    await vi.waitFor(() => expect(at()).toBe(2));
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(host.review()[2]).toBe('accepted'));
    host.lookAtAll();
    editor.dispatch({ kind: 'review', action: 'accept-all' });
    await vi.waitFor(() => expect(host.review().every((state) => state === 'accepted')).toBe(true));
    // Accepting the last slice leads nowhere; asking for the next one is about the next case.
    expect(host.commands()).toEqual([]);
    editor.dispatch({ kind: 'next-to-review' });
    await vi.waitFor(() => expect(host.commands()).toEqual(['next-to-review']));
    expect(host.defects()).toEqual([]);
  });

  test('a marked range is decided as one, wherever it was started', async () => {
    const world = await ready();
    const { editor, host } = world;
    await host.proposeTruth('p');
    await vi.waitFor(() => expect(editor.statuses[3]).toBe('proposed'));
    editor.dispatch({ kind: 'mark-range' });
    editor.dispatch({ kind: 'step-slice', by: -2 });
    expect(editor.range).toEqual({ from: 1, to: 3 });
    host.lookAtAll();
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() =>
      expect(host.review().map((state) => state === 'accepted')).toEqual([
        false,
        true,
        true,
        true,
        false,
        false,
        false,
      ]),
    );
    // The host has done it a moment before the editor hears of it.
    await vi.waitFor(() => expect(editor.range).toBeUndefined());
    host.undo();
    expect(host.review().every((state) => state === 'unreviewed')).toBe(true);
    editor.dispatch({ kind: 'extend-range', slice: 6 });
    expect(editor.range?.to).toBe(6);
    editor.dispatch({ kind: 'escape' });
    expect(editor.range).toBeUndefined();
    await settled(world);
    expectSame(world);
  });

  test('a component is what is pointed at: by the pointer or the crosshair, whichever moved last', async () => {
    const world = await ready();
    const { editor, host } = world;
    await host.proposeTruth('p');
    await vi.waitFor(() => expect(editor.statuses[3]).toBe('proposed'));
    editor.dispatch({ kind: 'move-crosshair', voxel: [4, 4, 3] });
    editor.setHover('axial', [0, 0, 3]);
    editor.dispatch({ kind: 'review', action: 'accept-component' });
    await vi.waitFor(() => expect(editor.notice?.text).toContain('no proposed structure'));
    editor.dispatch({ kind: 'move-crosshair', voxel: [4, 4, 4] });
    editor.dispatch({ kind: 'review', action: 'reject-component' });
    // Labels alternate from slice to slice: this component is one slice.
    await vi.waitFor(() => expect(editor.labelAt([4, 4, 4])).toEqual({ label: 0, proposed: false }));
    expect(host.count(1)).toBe(0);
    editor.setHover('axial', [4, 4, 3]);
    editor.dispatch({ kind: 'review', action: 'accept-component' });
    await vi.waitFor(() => expect(host.count(2)).toBe(16));
    expect(editor.statuses.slice(3, 5)).toEqual(['edited', 'proposed']);
    await settled(world);
    expectSame(world);
  });

  test('goes to a place that the host names, even before the document is open', async () => {
    const [hostPort, editorPort] = linkedPorts();
    const host = await hostCase(hostPort, volume, truth);
    host.goTo({ voxel: [2, 3, 1], extentVoxels: [2, 2, 2] });
    const editor = new Editor(editorPort, { load: () => undefined, save: () => {} }, [SLICE_PANES]);
    await vi.waitFor(() => expect(editor.open?.view.crosshair).toEqual([2, 3, 1]));
    // Of a volume as small as this one everything is in view.
    expect(editor.open?.view.panes.find(({ id }) => id === 'axial')?.state).toMatchObject({ zoom: 1, center: null });
  });

  test('accepting commits the stroke that is open first', async () => {
    const world = await ready();
    const { editor } = world;
    if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
    editor.dispatch({ kind: 'set-tool', tool: 'brush' });
    editor.beginStroke(editor.phase.planes.axial, [4, 4], {});
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(world.host.review()[3]).toBe('accepted'));
    expect(world.host.count(1)).toBeGreaterThan(0);
    await settled(world);
    expectSame(world);
  });

  test('a stroke drawn on a revision that is gone rolls back and everything is asked for again', async () => {
    const world = await ready();
    world.host.refuseNext('stroke', 'stale-revision', 'The labels changed meanwhile. Draw again.');
    dab(world.editor, 'axial', 3, 3);
    await vi.waitFor(() => expect(world.editor.notice?.text).toContain('Draw again'));
    await vi.waitFor(() => expect(world.editor.whyNotDraw).toBeUndefined());
    await settled(world);
    expect(world.host.count(1)).toBe(0);
    expectSame(world);
  });

  test('changes that come before the label map are not lost and not applied twice', async () => {
    const world = await start({ paused: true });
    const stroke = { tool: 'brush', plane: 'axial', radiusMm: 1.5, label: 2 } as const;
    world.host.paint({ ...stroke, slice: 1, path: [[3, 3]] });
    world.host.paint({ ...stroke, slice: 2, path: [[4, 4]] });
    await new Promise((done) => setTimeout(done, 20));
    world.host.resume();
    world.host.paint({ ...stroke, slice: 5, path: [[5, 5]] });
    await vi.waitFor(() => expect(world.editor.whyNotDraw).toBeUndefined());
    await settled(world);
    expect(world.editor.statuses[1]).toBe('edited');
    expectSame(world);
  });

  test('the brush never holds a label that undo has taken away', async () => {
    const world = await ready();
    world.editor.dispatch({ kind: 'add-label', name: 'cyst' });
    await vi.waitFor(() => expect(world.editor.open?.view.activeLabel).toBe(3));
    world.editor.dispatch({ kind: 'host-command', command: 'undo' });
    await vi.waitFor(() => expect(world.editor.open?.view.activeLabel).toBe(1));
  });

  test('what a click would write must be seen: the label that encloses a hole is asked for, not the active one', async () => {
    const world = await ready();
    const { editor, host } = world;
    const ring = [
      [2, 2],
      [5, 2],
      [5, 5],
      [2, 5],
      [2, 2],
    ] as const;
    host.paint({ tool: 'brush', plane: 'axial', slice: 3, radiusMm: 0, label: 2, path: ring });
    await settled(world);
    const before = host.count(2);
    editor.dispatch({ kind: 'set-tool', tool: 'fill' });
    editor.dispatch({ kind: 'toggle-label', label: 2 });
    expect(editor.beginStroke(planeOf(editor), [4, 4], { alternative: true })).toBe(false);
    expect(editor.notice?.text).toMatch(/^“.+” is hidden\. Show it before you draw with it\.$/);
    editor.dispatch({ kind: 'toggle-label', label: 2 });
    editor.dispatch({ kind: 'toggle-label', label: 1 });
    expect(editor.open?.view.activeLabel).toBe(1);
    expect(editor.beginStroke(planeOf(editor), [4, 4], { alternative: true })).toBe(true);
    editor.releaseStroke();
    await settled(world);
    expect(host.count(2)).toBe(before + 4);
    expectSame(world);
  });

  test('undo pressed eleven times undoes eleven strokes, though the host drops one that comes during another', async () => {
    const world = await ready();
    const { editor, host } = world;
    editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
    for (let n = 0; n < 13; n++) dab(editor, 'axial', n % 5, n % 7);
    await settled(world);
    const at = host.revision();
    for (let n = 0; n < 11; n++) editor.dispatch({ kind: 'host-command', command: 'undo' });
    editor.dispatch({ kind: 'host-command', command: 'redo' });
    await settled(world);
    expect(host.commands().filter((command) => command === 'undo')).toHaveLength(11);
    expect(host.revision()).toBe(at + 12);
    expectSame(world);
  });

  test('a stroke that is drawn while undos are under way comes after them, and a save after the stroke', async () => {
    const world = await ready();
    const { editor, host } = world;
    editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
    for (const column of [0, 2]) {
      editor.dispatch({ kind: 'set-tool', tool: 'brush' });
      editor.beginStroke(planeOf(editor), [column, 1], {});
      editor.releaseStroke();
    }
    for (let n = 0; n < 2; n++) editor.dispatch({ kind: 'host-command', command: 'undo' });
    editor.dispatch({ kind: 'set-tool', tool: 'brush' });
    editor.beginStroke(planeOf(editor), [4, 1], {});
    editor.releaseStroke();
    editor.dispatch({ kind: 'host-command', command: 'save' });
    await settled(world);
    expect(host.count(1)).toBe(1);
    expect(host.commands()).toEqual(['undo', 'undo', 'save']);
    expectSame(world);
  });

  test('a stroke that is drawn while a save runs is sent at once', async () => {
    const world = await ready();
    const { editor, host } = world;
    const endSave = host.holdSaves();
    editor.dispatch({ kind: 'host-command', command: 'save' });
    dab(editor, 'axial', 3, 3);
    await vi.waitFor(() => expect(host.strokes()).toHaveLength(1));
    await vi.waitFor(() => expect(editor.hasOpenStrokes).toBe(false));
    endSave();
    expectSame(world);
  });

  // It was dropped without a word.
  test('a stroke that waits for an undo when the labels are read again is told of', async () => {
    const world = await ready();
    const { editor, host } = world;
    const endSave = host.holdSaves();
    editor.dispatch({ kind: 'host-command', command: 'save' });
    editor.dispatch({ kind: 'host-command', command: 'undo' });
    dab(editor, 'axial', 3, 3);
    await host.reset();
    endSave();
    await vi.waitFor(() => expect(editor.notice?.text).toContain('read again before your stroke could be drawn'));
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    expect(host.strokes()).toHaveLength(0);
    expectSame(world);
  });

  test('before a tab is closed, what waits behind a save and an undo has reached the host', async () => {
    const world = await ready();
    const { editor, host } = world;
    const endSave = host.holdSaves();
    editor.dispatch({ kind: 'host-command', command: 'save' });
    editor.dispatch({ kind: 'host-command', command: 'undo' });
    dab(editor, 'axial', 3, 3);
    const isSettled = host.settle();
    endSave();
    await isSettled;
    expect(host.strokes()).toHaveLength(1);
    expectSame(world);
  });

  describe('after the host has died', () => {
    /** On one row of a slice, from a column to another one. */
    interface Drawn {
      readonly at: number;
      readonly to?: number;
      readonly tool?: 'brush' | 'fill';
      readonly label?: number;
    }
    interface Drawing {
      /** The host took these strokes and said so. */
      readonly taken: readonly Drawn[];
      /** The page had no answer to these. */
      readonly left: readonly Drawn[];
    }

    /** What the page drew that its host took, what it drew that the host did not take, and what it left behind. */
    async function died(drawing: Drawing = { taken: [{ at: 0 }], left: [{ at: 2 }, { at: 4 }] }) {
      const stored = new Map<string, unknown>();
      const store = {
        put: (work: UnsentWork) => void stored.set(work.pageId, structuredClone(work)),
        drop: (work: UnsentWork) => void stored.delete(work.pageId),
        take: () => {
          const all = [...stored.values()];
          stored.clear();
          return all;
        },
      };
      let files: HostedCase['files'] | undefined;
      const open = async (hostId: string, options: HostedCaseOptions = {}, isOfOwnImage = true) => {
        const [hostPort, editorPort] = linkedPorts();
        const there = files && isOfOwnImage ? { files } : {};
        let isCut = false;
        const post = (message: unknown) => (isCut ? undefined : editorPort.post(message));
        const host = await hostCase(hostPort, volume, truth, { ...there, ...options, hostId });
        files ??= host.files;
        const port = { post, listen: (receive: (message: unknown) => void) => editorPort.listen(receive) };
        const editor = new Editor(port, { load: () => undefined, save: () => undefined }, [SLICE_PANES], store);
        const cut = () => {
          isCut = true;
        };
        return { host, editor, cut };
      };
      const first = await open('host 1');
      await vi.waitFor(() => expect(first.editor.whyNotDraw).toBeUndefined());
      first.editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
      first.editor.dispatch({ kind: 'go-to-slice', plane: 'axial', slice: 5 });
      const draw = ({ at, to = at, tool = 'brush', label = 1 }: Drawn) => {
        first.editor.dispatch({ kind: 'set-tool', tool });
        first.editor.dispatch({ kind: 'set-active-label', label });
        first.editor.beginStroke(planeOf(first.editor), [at, 1], {});
        if (to !== at) first.editor.moveStroke([[to, 1]], true);
        first.editor.releaseStroke();
      };
      drawing.taken.forEach(draw);
      await vi.waitFor(() => expect(first.editor.hasOpenStrokes).toBe(false));
      first.cut();
      drawing.left.forEach(draw);
      first.editor.leave();
      return { first, stored, open };
    }

    test('a stroke that waits behind a save and an undo when its page is hidden is drawn by the next page', async () => {
      const { stored, open } = await died();
      stored.clear();
      const hidden = await open('host 1');
      await vi.waitFor(() => expect(hidden.editor.whyNotDraw).toBeUndefined());
      hidden.host.holdSaves();
      hidden.editor.dispatch({ kind: 'host-command', command: 'save' });
      hidden.editor.dispatch({ kind: 'host-command', command: 'undo' });
      hidden.editor.dispatch({ kind: 'set-brush-radius', radiusMm: 0.1 });
      hidden.editor.dispatch({ kind: 'set-tool', tool: 'brush' });
      hidden.editor.beginStroke(planeOf(hidden.editor), [2, 1], {});
      hidden.editor.leave();
      hidden.cut();
      const again = await open('host 1');
      await vi.waitFor(() => expect(again.host.count(1)).toBe(1));
      await vi.waitFor(() => expect(again.editor.hasOpenStrokes).toBe(false));
      expect(again.editor.notice).toBeUndefined();
      expect(stored.size).toBe(0);
    });

    test('what it did not take is drawn again, where it was looked at', async () => {
      const { first, stored, open } = await died();
      const second = await open('host 2');
      for (const stroke of first.host.strokes()) second.host.paint(stroke);
      await vi.waitFor(() => expect(second.editor.notice?.text).toContain('2 strokes that it had not taken yet'));
      await vi.waitFor(() => expect(second.editor.hasOpenStrokes).toBe(false));
      expect(second.host.count(1)).toBe(3);
      expect(second.editor.reviewSlice).toBe(5);
      expect(stored.size).toBe(0);
    });

    test('what it did not take is drawn by the page after the next one, where the next one goes while it loads', async () => {
      const { first, stored, open } = await died();
      const loading = await open('host 2', { paused: true });
      await vi.waitFor(() => expect(loading.editor.phase.kind).toBe('open'));
      expect(stored.size).toBe(0);
      loading.editor.leave();
      loading.cut();
      expect(stored.size).toBe(1);
      const third = await open('host 3');
      for (const stroke of first.host.strokes()) third.host.paint(stroke);
      await vi.waitFor(() => expect(third.editor.notice?.text).toContain('2 strokes that it had not taken yet'));
      await vi.waitFor(() => expect(third.editor.hasOpenStrokes).toBe(false));
      expect(third.host.count(1)).toBe(3);
      expect(stored.size).toBe(0);
    });

    test('a stroke that it took without saying so is not lost and does no harm', async () => {
      const { first, stored, open } = await died();
      const left = [...stored.values()][0] as UnsentWork;
      const second = await open('host 2');
      for (const stroke of [...first.host.strokes(), left.strokes[0]]) second.host.paint(stroke);
      await vi.waitFor(() => expect(second.editor.notice?.text).toContain('drawn again'));
      await vi.waitFor(() => expect(second.editor.hasOpenStrokes).toBe(false));
      expect(second.host.count(1)).toBe(3);
    });

    test.each([
      ['all of them', 2, 'what you had drawn is here.'],
      ['the first one', 1, '1 stroke that it had not taken yet was drawn again.'],
      ['none of them', 0, '2 strokes that it had not taken yet were drawn again.'],
    ])('a fill that would fill more by now is not repeated: of two strokes it took %s', async (_what, took, said) => {
      // The fill is of one voxel as long as the second stroke does not join it to the voxel at 4.
      const { first, stored, open } = await died({
        taken: [{ at: 2 }, { at: 4 }],
        left: [
          { at: 2, tool: 'fill', label: 2 },
          { at: 2, to: 3 },
        ],
      });
      const left = [...stored.values()][0] as UnsentWork;
      const second = await open('host 2');
      for (const stroke of [...first.host.strokes(), ...left.strokes.slice(0, took)]) second.host.paint(stroke);
      await vi.waitFor(() => expect(second.editor.notice?.text).toMatch(new RegExp(`${said}$`)));
      expect(second.editor.notice?.severity).toBe('info');
      await vi.waitFor(() => expect(second.editor.hasOpenStrokes).toBe(false));
      expect([second.host.count(1), second.host.count(2)]).toEqual([3, 0]);
      expect(stored.size).toBe(0);
    });

    test('of two pages on one document, both go on', async () => {
      const { first, stored, open } = await died();
      const left = [...stored.values()][0] as UnsentWork;
      stored.set('the other page', { ...left, pageId: 'the other page', strokes: left.strokes.map(onNextRow) });
      const second = await open('host 2');
      for (const stroke of first.host.strokes()) second.host.paint(stroke);
      await vi.waitFor(() => expect(second.editor.notice?.text).toContain('4 strokes that it had not taken yet'));
      await vi.waitFor(() => expect(second.editor.hasOpenStrokes).toBe(false));
      expect(second.host.count(1)).toBe(5);
    });

    test('nothing is drawn on labels that are others now, and the user is told', async () => {
      const { open } = await died();
      const second = await open('host 2');
      await vi.waitFor(() => expect(second.editor.notice?.text).toContain('2 strokes could not be drawn again'));
      expect(second.editor.notice?.severity).toBe('error');
      expect(second.host.count(1)).toBe(0);
      expect(second.editor.hasOpenStrokes).toBe(false);
    });

    test('nothing is drawn on another image that has come in the place of the one that was drawn on', async () => {
      const { open, first, stored } = await died();
      // The labels are as they were, so only the image tells.
      const second = await open('host 2', { paused: true }, false);
      for (const stroke of first.host.strokes()) second.host.paint(stroke);
      second.host.resume();
      await vi.waitFor(() => expect(second.editor.notice?.text).toContain('2 strokes could not be drawn again'));
      expect(second.host.count(1)).toBe(1);
      expect(second.editor.hasOpenStrokes).toBe(false);
      expect(stored.size).toBe(0);
    });

    test('a page that is shown again on the same host says nothing: what was sent has arrived', async () => {
      const { first, open, stored } = await died();
      const again = await open('host 1');
      await vi.waitFor(() => expect(again.editor.whyNotDraw).toBeUndefined());
      expect(again.editor.notice).toBeUndefined();
      expect(stored.size).toBe(0);
      expect(first.host.count(1)).toBe(1);
    });
  });

  test('a refused file is told as a sentence', async () => {
    const [hostPort, editorPort] = linkedPorts();
    await hostCase(hostPort, volume, undefined, { refuse: 'This is not a NIfTI file. Choose another one.' });
    const editor = new Editor(editorPort, { load: () => undefined, save: () => {} }, [SLICE_PANES]);
    await vi.waitFor(() =>
      expect(editor.phase).toEqual({ kind: 'failed', message: 'This is not a NIfTI file. Choose another one.' }),
    );
  });

  test('whatever is done, fast or slow, the editor ends where the host is', async () => {
    const plane = fc.constantFrom<PlaneName>('axial', 'coronal', 'sagittal');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('dab' as const), plane, at: fc.tuple(fc.nat(8), fc.nat(7)), erases: fc.boolean() }),
      fc.record({
        kind: fc.constant('act' as const),
        action: fc.constantFrom<EditorAction>(
          { kind: 'review', action: 'accept-slice' },
          { kind: 'review', action: 'reject-slice' },
          { kind: 'review', action: 'unaccept-slice' },
          { kind: 'review', action: 'accept-all' },
          { kind: 'review', action: 'reject-all' },
          { kind: 'review', action: 'accept-component' },
          { kind: 'review', action: 'reject-component' },
          { kind: 'review', action: 'accept-label' },
          { kind: 'mark-range' },
          { kind: 'next-to-review' },
          { kind: 'host-command', command: 'undo' },
          { kind: 'host-command', command: 'redo' },
          { kind: 'step-slice', by: 1 },
          { kind: 'set-active-label', label: 2 },
        ),
      }),
      fc.record({ kind: fc.constant('host' as const), what: fc.constantFrom('undo', 'propose', 'paint') }),
      fc.record({ kind: fc.constant('wait' as const) }),
      fc.record({ kind: fc.constant('answer' as const), choice: fc.constantFrom('accept', 'leave', undefined) }),
    );
    let proposals = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const world = await ready();
        for (const each of steps) {
          if (each.kind === 'dab') dab(world.editor, each.plane, each.at[0], each.at[1], each.erases);
          else if (each.kind === 'act') world.editor.dispatch(each.action);
          else if (each.kind === 'answer') world.editor.answer(each.choice);
          else if (each.kind === 'wait') await new Promise((done) => setTimeout(done, 3));
          else if (each.what === 'undo') world.host.undo();
          else if (each.what === 'propose') await world.host.proposeTruth(`p${proposals++}`);
          else {
            world.host.paint({ tool: 'brush', plane: 'coronal', slice: 4, path: [[4, 3]], radiusMm: 2, label: 2 });
          }
        }
        await settled(world);
        // Decisions are made one after the other; on a busy machine the last one takes its time.
        await vi.waitFor(() => expectSame(world), { timeout: 10_000 });
        world.editor.close();
      }),
      { numRuns: 60 },
    );
  });
});
