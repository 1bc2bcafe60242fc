import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { toolContributions, withTools } from '../../../scripts/manifest.mjs';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { gestureEdit } from '../../../src/core/tools/gesture-edit.ts';
import {
  isDragged,
  parseGesture,
  TOOL_SETTINGS,
  toolCommand,
  toolGesture,
  toolOf,
  UnknownToolError,
} from '../../../src/core/tools/known-tools.ts';
import { TOOLS } from '../../../src/core/tools/registry.ts';
import { InvalidGestureError, type Tool } from '../../../src/core/tools/tool.ts';
import { KEY_HELP } from '../../../src/webview/actions/keymap.ts';
import { parseUnsentWork } from '../../../src/webview/session/unsent-work.ts';
import { SHAPE, SIZE } from '../../support/case-world.ts';
import { gestureOf } from '../../support/tool-gestures.ts';

const voxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const planes = slicePlanes({ shape: SHAPE, spacingMm: [1, 1, 1], voxelToWorld }, 'radiological');
const root = resolve(import.meta.dirname, '../../..');
const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tools: readonly Tool[] = TOOLS;

describe('the tools', () => {
  it('are in package.json as the registry says: `npm run manifest` writes them', () => {
    const expected = toolContributions(TOOLS, toolCommand);
    expect(contributes.commands).toEqual(withTools(contributes.commands, expected.commands));
    expect(contributes.keybindings).toEqual(withTools(contributes.keybindings, expected.keybindings));
    expect(expected.commands).toHaveLength(TOOLS.length);
  });

  it('have ids, keys and titles of their own, and keys that nothing else in the editor has', () => {
    for (const facts of [({ id }: Tool) => id, ({ title }: Tool) => title, ({ key }: Tool) => JSON.stringify(key)]) {
      expect(new Set(tools.map(facts)).size).toBe(tools.length);
    }
    const bound = KEY_HELP.flatMap(({ lines }) => lines).flatMap(({ bindings }) => bindings);
    const texts = bound.flatMap(({ keys, shift }) => keys.map((key) => `${shift ? 'shift+' : ''}${key}`));
    expect(new Set(texts).size).toBe(texts.length);
    for (const { id, help } of tools) {
      expect(KEY_HELP.flatMap(({ lines }) => lines).some((line) => line.text === help)).toBe(true);
      expect(id).toMatch(/^[a-z][a-zA-Z0-9]*$/);
    }
  });

  it('name a setting only if all that share it mean the same', () => {
    const named = new Map<string, unknown>();
    for (const setting of tools.flatMap(({ settings }) => settings)) {
      expect(named.get(setting.name) ?? setting).toBe(setting);
      named.set(setting.name, setting);
    }
    expect(TOOL_SETTINGS).toHaveLength(named.size);
  });
});

test('a tool that this version has not is refused with a sentence, and draws as no other', () => {
  const lasso = { tool: 'lasso', plane: 'axial', slice: 1, path: [[1, 1]], radiusMm: 1, label: 0 };
  expect(() => parseGesture(lasso)).toThrow(UnknownToolError);
  expect(() => parseGesture(lasso)).toThrow('There is no tool “lasso” in this version of Voxel Loop. Reload');
  expect(() => toolOf('toString')).toThrow(UnknownToolError);
});

describe.each(tools)('the $id', (tool) => {
  const hand = {
    plane: 'axial',
    slicePlane: planes.axial,
    slice: 1,
    timeIndex: 0,
    at: [1, 1],
    label: 1,
    onlyOver: 0,
    erases: false,
    alternative: false,
  } as const;
  const settings = Object.fromEntries(tool.settings.map(({ name, fresh }) => [name, fresh([1, 1, 1])]));
  const good = gestureOf(tool, { ...hand, settings });

  it('draws what travels as its own gesture', () => {
    expect(good.tool).toBe(tool.id);
    expect(parseGesture(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  it('never adds a label while it erases, whatever is set', () => {
    const rings = Uint8Array.from({ length: SIZE }, (_, at) => (at % 3 === 0 ? 0 : 1 + (at % 2)));
    const choices = tool.settings.flatMap((each) => (each.kind === 'choice' ? [each] : []));
    const all = [
      settings,
      ...choices.flatMap(({ name, options }) => options.map(({ value }) => ({ ...settings, [name]: value }))),
    ];
    for (const chosen of all) {
      for (const alternative of [false, true]) {
        for (const at of [
          [1, 1],
          [2, 1],
          [0, 3],
        ] as const) {
          const gesture = gestureOf(tool, { ...hand, at, settings: chosen, erases: true, alternative });
          const { runs } = gestureEdit({ planes, labels: LabelMap.fromDense(SHAPE, rings) }, gesture);
          expect(runs.filter(({ after }) => after !== 0)).toEqual([]);
        }
      }
    }
  });

  it('refuses what no page draws', () => {
    const bad: Record<string, unknown>[] = [
      { slice: -1 },
      { slice: 0.5 },
      { plane: 'oblique' },
      { label: 65_536 },
      { label: -1 },
      { onlyOver: 65_536 },
      { more: 1 },
    ];
    if (isDragged(parseGesture({ ...good }))) {
      bad.push(
        { path: [] },
        { path: [[Number.NaN, 0]] },
        { path: [[0, Number.POSITIVE_INFINITY]] },
        { path: [[1, 2, 3]] },
        { path: Array.from({ length: 1_000_000 }, () => [0, 0]) },
        { radiusMm: Number.NaN },
        { radiusMm: Number.POSITIVE_INFINITY },
        { radiusMm: -1 },
        { radiusMm: 1e9 },
      );
    } else if ('covered' in good) {
      bad.push(
        { covered: undefined },
        { covered: [1, 2] },
        { covered: [-1, 2, 1] },
        { covered: [0, 0, 1] },
        { covered: [0, 0.5, 1] },
        { covered: [0, 1, 65_536] },
        { covered: [Number.MAX_SAFE_INTEGER, 1, 1] },
        { covered: ['0', 1, 1] },
        { covered: new Array(6_000_003).fill(1) },
      );
    } else {
      bad.push({ at: [Number.NaN, 0] }, { at: [0, Number.POSITIVE_INFINITY] }, { at: [0] }, { path: [[1, 1]] });
    }
    for (const change of bad) {
      const sent = { ...good, ...change };
      const name = JSON.stringify(change).slice(0, 60);
      expect(() => parseGesture(sent), name).toThrow(InvalidGestureError);
    }
  });
});

// What a page of version 0.9 left for the page after it, literally: it knew one tool, which erased with label 0.
test('strokes that an earlier version could not send are still drawn', () => {
  const left = JSON.parse(`{
    "documentId": "file:///case.nii.gz", "hostId": "h", "pageId": "p", "told": "a b", "shown": "c d",
    "strokes": [
      { "tool": "brush", "plane": "axial", "slice": 17, "path": [[10, 20], [14.5, 20.25]], "radiusMm": 2.5, "label": 1 },
      { "tool": "brush", "plane": "coronal", "slice": 3, "path": [[1, 2]], "radiusMm": 0, "label": 2, "onlyOver": 0 },
      { "tool": "brush", "plane": "sagittal", "slice": 4, "path": [[1, 2]], "radiusMm": 100, "label": 0 }
    ],
    "unposted": 1, "decisions": 0, "view": null
  }`);
  expect(parseUnsentWork(left)).toEqual(left);
  for (const stroke of left.strokes) expect(toolOf(parseGesture(stroke).tool).id).toBe('brush');
  expect(toolGesture.type).toBe('variant');
});
