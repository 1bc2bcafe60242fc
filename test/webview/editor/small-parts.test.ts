import { describe, expect, test } from 'vitest';
import { actionForKey, KEY_HELP, type KeyPress } from '../../../src/webview/actions/keymap.ts';
import { valueText, worldCoordinates } from '../../../src/webview/looking/readout.ts';
import { scaleBar } from '../../../src/webview/looking/scale-bar.ts';
import { WheelSteps } from '../../../src/webview/looking/wheel-steps.ts';
import { dragWindow } from '../../../src/webview/looking/window-drag.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

describe('keys', () => {
  test('letters work in either case and mean something else with Shift', () => {
    expect(actionForKey(press('a'))).toEqual({ kind: 'review', action: 'accept-slice' });
    expect(actionForKey(press('A', { shiftKey: true }))).toEqual({ kind: 'review', action: 'accept-all' });
    expect(actionForKey(press('C', { shiftKey: true }))).toBeUndefined();
  });

  test('signs work with or without Shift, brackets by place where the layout has none', () => {
    expect(actionForKey(press('?', { shiftKey: true }))).toEqual({ kind: 'toggle-help' });
    expect(actionForKey(press('+', { shiftKey: true }))).toEqual({ kind: 'zoom-by', factor: 1.25 });
    expect(actionForKey(press('ü', { code: 'BracketLeft' }))).toEqual({ kind: 'resize-brush', steps: -1 });
  });

  test('keys of VS Code are never ours', () => {
    for (const key of ['z', 's', 'a', 'b', 'p', 'f']) {
      expect(actionForKey(press(key, { ctrlKey: true }))).toBeUndefined();
      expect(actionForKey(press(key, { metaKey: true }))).toBeUndefined();
      expect(actionForKey(press(key, { altKey: true }))).toBeUndefined();
    }
  });

  test('no key has two meanings', () => {
    const seen = KEY_HELP.flatMap(({ lines }) =>
      lines.flatMap(({ bindings }) =>
        bindings.flatMap(({ keys, shift }) => keys.map((key) => `${shift ?? false}${key}`)),
      ),
    );
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('wheel', () => {
  test('one notch is one slice, whatever its size', () => {
    const wheel = new WheelSteps();
    expect([-120, 100, -53 * 3].map((deltaY) => wheel.take({ deltaY, deltaMode: 0 }))).toEqual([1, -1, 1]);
    expect(wheel.take({ deltaY: 3, deltaMode: 1 })).toBe(-1);
  });

  test('a touchpad adds up, and turning round starts anew', () => {
    const wheel = new WheelSteps();
    const steps = new Array(24).fill(-4).map((deltaY: number) => wheel.take({ deltaY, deltaMode: 0 }));
    expect(steps.reduce((sum, step) => sum + step, 0)).toBe(4);
    wheel.take({ deltaY: -20, deltaMode: 0 });
    expect(wheel.take({ deltaY: 23, deltaMode: 0 })).toBe(0);
    expect(wheel.take({ deltaY: 1, deltaMode: 0 })).toBe(-1);
  });
});

test('window by drag: right widens, up raises the level, and the width stays above 0', () => {
  expect(dragWindow({ level: 40, width: 400 }, 40, -20, 1000)).toEqual({ level: 90, width: 500 });
  expect(dragWindow({ level: 40, width: 400 }, -1e6, 0, 1000).width).toBeGreaterThan(0);
});

test('values and positions read well', () => {
  expect(valueText(-1000)).toBe('\u22121000');
  expect(valueText(0.000123456)).toBe('0.0001235');
  expect(valueText(1234567.25)).toBe('1235000');
  expect(valueText(Number.NaN)).toBe('not a number');
  expect(valueText([255, 0, 10])).toBe('RGB 255 0 10');
  const grid = {
    shape: [9, 9, 9] as const,
    spacingMm: [1, 1, 2] as const,
    voxelToWorld: [-1, 0, 0, 3, 0, 1, 0, -0.01, 0, 0, 2, 5, 0, 0, 0, 1],
  };
  expect(worldCoordinates(grid, [5, 0, 2])).toBe('\u22122.0, 0.0, 9.0');
});

test('the ruler is a round length that is not longer than asked', () => {
  expect(scaleBar(10, 90)).toEqual({ lengthPx: 50, text: '5 mm' });
  expect(scaleBar(1, 90)).toEqual({ lengthPx: 50, text: '5 cm' });
  expect(scaleBar(300, 90).text).toBe('0.2 mm');
});
