import * as fc from 'fast-check';
import { CaseDocument } from '../../src/core/cohort/case-document.ts';
import type { Proposal } from '../../src/core/cohort/proposal.ts';
import type { PlaneName } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { type LabelTable, labelTableFrom } from '../../src/core/label/label-table.ts';
import type { BrushStroke } from '../../src/core/label/stroke.ts';
import type { ReviewAction } from '../../src/core/protocol/editor-contract.ts';
import { denseLabels, type Planes, planeName, planesOf, strokeOn } from './case-arbitraries.ts';

export const SHAPE: Vec3 = [11, 9, 7];
export const SIZE = 11 * 9 * 7;
export const TABLE: LabelTable = labelTableFrom([
  { value: 1, name: 'liver' },
  { value: 2, name: 'tumour' },
]);

export type Action =
  | { readonly kind: 'stroke'; readonly stroke: BrushStroke }
  | { readonly kind: 'review'; readonly action: ReviewAction; readonly anySlice: number }
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

export function actionIn(planes: Planes): fc.Arbitrary<Action> {
  const action = fc.constantFrom<ReviewAction>(
    'accept-slice',
    'accept-all',
    'reject-slice',
    'reject-all',
    'unaccept-slice',
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('stroke' as const), stroke: strokeOn(planes, 3) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('review' as const), action, anySlice: fc.nat(1000) }),
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
export function visible(document: Pick<CaseDocument, 'labels' | 'review' | 'isProposed' | 'table'>) {
  return {
    labels: [...document.labels.read(0, SIZE)],
    review: [...document.review],
    proposed: document.review.map((_, slice) => document.isProposed(slice)),
    labelNames: document.table.map((entry) => entry.name),
  };
}
