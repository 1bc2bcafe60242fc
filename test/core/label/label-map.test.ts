import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLANE_NAMES, planeVoxel } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { invertLabelEdit, type LabelRun } from '../../../src/core/label/label-edit.ts';
import { type LabelArray, LabelMap } from '../../../src/core/label/label-map.ts';
import {
  InvalidLabelEditError,
  LabelEditMismatchError,
  LabelMapShapeError,
} from '../../../src/core/label/label-map-errors.ts';
import { denseLabels, planesOf } from '../../support/case-arbitraries.ts';

/** More than two chunks of 4096 voxels, the last one cut off. */
const SHAPE: Vec3 = [37, 19, 13];
const SIZE = 37 * 19 * 13;

function dense(map: Pick<LabelMap, 'voxelCount' | 'readInto'>): number[] {
  const target = new Uint16Array(map.voxelCount);
  map.readInto(0, map.voxelCount, target);
  return [...target];
}

/** What a person would write: one number per voxel, every operation a loop. */
class NaiveLabels {
  readonly labels = new Array<number>(SIZE).fill(0);

  fill(start: number, length: number, label: number): void {
    for (let at = start; at < start + length; at++) this.labels[at] = label;
  }

  count(label: number): number {
    return this.labels.filter((other) => other === label).length;
  }
}

const label = fc.oneof(fc.nat(3), fc.constantFrom(255, 256, 65_535));
const range = fc.tuple(fc.nat(SIZE - 1), fc.oneof(fc.nat(40), fc.nat(SIZE))).map(([start, length]) => ({
  start,
  length: Math.min(length, SIZE - start),
}));
const operation = fc.oneof(
  fc.record({ kind: fc.constant('fill' as const), range, label }),
  fc.record({ kind: fc.constant('write' as const), range, labels: fc.array(label, { minLength: 1, maxLength: 5 }) }),
  fc.record({ kind: fc.constant('edit' as const), range, label }),
  fc.record({ kind: fc.constant('clone' as const), writeOriginal: fc.boolean() }),
  fc.record({ kind: fc.constant('recompact' as const) }),
);

describe('LabelMap', () => {
  it('does what a plain array does, whatever is written, and clones never touch each other', () => {
    let changedVoxels = 0;
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        let map = new LabelMap(SHAPE);
        const naive = new NaiveLabels();
        const frozen: { map: LabelMap; labels: number[] }[] = [];
        for (const step of operations) {
          if (step.kind === 'fill') {
            map.fill(step.range.start, step.range.length, step.label);
            naive.fill(step.range.start, step.range.length, step.label);
            changedVoxels += step.range.length;
          } else if (step.kind === 'write') {
            const rows = Uint16Array.from({ length: step.range.length }, (_, n) => step.labels[n % step.labels.length]);
            const narrow = rows.every((value) => value <= 255) ? Uint8Array.from(rows) : rows;
            map.write(step.range.start, narrow);
            for (const [n, value] of rows.entries()) naive.labels[step.range.start + n] = value;
          } else if (step.kind === 'edit') {
            const runs: LabelRun[] = [];
            map.forEachRun(step.range.start, step.range.length, (before, start, length) => {
              if (before !== step.label) runs.push({ start, length, before, after: step.label });
            });
            map.applyEdit({ runs });
            naive.fill(step.range.start, step.range.length, step.label);
          } else if (step.kind === 'clone') {
            const clone = map.clone();
            frozen.push({ map: step.writeOriginal ? clone : map, labels: [...naive.labels] });
            if (!step.writeOriginal) map = clone;
          } else {
            map.recompact();
          }
        }
        expect(dense(map)).toEqual(naive.labels);
        for (const other of new Set([...naive.labels, 1, 9])) expect(map.count(other)).toBe(naive.count(other));
        expect(map.highestLabel).toBe(Math.max(...naive.labels));
        expect(map.isUniform).toBe(new Set(naive.labels).size === 1);
        for (const { map: old, labels } of frozen) expect(dense(old)).toEqual(labels);
        for (const offset of [0, 4095, 4096, SIZE - 1]) expect(map.get(offset)).toBe(naive.labels[offset]);
      }),
      { numRuns: 150 },
    );
    expect(changedVoxels).toBeGreaterThan(50_000);
  });

  it('visits maximal runs that cover the range', () => {
    fc.assert(
      fc.property(denseLabels(SHAPE, 300), range, (labels, { start, length }) => {
        const map = LabelMap.fromDense(SHAPE, labels);
        let at = start;
        let last = -1;
        map.forEachRun(start, length, (value, runStart, runLength) => {
          expect(runStart).toBe(at);
          expect(runLength).toBeGreaterThan(0);
          expect(value).not.toBe(last);
          expect(labels.subarray(runStart, runStart + runLength).every((other) => other === value)).toBe(true);
          at += runLength;
          last = value;
        });
        expect(at).toBe(start + length);
      }),
      { numRuns: 150 },
    );
  });

  it('extracts slices as they lie on the screen, in every orientation', () => {
    let drawn = 0;
    fc.assert(
      fc.property(planesOf(SHAPE), denseLabels(SHAPE, 300), fc.nat(1000), (planes, labels, any) => {
        const map = LabelMap.fromDense(SHAPE, labels);
        for (const name of PLANE_NAMES) {
          const plane = planes[name];
          const slice = any % plane.sliceCount;
          const image: LabelArray = map.extractSlice(plane, slice);
          const expected: number[] = [];
          for (let row = 0; row < plane.rows; row++) {
            for (let column = 0; column < plane.columns; column++) {
              const [i, j, k] = planeVoxel(plane, slice, column, row);
              expected.push(labels[i + SHAPE[0] * (j + SHAPE[1] * k)]);
            }
          }
          expect([...image]).toEqual(expected);
          expect(image).toBeInstanceOf(map.highestLabel > 255 ? Uint16Array : Uint8Array);
          drawn += expected.filter((value) => value > 0).length;
        }
      }),
      { numRuns: 100 },
    );
    expect(drawn).toBeGreaterThan(1000);
  });

  it('refuses an edit that does not fit and changes nothing', () => {
    const map = new LabelMap(SHAPE);
    map.fill(5000, 10, 2);
    const before = dense(map);
    const fits: LabelRun = { start: 10, length: 5, before: 0, after: 1 };
    const apply = (...runs: LabelRun[]) => map.applyEdit({ runs });
    expect(() => apply(fits, { start: 4998, length: 5, before: 0, after: 3 })).toThrow(LabelEditMismatchError);
    expect(() => apply(fits, { start: 4998, length: 5, before: 0, after: 3 })).toThrow(/voxel 5000 has label 2, not 0/);
    const invalid: LabelRun[] = [
      { start: 12, length: 5, before: 0, after: 1 },
      { start: 3, length: 2, before: 0, after: 1 },
      { start: SIZE - 1, length: 2, before: 0, after: 1 },
      { start: 100, length: 0, before: 0, after: 1 },
      { start: 100, length: 1.5, before: 0, after: 1 },
      { start: 100, length: 1, before: 0, after: 0 },
      { start: 100, length: 1, before: 0, after: 65_536 },
      { start: Number.NaN, length: 1, before: 0, after: 1 },
    ];
    for (const run of invalid) expect(() => apply(fits, run)).toThrow(InvalidLabelEditError);
    expect(dense(map)).toEqual(before);
    apply(fits);
    map.applyEdit(invertLabelEdit({ runs: [fits] }));
    expect(dense(map)).toEqual(before);
  });

  it('takes next to nothing where it is uniform, and collapses again what was erased', () => {
    const huge = new LabelMap([1024, 1024, 1300]);
    const empty = huge.byteLength;
    expect(empty).toBeLessThan(4_000_000);
    const offset = 1024 * 1024 * 1299 + 77;
    huge.applyEdit({ runs: [{ start: offset, length: 3, before: 0, after: 300 }] });
    expect(huge.get(offset)).toBe(300);
    expect(huge.count(0)).toBe(1024 * 1024 * 1300 - 3);
    expect(huge.byteLength).toBe(empty + 2 * 4096);
    huge.applyEdit({ runs: [{ start: offset, length: 3, before: 300, after: 0 }] });
    expect(huge.byteLength).toBe(empty);
    expect(huge.highestLabel).toBe(0);
  });

  it('collapses chunks that a stream of rows makes uniform', () => {
    const map = new LabelMap([512, 8, 3]);
    const empty = map.byteLength;
    map.write(
      0,
      Uint8Array.from({ length: map.voxelCount }, (_, n) => n % 2),
    );
    expect(map.byteLength).toBe(empty + map.voxelCount);
    for (let row = 0; row < 24; row++) map.write(row * 512, new Uint8Array(512).fill(5));
    expect(map.byteLength).toBe(empty);
    expect(map.count(5)).toBe(map.voxelCount);
  });

  it('works beyond 2^31 voxels', () => {
    const map = new LabelMap([2048, 1024, 1500]);
    const start = 2 ** 31 + 4090;
    map.fill(start, 12, 7);
    expect(map.get(start + 11)).toBe(7);
    expect(map.get(start + 12)).toBe(0);
    const runs: number[][] = [];
    map.forEachRun(start - 2, 20, (...run) => runs.push(run));
    expect(runs).toEqual([
      [0, start - 2, 2],
      [7, start, 12],
      [0, start + 12, 6],
    ]);
  });

  it('narrows chunks that need 16 bits no more', () => {
    const map = LabelMap.fromDense(
      SHAPE,
      Uint16Array.from({ length: SIZE }, (_, n) => n % 300),
    );
    const wide = map.byteLength;
    map.write(
      0,
      Uint8Array.from({ length: SIZE }, (_, n) => n % 200),
    );
    const before = dense(map);
    map.recompact();
    expect(map.byteLength).toBeLessThan(wide * 0.6);
    expect(dense(map)).toEqual(before);
  });

  it('refuses shapes and ranges that are none', () => {
    for (const shape of [
      [0, 1, 1],
      [1.5, 1, 1],
      [Number.NaN, 1, 1],
      [2 ** 20, 2 ** 20, 2 ** 20],
    ] as const) {
      expect(() => new LabelMap(shape)).toThrow(LabelMapShapeError);
    }
    expect(() => LabelMap.fromDense([2, 2, 2], new Uint8Array(7))).toThrow(LabelMapShapeError);
    const map = new LabelMap(SHAPE);
    expect(() => map.get(SIZE)).toThrow(RangeError);
    expect(() => map.get(-1)).toThrow(RangeError);
    expect(() => map.fill(SIZE - 1, 2, 1)).toThrow(RangeError);
    expect(() => map.fill(0, 1, 65_536)).toThrow(RangeError);
    expect(() => map.write(SIZE - 1, new Uint8Array(2))).toThrow(RangeError);
    expect(() => map.readInto(0, 5, new Uint8Array(4))).toThrow(RangeError);
  });
});
