import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3, VoxelAxis } from '../../../src/core/geometry/vector.ts';
import type { VoxelBox } from '../../../src/core/geometry/voxel-box.ts';
import { ArrivingLabels, type AxisSlice, UnknownRevisionError } from '../../../src/core/label/arriving-labels.ts';
import { encodeEmptyLabelBox, encodeLabelBox, isBoxOf } from '../../../src/core/label/label-box.ts';
import type { LabelEdit } from '../../../src/core/label/label-edit.ts';
import { LabelEditBuilder } from '../../../src/core/label/label-edit-builder.ts';
import { LabelMap, type ReadonlyLabelMap } from '../../../src/core/label/label-map.ts';
import { LabelEditMismatchError, LabelMapFormatError } from '../../../src/core/label/label-map-errors.ts';

const SHAPE: Vec3 = [37, 20, 33];
const PLANES = slicePlanes(
  { shape: SHAPE, spacingMm: [1, 1, 1], voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
  'radiological',
);
const VOXELS = SHAPE[0] * SHAPE[1] * SHAPE[2];

const paint = fc.record({
  start: fc.nat(VOXELS - 1),
  length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: VOXELS })),
  label: fc.nat(300),
});
const slice: fc.Arbitrary<AxisSlice> = fc
  .constantFrom<VoxelAxis>(0, 1, 2)
  .chain((axis) => fc.record({ axis: fc.constant(axis), index: fc.nat(SHAPE[axis] - 1) }));
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: fc.constant('change' as const), paint }) },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('ask' as const), first: fc.array(slice, { maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('post' as const), which: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ at: fc.constant('hear' as const) }) },
);

function painted(map: ReadonlyLabelMap, { start, length, label }: { start: number; length: number; label: number }) {
  const builder = new LabelEditBuilder(map);
  builder.write(start, Math.min(length, VOXELS - start), label);
  return builder.build();
}

type Message =
  | { readonly kind: 'change'; readonly revision: number; readonly edit: LabelEdit }
  | { readonly kind: 'box'; readonly revision: number; readonly box: VoxelBox; readonly bytes: Uint8Array };

/** Somebody who owns the labels, somebody who gets them, and the wires between them, which keep the order. */
class Scene {
  readonly host: LabelMap;
  /** The host's labels by revision, from the one on which the other side began. */
  readonly history: ReadonlyLabelMap[];
  readonly arriving: ArrivingLabels;
  readonly questions: VoxelBox[] = [];
  /** Boxes that were cut and are still being packed. */
  readonly packed: Message[] = [];
  readonly wire: Message[] = [];
  lateBoxes = 0;
  earlyChanges = 0;

  constructor(labels: ReadonlyLabelMap) {
    this.host = labels.clone();
    this.history = [labels.clone()];
    this.arriving = new ArrivingLabels(SHAPE, 0);
  }

  change(what: { start: number; length: number; label: number }): void {
    const edit = painted(this.host, what);
    if (edit.runs.length === 0) return;
    this.host.applyEdit(edit);
    this.history.push(this.host.clone());
    this.wire.push({ kind: 'change', revision: this.history.length - 1, edit });
  }

  ask(first: readonly AxisSlice[]): boolean {
    const box = this.arriving.next(first);
    if (box) this.questions.push(box);
    return box !== undefined;
  }

  cut(): void {
    const box = this.questions.shift();
    if (!box) return;
    expect(isBoxOf(SHAPE, box)).toBe(true);
    this.packed.push({ kind: 'box', revision: this.history.length - 1, box, bytes: encodeLabelBox(this.host, box) });
  }

  post(which: number): void {
    if (this.packed.length > 0) this.wire.push(...this.packed.splice(which % this.packed.length, 1));
  }

  hear(): void {
    const message = this.wire.shift();
    if (message?.kind === 'change') {
      if (!this.arriving.isWhole) this.earlyChanges++;
      this.arriving.apply(message.revision, message.edit.runs);
    } else if (message) {
      if (message.revision < this.arriving.revision) this.lateBoxes++;
      this.arriving.receive(message.box, message.revision, message.bytes);
    }
  }

  /** Whether a slice is here; if it is, it is the host's at the revision that the other side knows of. */
  check({ axis, index }: AxisSlice): boolean {
    const { arriving } = this;
    if (!arriving.has({ axis, index })) return false;
    const [plane] = Object.values(PLANES).filter(({ normalAxis }) => normalAxis === axis);
    const here = [...arriving.labels.extractSlice(plane, index)];
    expect(here).toEqual([...this.history[arriving.revision].extractSlice(plane, index)]);
    return true;
  }
}

describe('labels that arrive box by box', () => {
  test('are the host’s wherever they are here, however boxes, answers and changes interleave', () => {
    const seen = { late: 0, early: 0, partly: 0, whole: 0 };
    fc.assert(
      fc.property(
        fc.array(paint, { maxLength: 4 }),
        fc.array(event, { minLength: 10, maxLength: 60, size: 'max' }),
        slice,
        (start, events, watched) => {
          const map = new LabelMap(SHAPE);
          for (const what of start) map.applyEdit(painted(map, what));
          const scene = new Scene(map);
          for (const next of events) {
            if (next.at === 'change') scene.change(next.paint);
            else if (next.at === 'ask') scene.ask(next.first);
            else if (next.at === 'cut') scene.cut();
            else if (next.at === 'post') scene.post(next.which);
            else scene.hear();
            if (scene.check(watched) && !scene.arriving.isWhole) seen.partly++;
          }
          while (!scene.arriving.isWhole) {
            scene.ask([]);
            scene.cut();
            scene.post(0);
            scene.hear();
          }
          while (scene.wire.length > 0) scene.hear();
          expect(scene.arriving.revision).toBe(scene.history.length - 1);
          expect(scene.arriving.take().read(0, VOXELS)).toEqual(scene.host.read(0, VOXELS));
          expect(scene.arriving.labels.count(0)).toBe(scene.host.count(0));
          seen.late += scene.lateBoxes;
          seen.early += scene.earlyChanges;
          seen.whole++;
        },
      ),
      { numRuns: 120 },
    );
    expect(seen.whole).toBe(120);
    expect(seen.late).toBeGreaterThan(20);
    expect(seen.early).toBeGreaterThan(100);
    expect(seen.partly).toBeGreaterThan(30);
  });

  test('what is on the screen comes first, and what is here is not asked for again', () => {
    const scene = new Scene(new LabelMap(SHAPE));
    const onScreen: AxisSlice[] = [
      { axis: 2, index: 20 },
      { axis: 0, index: 3 },
    ];
    scene.ask(onScreen);
    scene.ask(onScreen);
    expect(scene.questions).toEqual([
      { from: [0, 0, 16], to: [37, 20, 32] },
      { from: [0, 0, 0], to: [16, 20, 33] },
    ]);
    while (scene.ask(onScreen)) {}
    // What is left are the layers below and above, which do not touch; of what the sagittal slab has brought some is asked for twice.
    expect(scene.questions.slice(2)).toEqual([
      { from: [0, 0, 0], to: [37, 20, 16] },
      { from: [0, 0, 32], to: [37, 20, 33] },
    ]);
  });

  test('no box is larger than an answer may be, and together they are the volume', () => {
    const shape: Vec3 = [700, 900, 40];
    const arriving = new ArrivingLabels(shape, 0);
    const empty = encodeLabelBox(new LabelMap([1, 1, 1]), { from: [0, 0, 0], to: [1, 1, 1] });
    expect(empty.length).toBeLessThan(10);
    let boxes = 0;
    for (let box = arriving.next([]); box; box = arriving.next([])) {
      expect(isBoxOf(shape, box)).toBe(true);
      arriving.receive(box, 0, encodeLabelBox(new LabelMap(shape), box));
      boxes++;
    }
    expect(arriving.isWhole).toBe(true);
    // Layers of 16 slices are cut twice, the last one of 8 slices once.
    expect(boxes).toBe(4 + 4 + 2);
  });

  test('a long thin volume takes as few answers as can hold it', () => {
    const shape: Vec3 = [32, 32, 30_000];
    const arriving = new ArrivingLabels(shape, 0);
    const onScreen: AxisSlice[] = [{ axis: 2, index: 15_000 }];
    const boxes: VoxelBox[] = [];
    for (let box = arriving.next(onScreen); box; box = arriving.next(onScreen)) {
      expect(isBoxOf(shape, box)).toBe(true);
      arriving.receive(box, 0, encodeEmptyLabelBox(box));
      boxes.push(box);
    }
    expect(arriving.isWhole).toBe(true);
    // A box holds 4096 slices. The layer that was on the screen is not asked for twice.
    expect(boxes.map(({ from, to }) => [from[2], to[2]])).toEqual([
      [14_992, 15_008],
      [0, 4096],
      [4096, 8192],
      [8192, 12_288],
      [12_288, 14_992],
      [15_008, 19_104],
      [19_104, 23_200],
      [23_200, 27_296],
      [27_296, 30_000],
    ]);
  });

  test('a box without labels is written without a map, and reads as one of a map would', () => {
    const box: VoxelBox = { from: [3, 0, 16], to: [37, 20, 33] };
    expect(encodeEmptyLabelBox(box)).toEqual(encodeLabelBox(new LabelMap(SHAPE), box));
  });

  test('a box of one label takes a few bytes', () => {
    const map = new LabelMap([64, 64, 64]);
    map.fill(0, map.voxelCount, 3);
    expect(encodeLabelBox(map, { from: [16, 16, 16], to: [48, 48, 48] }).length).toBeLessThan(12);
  });

  test('what does not follow on what is known is refused', () => {
    const scene = new Scene(new LabelMap(SHAPE));
    const box = scene.arriving.next([]) as VoxelBox;
    const bytes = encodeLabelBox(scene.host, box);
    expect(() => scene.arriving.receive(box, 1, bytes)).toThrow(UnknownRevisionError);
    expect(() => scene.arriving.apply(2, [])).toThrow(UnknownRevisionError);
    scene.arriving.receive(box, 0, bytes);
    expect(() => scene.arriving.apply(1, [{ start: 0, length: 1, before: 4, after: 5 }])).toThrow(
      LabelEditMismatchError,
    );
  });

  test('damaged answers are refused', () => {
    const box: VoxelBox = { from: [0, 0, 0], to: [37, 20, 16] };
    const good = encodeLabelBox(new LabelMap(SHAPE), box);
    for (let length = 0; length < good.length; length++) {
      expect(() => new ArrivingLabels(SHAPE, 0).receive(box, 0, good.subarray(0, length))).toThrow(LabelMapFormatError);
    }
    expect(() => new ArrivingLabels(SHAPE, 0).receive(box, 0, Uint8Array.of(...good, 0))).toThrow(/goes on after/);
    expect(() => new ArrivingLabels(SHAPE, 0).receive({ ...box, to: [37, 20, 15] }, 0, good)).toThrow(/leaves the box/);
  });

  test.each<[string, VoxelBox]>([
    ['leaves the volume', { from: [0, 0, 0], to: [38, 1, 1] }],
    ['has no voxels', { from: [3, 0, 0], to: [3, 1, 1] }],
    ['begins before the volume', { from: [-1, 0, 0], to: [3, 1, 1] }],
    ['begins between voxels', { from: [0.5, 0, 0], to: [3, 1, 1] }],
  ])('a box that %s is none', (_what, box) => {
    expect(isBoxOf(SHAPE, box)).toBe(false);
  });

  test('a box that is too large for one answer is none', () => {
    expect(isBoxOf([512, 512, 300], { from: [0, 0, 0], to: [512, 512, 17] })).toBe(false);
    expect(isBoxOf([512, 512, 300], { from: [0, 0, 0], to: [512, 512, 16] })).toBe(true);
  });
});
