import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it, test, vi } from 'vitest';
import { toolContributions } from '../../../scripts/manifest.mjs';
import { CaseReplica } from '../../../src/core/case/document/case-replica.ts';
import { planGesture } from '../../../src/core/case/document/document-intents.ts';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { editorContract } from '../../../src/core/protocol/editor-contract.ts';
import { type Gesture, parseGesture, toolAction, toolCommand, toolOf } from '../../../src/core/tools/known-tools.ts';
import { TOOLS } from '../../../src/core/tools/registry.ts';
import { type Hand, InvalidGestureError } from '../../../src/core/tools/tool.ts';
import { actionForKey, KEY_HELP } from '../../../src/webview/actions/keymap.ts';
import { actionForPalette } from '../../../src/webview/actions/palette-actions.ts';
import { SLICE_PANES } from '../../../src/webview/looking/slice-pane-state.ts';
import { reduceView } from '../../../src/webview/looking/view-reducer.ts';
import { initialViewState, restoreViewState } from '../../../src/webview/looking/view-state.ts';
import { pressMeaning } from '../../../src/webview/tools/gesture.ts';
import { type DrawnGesture, OpenGesture } from '../../../src/webview/tools/open-gesture.ts';
import { documentOf, SHAPE, SIZE } from '../../support/case-world.ts';
import { sendsTo } from '../../support/tool-gestures.ts';

// The one line in the registry. Nothing else of the house knows of the toy.
vi.mock('../../../src/core/tools/registry.ts', async (original) => {
  const { TOOLS: tools } = await original<{ TOOLS: readonly unknown[] }>();
  const { dot } = await import('./dot.ts');
  return { TOOLS: [...tools, dot] };
});

const voxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const planes = slicePlanes({ shape: SHAPE, spacingMm: [1, 1, 1], voxelToWorld }, 'radiological');
const newDocument = () => documentOf({ planes, reviewPlane: 'axial', labels: new Uint8Array(SIZE) });

describe('a tool that is a folder and a line of the registry', () => {
  const hand: Hand = {
    plane: 'axial',
    slicePlane: planes.axial,
    slice: 2,
    timeIndex: 0,
    at: [3, 4],
    settings: {},
    label: 1,
    onlyOver: undefined,
    erases: false,
    alternative: false,
  };

  it('is taken by key and by palette, stands in the help, and has a command and a key for package.json', () => {
    const press = { key: 'o', code: 'KeyO', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
    expect(actionForKey(press)).toEqual({ kind: 'set-tool', tool: 'dot' });
    expect(actionForPalette(toolAction('dot'))).toEqual({ kind: 'set-tool', tool: 'dot' });
    expect(v.is(editorContract.events.perform, { action: 'tool-dot' })).toBe(true);
    expect(v.is(editorContract.events.perform, { action: 'tool-lasso' })).toBe(false);
    expect(KEY_HELP.some(({ lines }) => lines.some(({ text }) => text === 'Dot: paints one voxel'))).toBe(true);
    const { commands, keybindings } = toolContributions(TOOLS, toolCommand);
    expect(commands.at(-1)).toMatchObject({ command: 'voxelLoop.toolDot', title: 'Dot Tool' });
    expect(keybindings.at(-1)).toMatchObject({ command: 'voxelLoop.toolDot', key: 'o' });
  });

  it('is kept with the view, with its setting', () => {
    const fresh = initialViewState(SHAPE, [1, 1, 1], 'axial', [0, 1], [SLICE_PANES]);
    const bounds = { planes, shape: SHAPE, timePoints: 1, labelCount: 2, paneKinds: [SLICE_PANES] };
    const held = reduceView(fresh, { kind: 'set-tool', tool: 'dot' }, bounds);
    const set = reduceView(held, { kind: 'set-tool-choice', setting: 'dots', value: 'one' }, bounds);
    const kept = JSON.parse(JSON.stringify(set));
    const restored = restoreViewState(kept, fresh, { shape: SHAPE, timePoints: 1 }, [SLICE_PANES]);
    expect(restored.tool).toBe('dot');
    expect(restored.toolSettings.dots).toBe('one');
    expect(reduceView(held, { kind: 'set-tool-choice', setting: 'dots', value: 'ten' }, bounds)).toEqual(held);
  });

  it('draws in the page at once, travels, and draws the same on the host', () => {
    expect(pressMeaning({ button: 0, shift: false, space: false }, 'dot')).toBe('draw');
    const replica = new CaseReplica(newDocument());
    const sent: DrawnGesture[] = [];
    const gesture = new OpenGesture(replica, toolOf('dot'), sendsTo(sent));
    gesture.press(hand);
    expect(replica.labels.count(1)).toBe(1);
    gesture.handle({ kind: 'release' });
    const [drawn] = sent;
    const host = newDocument();
    const edit = planGesture(host, parseGesture(JSON.parse(JSON.stringify(drawn.gesture)) as Gesture));
    if (edit) host.apply(edit);
    expect(edit?.title).toBe('Dot');
    expect([...host.labels.read(0, SIZE)]).toEqual([...replica.labels.read(0, SIZE)]);
    expect(host.review[2]).toBe('edited');
  });

  it('keeps what every tool has to keep: it erases with a pen’s other end, spares what it may not paint over, and stays in the volume', () => {
    const dot = toolOf('dot');
    const document = documentOf({ planes, reviewPlane: 'axial', labels: new Uint8Array(SIZE).fill(2) });
    const planned = (change: Partial<Hand>) => planGesture(document, dot.begin({ ...hand, ...change }) as Gesture);
    expect(planned({ erases: true, onlyOver: 0 })?.labels.runs).toMatchObject([{ length: 1, before: 2, after: 0 }]);
    expect(planned({ onlyOver: 0 })).toBeNull();
    for (const at of [
      [-1, 4],
      [3, -0.6],
      [SHAPE[0], 4],
      [3, SHAPE[1] - 0.4],
    ] as const) {
      expect(planned({ at })).toBeNull();
    }
    expect(() => planned({ slice: SHAPE[2] })).toThrow(InvalidGestureError);
  });
});

test('nothing outside a tool’s folder knows it but the registry, and package.json, which is written from it', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const folders = readdirSync(join(root, 'src/core/tools'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'raster')
    .map(({ name }) => name);
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  for (const folder of folders) {
    const knows = files
      .filter((file) => !file.startsWith(join('core/tools', folder)))
      .filter((file) => new RegExp(`from '[^']*/${folder}/[^']*'`).test(readFileSync(join(root, 'src', file), 'utf8')));
    expect(knows).toEqual([join('core/tools/registry.ts')]);
  }
  expect(folders).toHaveLength(TOOLS.length - 1);
});
