import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { composeLabelEdits } from '../../../src/core/label/compose-label-edits.ts';
import { checkLabelEdit, invertLabelEdits, type LabelEdit } from '../../../src/core/label/label-edit.ts';
import { LabelEditBuilder } from '../../../src/core/label/label-edit-builder.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../../../src/core/label/label-map-codec.ts';
import { InvalidLabelEditError, LabelMapFormatError } from '../../../src/core/label/label-map-errors.ts';
import { decodeLabelRuns, encodeLabelRuns } from '../../../src/core/label/label-runs-codec.ts';
import { denseLabels } from '../../support/case-arbitraries.ts';

const SHAPE: Vec3 = [23, 17, 11];
const SIZE = 23 * 17 * 11;

type Write = readonly [start: number, length: number, label: number];
const write = fc.tuple(fc.nat(SIZE - 1), fc.oneof(fc.nat(30), fc.nat(SIZE)), fc.oneof(fc.nat(3), fc.constant(400)));
const writes = fc.array(
  write.map(([start, length, label]): Write => [start, Math.min(length, SIZE - start), label]),
  { maxLength: 12 },
);

function edited(map: LabelMap, list: readonly Write[]): LabelEdit {
  const builder = new LabelEditBuilder(map);
  for (const [start, length, label] of list) builder.write(start, length, label);
  return builder.build();
}

const read = (map: LabelMap) => [...map.read(0, SIZE)];

describe('label edits', () => {
  it('are built from writes in any order: the last write wins, only what changes is kept', () => {
    let changed = 0;
    fc.assert(
      fc.property(denseLabels(SHAPE, 3), writes, (labels, list) => {
        const map = LabelMap.fromDense(SHAPE, labels);
        const expected = [...labels];
        for (const [start, length, label] of list) expected.fill(label, start, start + length);
        const edit = edited(map, list);
        checkLabelEdit(edit, SIZE);
        const inRuns = edit.runs.reduce((sum, run) => sum + run.length, 0);
        expect(inRuns).toBe(expected.filter((label, n) => label !== labels[n]).length);
        for (const [n, run] of edit.runs.entries()) {
          const next = edit.runs[n + 1];
          const joinable =
            next?.start === run.start + run.length && next.before === run.before && next.after === run.after;
          expect(joinable).toBe(false);
        }
        map.applyEdit(edit);
        expect(read(map)).toEqual(expected);
        changed += inRuns;
      }),
      { numRuns: 200 },
    );
    expect(changed).toBeGreaterThan(10_000);
  });

  it('are undone by their inverses in reverse order', () => {
    fc.assert(
      fc.property(denseLabels(SHAPE, 3), fc.array(writes, { maxLength: 5 }), (labels, lists) => {
        const map = LabelMap.fromDense(SHAPE, labels);
        const edits = lists.map((list) => {
          const edit = edited(map, list);
          map.applyEdit(edit);
          return edit;
        });
        for (const edit of invertLabelEdits(edits)) map.applyEdit(edit);
        expect(read(map)).toEqual([...labels]);
      }),
      { numRuns: 100 },
    );
  });

  it('compose: one edit that does what two do', () => {
    let cancelled = 0;
    fc.assert(
      fc.property(denseLabels(SHAPE, 2), writes, writes, (labels, list, more) => {
        const base = LabelMap.fromDense(SHAPE, labels);
        const both = base.clone();
        const first = edited(both, list);
        both.applyEdit(first);
        const second = edited(both, more);
        both.applyEdit(second);
        const composed = composeLabelEdits(first, second);
        checkLabelEdit(composed, SIZE);
        base.applyEdit(composed);
        expect(read(base)).toEqual(read(both));
        if (first.runs.length > 0 && composed.runs.length < first.runs.length) cancelled++;
      }),
      { numRuns: 200 },
    );
    expect(cancelled).toBeGreaterThan(3);
    const paint: LabelEdit = { runs: [{ start: 3, length: 4, before: 0, after: 1 }] };
    expect(() => composeLabelEdits(paint, paint)).toThrow(InvalidLabelEditError);
    expect(composeLabelEdits(paint, { runs: [{ start: 3, length: 4, before: 1, after: 0 }] }).runs).toEqual([]);
  });

  it('survive the way through bytes', () => {
    fc.assert(
      fc.property(denseLabels(SHAPE, 3), writes, (labels, list) => {
        const { runs } = edited(LabelMap.fromDense(SHAPE, labels), list);
        expect(decodeLabelRuns(encodeLabelRuns(runs))).toEqual(runs);
      }),
      { numRuns: 100 },
    );
    const far = [{ start: 2 ** 32 + 5, length: 2 ** 31, before: 65_535, after: 0 }];
    expect(decodeLabelRuns(encodeLabelRuns(far))).toEqual(far);
  });
});

describe('encoded labels', () => {
  it('hold the whole map, equal bytes for equal maps however they came about', () => {
    fc.assert(
      fc.property(denseLabels(SHAPE, 700), writes, (labels, list) => {
        const map = LabelMap.fromDense(SHAPE, labels);
        map.applyEdit(edited(map, list));
        const bytes = encodeLabelMap(map);
        const decoded = decodeLabelMap(bytes, SHAPE);
        expect(read(decoded)).toEqual(read(map));
        expect(encodeLabelMap(decoded)).toEqual(bytes);
        expect(encodeLabelMap(LabelMap.fromDense(SHAPE, map.read(0, SIZE)))).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
  });

  it('are small, and cost what they hold rather than what they claim', () => {
    const map = new LabelMap([1024, 1024, 1300]);
    const bytes = encodeLabelMap(map);
    expect(bytes.length).toBeLessThan(20);
    expect(decodeLabelMap(bytes).byteLength).toBe(map.byteLength);
  });

  it('are refused with a typed error when anything is wrong with them', () => {
    const map = new LabelMap(SHAPE);
    map.fill(100, 1000, 3);
    const good = encodeLabelMap(map);
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeLabelMap(good.subarray(0, length))).toThrow(LabelMapFormatError);
    }
    expect(() => decodeLabelMap(Uint8Array.from([...good, 0]))).toThrow(/goes on after its end/);
    expect(() => decodeLabelMap(good, [23, 17, 12])).toThrow(/voxels, not 23 x 17 x 12/);
    const header = [86, 76, 76, 77, 1];
    const of = (...numbers: number[]) => Uint8Array.from([...header, ...numbers]);
    expect(() => decodeLabelMap(Uint8Array.from([86, 76, 76, 77, 2]))).toThrow(/version is 2/);
    expect(() => decodeLabelMap(of(0, 1, 1))).toThrow(LabelMapFormatError);
    expect(() => decodeLabelMap(of(2, 2, 2, 1, 9))).toThrow(/leaves the volume/);
    expect(() => decodeLabelMap(of(2, 2, 2, 1, 0))).toThrow(LabelMapFormatError);
    expect(() => decodeLabelMap(of(1, 1, 1, 0x80, 0x80, 0x04, 1))).toThrow(/label is out of range/);
    const many = [0xff, 0xff, 0xff, 0xff, 0x7f];
    expect(() => decodeLabelMap(of(...many, ...many, ...many))).toThrow(LabelMapFormatError);
    expect(() => decodeLabelMap(of(...new Array<number>(9).fill(0xff)))).toThrow(/number is too large/);
  });

  it('never fail in any other way, whatever the bytes', () => {
    const prefix = fc.constantFrom(
      [],
      [86, 76, 76, 77, 1],
      [86, 76, 76, 82, 1],
      [86, 76, 76, 77, 1, 1, 1, 2, 3],
      [86, 76, 76, 82, 1, 0],
    );
    let decoded = 0;
    fc.assert(
      fc.property(prefix, fc.array(fc.oneof(fc.nat(4), fc.nat(255)), { maxLength: 40 }), (start, rest) => {
        const bytes = Uint8Array.from([...start, ...rest]);
        for (const [decode, error] of [
          [decodeLabelMap, LabelMapFormatError],
          [decodeLabelRuns, InvalidLabelEditError],
        ] as const) {
          try {
            decode(bytes);
            decoded++;
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(error);
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(decoded).toBeGreaterThan(0);
  });
});
