import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { PlaneName } from '../../../src/core/geometry/slice-plane.ts';
import type { Gesture } from '../../../src/core/tools/known-tools.ts';
import { Editor } from '../../../src/webview/editor/editor.ts';
import { SLICE_PANES } from '../../../src/webview/looking/slice-pane-state.ts';
import { type HostedCaseOptions, hostCase } from '../../support/hosted-case.ts';
import { linkedPorts } from '../../support/linked-ports.ts';
import { syntheticNifti } from '../support/synthetic-volume.ts';

/** More than two bricks along each axis, and none of the last ones is whole. */
const SHAPE = [36, 35, 34] as const;
const grid = { shape: SHAPE, spacingMm: [1, 1, 1] } as const;
const volume = syntheticNifti({ ...grid, value: (i, j, k) => i + j + k });
const truth = syntheticNifti({ ...grid, value: (i, j, k) => (i > 9 && j > 9 && k > 9 && k < 30 ? 1 + (k % 2) : 0) });

const stroke = (plane: PlaneName, slice: number, at: readonly [number, number], label = 1): Gesture => ({
  tool: 'brush',
  plane,
  slice,
  radiusMm: 6,
  label,
  path: [at, [at[0] + 3, at[1] + 2]],
});

async function open(options: HostedCaseOptions = {}) {
  const [hostPort, editorPort] = linkedPorts();
  const host = await hostCase(hostPort, volume, truth, { paused: true, ...options });
  const editor = new Editor(editorPort, { load: () => undefined, save: () => {} }, [SLICE_PANES]);
  await vi.waitFor(() => expect(editor.phase.kind).toBe('open'));
  return { host, editor };
}

type World = Awaited<ReturnType<typeof open>>;

function expectSame({ editor, host }: World): void {
  expect(editor.phase.kind === 'open' && editor.phase.replica?.pendingCount).toBe(0);
  for (let k = 0; k < SHAPE[2]; k++) {
    for (let j = 0; j < SHAPE[1]; j++) {
      for (let i = 0; i < SHAPE[0]; i++) {
        const at = editor.labelAt([i, j, k]);
        if ((at?.proposed ? 0 : at?.label) !== host.labelAt(i, j, k)) expect([i, j, k, at]).toBe(host.labelAt(i, j, k));
      }
    }
  }
  expect(editor.statuses.map((status) => (['proposed', 'rejected'].includes(status) ? 'unreviewed' : status))).toEqual(
    host.review(),
  );
  expect(host.defects()).toEqual([]);
}

/** A slice as the editor shows it now; undefined: its labels are not here. */
function shown({ editor }: World, plane: PlaneName): number[] | undefined {
  const layer = editor.open && editor.labels(editor.open.planes[plane]);
  return layer && [...layer.data];
}

describe('labels that come box by box', () => {
  test('slices on the screen show before the rest is here, follow what others draw, and can be drawn on at last', async () => {
    const world = await open();
    const { host, editor } = world;
    host.paint(stroke('axial', 17, [10, 10]));
    const letGo: (() => void)[] = [];
    host.delayBoxes(() => new Promise<void>((done) => letGo.push(done)));
    host.resume();
    await vi.waitFor(() => expect(letGo.length).toBeGreaterThan(2));
    expect(shown(world, 'axial')).toBeUndefined();
    expect(editor.whyNotDraw).toBe('The labels are still loading.');

    // The box of the axial slice was asked for first.
    letGo[0]();
    await vi.waitFor(() => expect(shown(world, 'axial')).toContain(1));
    expect(shown(world, 'coronal')).toBeUndefined();
    expect(editor.whyNotDraw).toBe('The labels are still loading.');
    // One box that is here is drawn on by another editor, and others that are on their way.
    host.paint(stroke('axial', 17, [20, 20], 2));
    host.paint(stroke('coronal', 3, [5, 5], 2));
    await vi.waitFor(() => expect(shown(world, 'axial')).toContain(2));

    host.delayBoxes(() => Promise.resolve());
    for (const go of letGo) go();
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    expectSame(world);
    // What was needed for loading alone is not kept.
    expect(editor.phase).toMatchObject({ kind: 'open', arriving: undefined });
    editor.close();
  });

  test('after an answer that cannot be taken everything is asked for again, and nobody is told', async () => {
    const world = await open();
    const { host, editor } = world;
    host.paint(stroke('axial', 17, [10, 10]));
    host.misdateBoxes(1);
    host.resume();
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    expect(editor.labelAt([10, 10, 17])?.label).toBe(1);
    expect(editor.notice).toBeUndefined();
    expect(host.defects()).toEqual([expect.stringContaining('was sent labels of revision 2')]);
    editor.close();
  });

  test('where that fails again the user is told that the labels cannot be loaded, until they can', async () => {
    const world = await open();
    const { host, editor } = world;
    host.misdateBoxes(Number.POSITIVE_INFINITY);
    host.resume();
    await vi.waitFor(() => expect(editor.whyNotDraw).toBe('The labels could not be loaded. Reopen the file.'));
    expect(editor.notice).toEqual({ text: expect.stringContaining('Reopen the file.'), severity: 'error' });
    editor.dismissNotice();
    editor.dispatch({ kind: 'review', action: 'accept-all' });
    await vi.waitFor(() => expect(editor.notice?.text).toBe('The labels could not be loaded. Reopen the file.'));
    const asked = host.boxesAsked().length;
    host.paint(stroke('axial', 17, [10, 10]));
    await new Promise((done) => setTimeout(done, 20));
    expect(host.boxesAsked()).toHaveLength(asked);

    host.misdateBoxes(0);
    host.show('neurological');
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    expect(editor.labelAt([10, 10, 17])?.label).toBe(1);
    editor.close();
  });

  test('what the host tells while it answers with the document is about that document', async () => {
    const world = await open();
    const { host, editor } = world;
    host.resume();
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    let answer: (() => void) | undefined;
    host.delayOpen(() => new Promise<void>((done) => (answer = done)));
    host.show('radiological');
    await vi.waitFor(() => expect(answer).toBeDefined());
    host.paint(stroke('axial', 17, [10, 10]));
    await host.proposeTruth('p1');
    await new Promise((done) => setTimeout(done, 20));
    answer?.();
    await vi.waitFor(() => expect(editor.labelAt([20, 20, 20])).toEqual({ label: 1, proposed: true }));
    expect(editor.labelAt([10, 10, 17])).toEqual({ label: 1, proposed: false });
    expectSame(world);
    expect(editor.notice).toBeUndefined();
    editor.close();
  });

  test('going back to what is saved is no error where a second reviewer needs a label that is then gone', async () => {
    const world = await open({ labels: [{ value: 1, name: 'liver' }] });
    const { host, editor } = world;
    host.resume();
    await host.showTruthBeside('Ada');
    await vi.waitFor(() => expect(editor.disagreements?.counts[20]).toBeGreaterThan(0));
    expect(host.table()).toHaveLength(3);
    const asked = host.boxesAsked().length;
    await host.reset();
    await vi.waitFor(() => expect(host.boxesAsked().length).toBeGreaterThan(asked));
    await vi.waitFor(() => expect(editor.disagreements?.counts[20]).toBeGreaterThan(0));
    await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined());
    expect(host.table()).toHaveLength(3);
    expect(editor.labelTable).toHaveLength(3);
    expect(editor.notice).toBeUndefined();
    expectSame(world);
    editor.close();
  });

  test('a proposal and a second reviewer come in boxes too', async () => {
    const world = await open();
    const { host, editor } = world;
    host.resume();
    await host.proposeTruth('p1');
    await vi.waitFor(() => expect(editor.labelAt([20, 20, 20])).toEqual({ label: 1, proposed: true }));
    expect(editor.labelAt([20, 20, 21])).toEqual({ label: 2, proposed: true });
    await host.showTruthBeside('Ada');
    await vi.waitFor(() => expect(editor.disagreements?.counts[20]).toBeGreaterThan(0));
    const layers = host.boxesAsked();
    for (const layer of ['document', 'proposal', 'second-reviewer']) {
      expect(layers.filter((asked) => asked === layer).length).toBeGreaterThan(2);
    }
    editor.close();
  });

  test('whatever is drawn while boxes are on their way, and after it, the editor ends where the host is', async () => {
    const plane = fc.constantFrom<PlaneName>('axial', 'coronal', 'sagittal');
    const at = fc.tuple(fc.nat(33), fc.nat(33));
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('paint' as const), plane, slice: fc.nat(33), at }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('dab' as const), plane, at }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('propose' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), plane, slice: fc.nat(33) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(9) }) },
    );
    const seen = { early: 0, late: 0, drawn: 0 };
    let proposals = 0;
    const steps = fc.array(step, { minLength: 3, maxLength: 14, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, steps, async (whileLoading, afterwards) => {
        const world = await open();
        const { host, editor } = world;
        const held: (() => void)[] = [];
        host.delayBoxes(() => new Promise<void>((done) => held.push(done)));
        host.resume();
        await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
        const act = async (steps: typeof whileLoading) => {
          for (const each of steps) {
            if (each.kind === 'paint') {
              host.paint(stroke(each.plane, each.slice, each.at, 2));
              if (editor.whyNotDraw === undefined) seen.late++;
              else seen.early++;
            } else if (each.kind === 'dab' && editor.open) {
              editor.dispatch({ kind: 'set-tool', tool: 'brush' });
              if (editor.beginStroke(editor.open.planes[each.plane], each.at, { erases: false })) seen.drawn++;
              editor.releaseStroke();
            } else if (each.kind === 'undo') await host.undo();
            else if (each.kind === 'propose') await host.proposeTruth(`p${proposals++}`);
            else if (each.kind === 'move')
              editor.dispatch({ kind: 'go-to-slice', plane: each.plane, slice: each.slice });
            else if (each.kind === 'answer') held.splice(each.which % (held.length + 1), 1)[0]?.();
            else await new Promise((done) => setTimeout(done, 3));
          }
        };
        await act(whileLoading);
        host.delayBoxes(() => Promise.resolve());
        for (const letGo of held) letGo();
        await vi.waitFor(() => expect(editor.whyNotDraw).toBeUndefined(), { timeout: 10_000 });
        await act(afterwards);
        await vi.waitFor(() => expectSame(world), { timeout: 10_000, interval: 100 });
        editor.close();
      }),
      { numRuns: 40 },
    );
    expect(seen.early).toBeGreaterThan(20);
    expect(seen.late).toBeGreaterThan(20);
    expect(seen.drawn).toBeGreaterThan(20);
  });
});
