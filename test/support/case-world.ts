import * as fc from 'fast-check';
import { CaseDocument } from '../../src/core/case/document/case-document.ts';
import type { ReviewIntent } from '../../src/core/case/document/document-schemas.ts';
import type { Proposal } from '../../src/core/case/state/proposal.ts';
import type { PlaneName } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { type LabelTable, labelTableFrom } from '../../src/core/label/table/label-table.ts';
import type { Gesture } from '../../src/core/tools/known-tools.ts';
import { denseLabels, gestureOn, type Planes, planeName, planesOf } from './case-arbitraries.ts';

export const SHAPE: Vec3 = [11, 9, 7];
export const SIZE = 11 * 9 * 7;
export const TABLE: LabelTable = labelTableFrom([
  { value: 1, name: 'liver' },
  { value: 2, name: 'tumour' },
]);

export type Action =
  | { readonly kind: 'stroke'; readonly stroke: Gesture }
  | { readonly kind: 'review'; readonly ask: (document: CaseDocument) => ReviewIntent }
  | { readonly kind: 'propose'; readonly labels: Uint8Array | null }
  | { readonly kind: 'label' }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' };

export interface World {
  readonly planes: Planes;
  readonly reviewPlane: PlaneName;
  readonly labels: Uint8Array;
}

export const world: fc.Arbitrary<World> = fc.record({
  planes: planesOf(SHAPE),
  reviewPlane: planeName,
  labels: denseLabels(SHAPE, 2).map((labels) => Uint8Array.from(labels)),
});

/** A decision about one slice, some or all of them, or about a structure. */
const reviewIntent: fc.Arbitrary<(document: CaseDocument) => ReviewIntent> = fc
  .record({
    action: fc.constantFrom('accept-slices' as const, 'reject-slices' as const, 'unaccept-slices' as const),
    structure: fc.constantFrom('accept-component' as const, 'reject-component' as const, 'accept-label' as const),
    isStructure: fc.boolean(),
    extent: fc.constantFrom('one', 'one', 'one', 'some', 'all'),
    first: fc.nat(1000),
    more: fc.nat(3),
    isAnywhere: fc.nat(4).map((n) => n === 0),
    at: fc.nat(SIZE - 1),
    label: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ action, structure, isStructure, extent, first, more, isAnywhere, at, label }) => (document: CaseDocument) => {
    const { sliceCount } = document;
    if (isStructure) {
      if (structure === 'accept-label') return { action: structure, label };
      const waiting = isAnywhere ? [] : waitingVoxels(document);
      const offset = waiting.length > 0 ? waiting[at % waiting.length] : at;
      return { action: structure, voxel: voxelAt(offset) };
    }
    if (extent === 'all') return { action, from: 0, to: sliceCount - 1 };
    const from = first % sliceCount;
    return { action, from, to: extent === 'one' ? from : Math.min(from + more, sliceCount - 1) };
  });

function voxelAt(offset: number): Vec3 {
  const [nx, ny] = SHAPE;
  return [offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny))];
}

function waitingVoxels(document: CaseDocument): number[] {
  const proposed = document.proposedLabels?.read(0, SIZE) ?? [];
  const labels = document.labels.read(0, SIZE);
  return [...proposed].flatMap((label, at) =>
    label > 0 && labels[at] === 0 && document.isProposed(voxelAt(at)[document.reviewAxis]) ? [at] : [],
  );
}

export function actionIn(planes: Planes): fc.Arbitrary<Action> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('stroke' as const), stroke: gestureOn(planes, 3) }) },
    {
      weight: 7,
      arbitrary: reviewIntent.map((ask): Action => ({ kind: 'review', ask })),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('propose' as const),
        labels: fc.option(
          denseLabels(SHAPE, 2).map((labels) => Uint8Array.from(labels)),
          { freq: 6 },
        ),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Action>({ kind: 'label' }) },
    { weight: 3, arbitrary: fc.constant<Action>({ kind: 'undo' }) },
    { weight: 2, arbitrary: fc.constant<Action>({ kind: 'redo' }) },
  );
}

export function documentOf({ planes, reviewPlane, labels }: World): CaseDocument {
  return new CaseDocument({ planes, reviewPlane, labels: LabelMap.fromDense(SHAPE, labels), table: TABLE });
}

export function proposalOf(id: string, labels: Uint8Array, sliceCount: number): Proposal {
  return {
    id,
    modelVersion: Number(id),
    modelName: `model ${id}`,
    labels: LabelMap.fromDense(SHAPE, labels),
    uncertainty: new Float32Array(sliceCount),
  };
}

/** All that a user can see of a document. */
export function visible(document: Pick<CaseDocument, 'labels' | 'review' | 'isProposed' | 'table' | 'proposedLabels'>) {
  return {
    labels: [...document.labels.read(0, SIZE)],
    review: [...document.review],
    proposed: document.review.map((_, slice) => document.isProposed(slice)),
    proposal: document.proposedLabels && [...document.proposedLabels.read(0, SIZE)],
    labelNames: document.table.map((entry) => entry.name),
  };
}
