import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseColor } from '../../../src/core/label/table/label-colors.ts';
import { labelOutline } from '../../../src/webview/renderer/label-outline.ts';
import { labelPalette } from '../../../src/webview/renderer/label-palette.ts';
import { windowRamp } from '../../../src/webview/renderer/slice-renderer.ts';

test('the outline is every side of every labelled pixel whose neighbour differs, once', () => {
  const layers = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([columns, rows]) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.constant(rows),
      data: fc.uint8Array({ minLength: columns * rows, maxLength: columns * rows, max: 2 }),
    }),
  );
  fc.assert(
    fc.property(layers, (layer) => {
      const { columns, rows, data } = layer;
      const at = (c: number, r: number) => (c < 0 || r < 0 || c >= columns || r >= rows ? 0 : data[c + columns * r]);
      const naive = new Set<string>();
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          for (const [dc, dr] of [
            [-1, 0],
            [1, 0],
            [0, -1],
            [0, 1],
          ]) {
            if (at(c, r) !== 0 && at(c + dc, r + dr) !== at(c, r)) naive.add(`${at(c, r)} ${c} ${r} ${-dc} ${-dr}`);
          }
        }
      }
      const found = labelOutline(layer).flatMap(({ label, fromColumn, fromRow, toColumn, toRow, inward }) => {
        const horizontal = inward[0] === 0;
        const length = horizontal ? toColumn - fromColumn : toRow - fromRow;
        return Array.from({ length }, (_, n) => {
          const c = horizontal ? fromColumn + n : inward[0] > 0 ? fromColumn : fromColumn - 1;
          const r = horizontal ? (inward[1] > 0 ? fromRow : fromRow - 1) : fromRow + n;
          return `${label} ${c} ${r} ${inward[0]} ${inward[1]}`.replaceAll('-0', '0');
        });
      });
      expect(found.length).toBe(naive.size);
      expect(new Set(found)).toEqual(new Set([...naive].map((each) => each.replaceAll('-0', '0'))));
    }),
  );
});

test('hidden labels and background are transparent, a bad colour is grey', () => {
  const table = [
    { value: 0, name: 'background', color: '#000000' },
    { value: 1, name: 'a', color: '#FF8000' },
    { value: 2, name: 'b', color: 'red' },
  ];
  expect([...labelPalette(table, [2], true).rgba]).toEqual([0, 0, 0, 0, 255, 128, 0, 255, 128, 128, 128, 0]);
  expect(labelPalette(table, [], false).rgba[7]).toBe(0);
  expect(parseColor('#0a0B0c')).toEqual([10, 11, 12]);
});

test('the ramp maps the ends of the window to black and white', () => {
  const { gain, offset } = windowRamp({ level: 40, width: 400 }, { slope: 2, intercept: -1024 });
  const shown = (real: number) => ((real + 1024) / 2) * gain + offset;
  expect(shown(-160)).toBeCloseTo(0);
  expect(shown(240)).toBeCloseTo(1);
});
