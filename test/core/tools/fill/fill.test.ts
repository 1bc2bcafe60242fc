import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { pixelOnGrid, planeVoxel, type SlicePlane, slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { fill } from '../../../../src/core/tools/fill/fill.ts';
import { enclosingLabel, holesOf } from '../../../../src/core/tools/fill/slice-regions.ts';
import { gestureEdit } from '../../../../src/core/tools/gesture-edit.ts';
import type { Gesture } from '../../../../src/core/tools/known-tools.ts';
import { type Planes, planeName, planesOf } from '../../../support/case-arbitraries.ts';
import { SHAPE as CASE_SHAPE, SIZE as CASE_SIZE, documentOf, proposalOf } from '../../../support/case-world.ts';

type FillGesture = Extract<Gesture, { tool: 'fill' }>;

const SHAPE: Vec3 = [12, 9, 7];
const SIZE = 12 * 9 * 7;

const offsetOf = ([i, j, k]: Vec3) => i + SHAPE[0] * (j + SHAPE[1] * k);

/** Pixels of the screen that are reached from `starts` over neighbours that are open, one ring after the other. */
function reached(plane: SlicePlane, starts: readonly string[], isOpen: (column: number, row: number) => boolean) {
  const seen = new Set<string>();
  let ring = starts;
  while (ring.length > 0) {
    const next: string[] = [];
    for (const pixel of ring) {
      const [column, row] = pixel.split(',').map(Number);
      const isInside = column >= 0 && row >= 0 && column < plane.columns && row < plane.rows;
      if (!isInside || seen.has(pixel) || !isOpen(column, row)) continue;
      seen.add(pixel);
      next.push(`${column + 1},${row}`, `${column - 1},${row}`, `${column},${row + 1}`, `${column},${row - 1}`);
    }
    ring = next;
  }
  return seen;
}

/** What the definition in `fill` says, pixel by pixel of the screen. Undefined: which label encloses may go several ways. */
function naiveFill(planes: Planes, labels: readonly number[], gesture: FillGesture): number[] | undefined {
  const plane = planes[gesture.plane];
  const [column, row] = pixelOnGrid(plane, gesture.at).map(Math.round);
  const at = (c: number, r: number) => offsetOf(planeVoxel(plane, gesture.slice, c, r));
  const label = (c: number, r: number) => labels[at(c, r)];
  const after = [...labels];
  if (column < 0 || row < 0 || column >= plane.columns || row >= plane.rows) return after;
  const write = (offset: number, value: number) => {
    if (gesture.onlyOver === undefined || labels[offset] === gesture.onlyOver) after[offset] = value;
  };
  if (gesture.mode === 'region') {
    const region = reached(plane, [`${column},${row}`], (c, r) => label(c, r) === label(column, row));
    for (const pixel of region) write(at(...(pixel.split(',').map(Number) as [number, number])), gesture.label);
    return after;
  }
  if (gesture.label === 0) return after;
  const enclosing = label(column, row);
  if (enclosing === 0) return undefined;
  const border: string[] = [];
  for (let c = 0; c < plane.columns; c++) border.push(`${c},0`, `${c},${plane.rows - 1}`);
  for (let r = 0; r < plane.rows; r++) border.push(`0,${r}`, `${plane.columns - 1},${r}`);
  const outside = reached(plane, border, (c, r) => label(c, r) !== enclosing);
  for (let c = 0; c < plane.columns; c++) {
    for (let r = 0; r < plane.rows; r++) {
      if (label(c, r) === 0 && !outside.has(`${c},${r}`)) write(at(c, r), enclosing);
    }
  }
  return after;
}

/** Rings and specks, so that there are regions and holes. */
const someLabels = fc.array(fc.constantFrom(0, 0, 1, 1, 1, 2), { minLength: SIZE, maxLength: SIZE, size: 'max' });

const scene = fc
  .record({ planes: planesOf(SHAPE), name: planeName, labels: someLabels })
  .chain(({ planes, name, labels }) => {
    const plane = planes[name];
    return fc.record({
      planes: fc.constant(planes),
      labels: fc.constant(labels),
      gesture: fc.record(
        {
          tool: fc.constant('fill' as const),
          plane: fc.constant(name),
          slice: fc.nat(plane.sliceCount - 1),
          at: fc.tuple(fc.integer({ min: -1, max: plane.columns }), fc.integer({ min: -1, max: plane.rows })),
          mode: fc.constantFrom('region' as const, 'holes' as const),
          label: fc.nat(2),
          onlyOver: fc.constantFrom(0, 0, 0, 1, 2),
        },
        { requiredKeys: ['tool', 'plane', 'slice', 'at', 'mode', 'label'] },
      ),
    });
  });

const mapOf = (labels: readonly number[]) => LabelMap.fromDense(SHAPE, Uint8Array.from(labels));

describe('fill', () => {
  it('is what a naive flood does, in every plane and orientation, and changes nothing elsewhere', () => {
    const seen = { changed: 0, holes: 0, unknown: 0 };
    fc.assert(
      fc.property(scene, ({ planes, labels, gesture }) => {
        const map = mapOf(labels);
        map.applyEdit(gestureEdit({ planes, labels: map }, gesture));
        const after = [...map.read(0, SIZE)];
        const expected = naiveFill(planes, labels, gesture);
        if (!expected) {
          seen.unknown++;
          return;
        }
        expect(after).toEqual(expected);
        if (after.some((label, at) => label !== labels[at])) {
          seen.changed++;
          if (gesture.mode === 'holes') seen.holes++;
        }
      }),
      { numRuns: 900 },
    );
    expect(seen.changed).toBeGreaterThan(100);
    expect(seen.holes).toBeGreaterThan(10);
  });
});

/** One axial slice as it is written here, of a volume that lies as its pixels do. */
const flat: Planes = fc.sample(
  planesOf([7, 7, 1]).filter(({ axial }) => axial.normalAxis === 2 && axial.columnAxis === 0),
  { seed: 2, numRuns: 1 },
)[0];

function filled(picture: readonly string[], at: readonly [number, number], mode: 'region' | 'holes'): string[] {
  const labels = Uint8Array.from(picture.join(''), (sign) => (sign === '.' ? 0 : Number(sign)));
  const map = LabelMap.fromDense([7, 7, 1], labels);
  const gesture: Gesture = { tool: 'fill', plane: 'axial', slice: 0, at, mode, label: 3 };
  map.applyEdit(gestureEdit({ planes: flat, labels: map }, gesture));
  const text = [...map.read(0, 49)].map((label) => (label === 0 ? '.' : String(label))).join('');
  return Array.from({ length: 7 }, (_, row) => text.slice(7 * row, 7 * row + 7));
}

const liver = ['.......', '.11111.', '.1...1.', '.1.2.1.', '.1...1.', '.11111.', '.......'];

test('holes of the label under the pointer are filled with it, around what lies in them', () => {
  const whole = ['.......', '.11111.', '.11111.', '.11211.', '.11111.', '.11111.', '.......'];
  expect(filled(liver, [1, 1], 'holes')).toEqual(whole);
  // In the hole: the label around is meant, although another one is nearer.
  expect(filled(liver, [3, 2], 'holes')).toEqual(whole);
  // Outside: the nearest label is.
  expect(filled(liver, [0, 0], 'holes')).toEqual(whole);
  expect(filled(liver, [3, 3], 'holes')).toEqual(liver);
});

test('a region ends where another label begins, and at corners', () => {
  expect(filled(liver, [2, 2], 'region')[3]).toBe('.13231.');
  expect(filled(liver, [2, 2], 'region')[0]).toBe('.......');
  const corner = ['..1....', '.1.....', '1......', '.......', '.......', '.......', '.......'];
  expect(filled(corner, [0, 0], 'region')[1]).toBe('31.....');
  expect(filled(corner, [0, 0], 'region')[2]).toBe('1......');
});

test('Ctrl fills the other of region and holes, and a pen’s eraser end empties the region', () => {
  const hand = {
    plane: 'axial',
    slicePlane: flat.axial,
    slice: 0,
    timeIndex: 0,
    at: [1, 1],
    label: 3,
    onlyOver: 0,
  } as const;
  const plain = { ...hand, settings: { fillMode: 'region' }, erases: false, alternative: false };
  expect(fill.begin(plain)).toMatchObject({ mode: 'region', label: 3, onlyOver: 0 });
  expect(fill.begin({ ...plain, alternative: true }).mode).toBe('holes');
  expect(fill.begin({ ...plain, settings: { fillMode: 'holes' }, alternative: true }).mode).toBe('region');
  expect(fill.begin({ ...plain, erases: true })).toMatchObject({ label: 0 });
  expect('onlyOver' in fill.begin({ ...plain, erases: true })).toBe(false);
  // Filling holes adds a label, which no eraser does.
  expect(fill.begin({ ...plain, erases: true, alternative: true })).toMatchObject({ mode: 'region', label: 0 });
});

test('of background, the label that is meant is the nearest that encloses it, and else the nearest', () => {
  const pictures = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3), { minLength: 36, maxLength: 36 });
  fc.assert(
    fc.property(pictures, fc.nat(35), (labels, at) => {
      const slice = { labels: Uint16Array.from(labels), width: 6, height: 6 };
      const distance = (pixel: number) =>
        Math.hypot((pixel % 6) - (at % 6), Math.floor(pixel / 6) - Math.floor(at / 6));
      const nearest = (label: 0 | 1 | 2 | 3) =>
        Math.min(...labels.flatMap((each, pixel) => (each === label ? [distance(pixel)] : [])));
      const there = ([1, 2, 3] as const)
        .filter((label) => labels.includes(label))
        .sort((a, b) => nearest(a) - nearest(b));
      // Of labels that are as near as each other, either may be meant.
      fc.pre(new Set(there.map(nearest)).size === there.length);
      const expected = there.find((label) => holesOf(slice, label)[at] === 1) ?? there[0] ?? 0;
      expect(enclosingLabel(slice, at, 1, 1)).toBe(labels[at] === 0 ? expected : labels[at]);
    }),
    { numRuns: 2000 },
  );
});

test('a click that changes nothing takes no proposal over, however many slices its region crosses', () => {
  const voxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const planes = slicePlanes({ shape: CASE_SHAPE, spacingMm: [1, 1, 1], voxelToWorld }, 'radiological');
  const document = documentOf({ planes, reviewPlane: 'axial', labels: new Uint8Array(CASE_SIZE) });
  document.setProposal(proposalOf('1', new Uint8Array(CASE_SIZE).fill(1), planes.axial.sliceCount));
  const click = { tool: 'fill', plane: 'coronal', slice: 1, at: [2, 2], mode: 'region' } as const;
  expect(planGesture(document, { ...click, label: 1 })).toBeNull();
  expect(planGesture(document, { ...click, label: 2, onlyOver: 0 })).toBeNull();
  expect(planGesture(document, { ...click, mode: 'holes', label: 2, onlyOver: 1 })).toBeNull();
  expect(planGesture(document, { ...click, label: 2 })?.review).toHaveLength(planes.axial.sliceCount);
});
