import { expect, test } from 'vitest';
import { pressMeaning } from '../../../src/webview/tools/gesture.ts';
import { StrokePath } from '../../../src/webview/tools/stroke-path.ts';

const plain = { shift: false, space: false };

test.each([
  ['navigate', { button: 0, ...plain }, 'crosshair'],
  ['brush', { button: 0, ...plain }, 'draw'],
  ['eraser', { button: 0, ...plain }, 'erase'],
  ['brush', { button: 0, shift: true, space: false }, 'crosshair'],
  ['brush', { button: 0, shift: false, space: true }, 'pan'],
  ['brush', { button: 1, ...plain }, 'pan'],
  ['eraser', { button: 2, ...plain }, 'window'],
  ['brush', { button: 5, ...plain }, 'erase'],
  ['brush', { button: 3, ...plain }, undefined],
] as const)('with the %s tool %j means %s', (tool, press, meaning) => {
  expect(pressMeaning(press, tool)).toBe(meaning);
});

test('a stroke keeps where the pointer really went and leaves out where it stood still', () => {
  const path = new StrokePath({ tool: 'brush', plane: 'axial', slice: 3, radiusMm: 2, label: 1 }, [4, 4]);
  const counted = path.extend([
    [4.01, 4.02],
    [5, 4],
    [5, 4],
  ]);
  expect(counted).toEqual([[5, 4]]);
  expect(path.extend([])).toEqual([]);
  expect(path.stroke).toEqual({
    tool: 'brush',
    plane: 'axial',
    slice: 3,
    radiusMm: 2,
    label: 1,
    path: [
      [4, 4],
      [5, 4],
    ],
  });
});
