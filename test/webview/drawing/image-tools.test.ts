import { describe, expect, it, vi } from 'vitest';
import type { SlicePlane } from '../../../src/core/geometry/slice-plane.ts';
import { Editor } from '../../../src/webview/editor/editor.ts';
import { SLICE_PANES } from '../../../src/webview/looking/slice-pane-state.ts';
import type { UnsentStore } from '../../../src/webview/session/unsent-work.ts';
import { type HostedCaseOptions, hostCase } from '../../support/hosted-case.ts';
import { linkedPorts } from '../../support/linked-ports.ts';
import { syntheticNifti } from '../support/synthetic-volume.ts';

const shape = [12, 10, 8] as const;
/** A bright ball of radius 3 in the dark, and a bright plate that no bridge leads to, with some noise. */
const volume = syntheticNifti({
  shape,
  spacingMm: [1, 1, 1],
  value: (i, j, k) => (Math.hypot(i - 4, j - 5, k - 4) <= 3 || i >= 9 ? 100 : 0) + ((i + j + k) % 3),
});

async function ready(options: HostedCaseOptions = {}, unsent?: UnsentStore) {
  const [hostPort, editorPort] = linkedPorts();
  const host = await hostCase(hostPort, volume, undefined, options);
  const editor = new Editor(editorPort, { load: () => undefined, save: () => undefined }, [SLICE_PANES], unsent);
  await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
  editor.dispatch({ kind: 'go-to-slice', plane: 'axial', slice: 4 });
  editor.dispatch({ kind: 'set-tool', tool: 'grow' });
  const plane = () => {
    if (editor.phase.kind !== 'open') throw new Error('The document is not open.');
    return editor.phase.planes.axial;
  };
  /** Where a voxel of the slice lies on the screen, which shows the patient from the front. */
  const at = (i: number, j: number) => [shape[0] - 1 - i, shape[1] - 1 - j] as const;
  /** Presses and drags over the next pixels, which know all of the noise. */
  const press = (i: number, j: number, alternative = false) => {
    expect(editor.beginStroke(plane(), at(i, j), { alternative })).toBe(true);
    editor.moveStroke([at(i, j + 1.2)], true);
  };
  const labelled = () => {
    let count = 0;
    for (let k = 0; k < shape[2]; k++) {
      for (let j = 0; j < shape[1]; j++) {
        for (let i = 0; i < shape[0]; i++) if (editor.labelAt([i, j, k])?.label === 1) count++;
      }
    }
    return count;
  };
  const settled = () => vi.waitFor(() => expect(editor.hasOpenStrokes).toBe(false));
  return { host, editor, at, press, labelled, settled };
}

/** How many voxels of the ball lie in the slice through its centre, and in all. */
const IN_SLICE = 29;
const IN_VOLUME = 123;

describe('a tool that looks at the image', () => {
  it('shows what it would draw while it is held, and draws it when the pointer goes up', async () => {
    const { host, editor, at, press, labelled, settled } = await ready();
    press(4, 5);
    await vi.waitFor(() => expect(labelled()).toBe(IN_SLICE));
    expect(host.count(1)).toBe(0);
    // Dark pixels are sampled too, so the whole slice is alike.
    editor.moveStroke([at(4, 9.5)], true);
    await vi.waitFor(() => expect(labelled()).toBe(shape[0] * shape[1]));
    editor.moveStroke([at(4, 6.2)], true);
    await vi.waitFor(() => expect(labelled()).toBe(IN_SLICE));
    editor.releaseStroke();
    await settled();
    expect(host.count(1)).toBe(IN_SLICE);
    expect(labelled()).toBe(IN_SLICE);
    await host.undo();
    await vi.waitFor(() => expect(labelled()).toBe(0));
    expect(host.defects()).toEqual([]);
  });

  it('grows through the volume where that is set, and with Ctrl takes away what is there', async () => {
    const { host, editor, press, settled } = await ready();
    editor.dispatch({ kind: 'set-tool-choice', setting: 'growExtent', value: 'volume' });
    press(4, 5);
    editor.releaseStroke();
    await settled();
    expect(host.count(1)).toBe(IN_VOLUME);
    editor.dispatch({ kind: 'set-tool-choice', setting: 'growExtent', value: 'slice' });
    press(4, 5, true);
    editor.releaseStroke();
    await settled();
    expect(host.count(1)).toBe(IN_VOLUME - IN_SLICE);
  });

  it('is drawn when its answer comes, and nothing is drawn or decided before, because it would come on top', async () => {
    const { host, editor, at, press, settled } = await ready();
    host.pause();
    press(4, 5);
    editor.releaseStroke();
    expect(editor.work?.tool.id).toBe('grow');
    editor.dispatch({ kind: 'set-tool', tool: 'brush' });
    expect(editor.beginStroke(editor.open?.planes.axial as SlicePlane, at(4, 5), {})).toBe(false);
    expect(editor.notice?.text).toContain('Region grow is still looking at the image. Wait for it, or press Esc');
    editor.dismissNotice();
    editor.dispatch({ kind: 'review', action: 'accept-slice' });
    await vi.waitFor(() => expect(editor.notice?.text).toContain('still looking at the image'));
    host.resume();
    await settled();
    expect(host.count(1)).toBe(IN_SLICE);
    expect(host.review()[4]).toBe('edited');
    expect(editor.work).toBeUndefined();
    expect(editor.announcement).toBe('Region grow is done');
  });

  it('is stopped by Escape, by its button and by undo, and nothing is drawn', async () => {
    const { host, editor, press, labelled, settled } = await ready();
    const stops = [
      () => editor.dispatch({ kind: 'escape' }),
      () => editor.stopWork(),
      () => editor.dispatch({ kind: 'host-command', command: 'undo' }),
    ];
    for (const stop of stops) {
      for (const isUp of [false, true]) {
        host.pause();
        press(4, 5);
        if (isUp) editor.releaseStroke();
        stop();
        expect(editor.work).toBeUndefined();
        // What waits for it need not wait until the other side has heard that it is stopped.
        await settled();
        host.resume();
        expect([host.count(1), labelled()]).toEqual([0, 0]);
      }
    }
    expect(host.commands()).toEqual([]);
    expect(editor.notice).toBeUndefined();
  });

  it('is waited for by a save', async () => {
    const { host, editor, press } = await ready();
    host.pause();
    press(4, 5);
    editor.releaseStroke();
    editor.dispatch({ kind: 'host-command', command: 'save' });
    expect(host.commands()).toEqual([]);
    host.resume();
    await vi.waitFor(() => expect(host.commands()).toEqual(['save']));
    expect(host.count(1)).toBe(IN_SLICE);
  });

  it.each(['host 1', 'host 2'])(
    'is asked again by the next page, on %s, where the page went before the answer',
    async (hostId) => {
      const stored = new Map<string, unknown>();
      const store: UnsentStore = {
        put: (work) => void stored.set(work.pageId, structuredClone(work)),
        drop: (work) => void stored.delete(work.pageId),
        take: () => {
          const all = [...stored.values()];
          stored.clear();
          return all;
        },
      };
      const first = await ready({}, store);
      first.host.pause();
      first.press(4, 5);
      first.editor.releaseStroke();
      first.editor.leave();
      first.editor.close();
      expect(stored.size).toBe(1);
      const second = await ready({ hostId, files: first.host.files }, store);
      await second.settled();
      await vi.waitFor(() => expect(second.host.count(1)).toBe(IN_SLICE));
      expect(stored.size).toBe(0);
    },
  );

  it('says why nothing comes of it', async () => {
    const { host, editor, press, labelled, settled } = await ready();
    host.refuseNext('query', 'invalid-gesture', 'This cannot be drawn (it is in too many small pieces).');
    press(4, 5);
    await vi.waitFor(() => expect(editor.notice?.text).toContain('too many small pieces'));
    editor.releaseStroke();
    await settled();
    expect(labelled()).toBe(0);
    expect(host.count(1)).toBe(0);
  });

  it('says no word of what went wrong inside', async () => {
    const { host, editor, press, settled } = await ready();
    host.refuseNext('query', 'internal', 'Cannot read properties of undefined (reading "values")');
    press(4, 5);
    await vi.waitFor(() => expect(editor.notice?.text).toContain('Something went wrong in the editor.'));
    editor.releaseStroke();
    await settled();
    expect(editor.work).toBeUndefined();
  });

  it('takes nothing of a document that was read again meanwhile', async () => {
    const { host, editor, press, labelled, settled } = await ready();
    host.pause();
    press(4, 5);
    editor.releaseStroke();
    host.show('neurological');
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeDefined());
    host.resume();
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    await settled();
    expect([host.count(1), labelled()]).toEqual([0, 0]);
    expect(editor.notice?.text).toContain('read again before your stroke could be drawn');
    expect(host.defects()).toEqual([]);
  });
});
