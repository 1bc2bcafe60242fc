import { CaseDocument } from '../../src/core/case/document/case-document.ts';
import { planReview } from '../../src/core/case/document/review-intents.ts';
import type { Proposal } from '../../src/core/case/state/proposal.ts';
import { forEachSliceRange } from '../../src/core/case/state/slice-pieces.ts';
import type { VoxelGrid } from '../../src/core/geometry/grid.ts';
import { slicePlanes } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3, VoxelAxis } from '../../src/core/geometry/vector.ts';
import { RunCollector } from '../../src/core/label/label-edit-builder.ts';
import { LabelMap, type ReadonlyLabelMap } from '../../src/core/label/label-map.ts';
import type { LabelTable } from '../../src/core/label/table/label-table.ts';
import { nearestDistancesMm } from '../../src/core/metrics/nearest-distances.ts';
import { quantile } from '../../src/core/metrics/quantile.ts';

/** What came of one slice. */
export interface ReviewedSlice {
  readonly slice: number;
  /** The truth shows a label. */
  readonly isForeground: boolean;
  /** Neither the truth nor the proposal shows a label. */
  readonly isEmpty: boolean;
  readonly isAcceptedUnchanged: boolean;
  /** Voxels in which the proposal is not the truth. */
  readonly wrongVoxels: number;
  /** Labelled voxels of the truth: what drawing by hand would take. */
  readonly trueVoxels: number;
}

/** A slice of a case with labels, `[rows][columns]` of them flat, columns fastest. */
interface LabelSlice {
  readonly labels: Uint16Array;
  readonly columns: number;
  readonly spacingMm: readonly [column: number, row: number];
}

/**
 * Plays a person who knows the truth: looks at a slice of the proposal, accepts it as it is where every label's contours
 * are near enough to the true ones, else corrects it to the truth voxel by voxel. What is done are the product's own edits.
 */
export class SimulatedAnnotator {
  readonly document: CaseDocument;
  readonly #truth: ReadonlyLabelMap;
  readonly #proposal: ReadonlyLabelMap;
  readonly #grid: VoxelGrid;

  /**
   * @param truth in the labels of `table`, as the proposal is
   * @param tolerance the most that the 95th percentile of the distances between a label's contours may be, in mm
   */
  constructor(
    grid: VoxelGrid,
    axis: VoxelAxis,
    table: LabelTable,
    truth: ReadonlyLabelMap,
    proposal: Proposal,
    private readonly toleranceMm: number,
  ) {
    const planes = slicePlanes(grid, 'radiological');
    const plane = Object.values(planes).find(({ normalAxis }) => normalAxis === axis);
    if (!plane) throw new Error(`No plane is sliced along axis ${axis}.`);
    this.document = new CaseDocument({ planes, reviewPlane: plane.name, labels: new LabelMap(grid.shape), table });
    this.document.setProposal(proposal);
    this.#truth = truth;
    this.#proposal = proposal.labels;
    this.#grid = grid;
  }

  /** Reviews one slice; it is accepted afterwards, and right, or near enough. */
  review(slice: number, when: string): ReviewedSlice {
    const { document } = this;
    const shown = this.#slice(this.#proposal, slice);
    const actual = this.#slice(this.#truth, slice);
    const wrongVoxels = shown.labels.reduce((sum, label, at) => sum + (label === actual.labels[at] ? 0 : 1), 0);
    const trueVoxels = actual.labels.reduce((sum, label) => sum + (label === 0 ? 0 : 1), 0);
    const isAcceptedUnchanged = document.table
      .slice(1)
      .every((_, index) => contourDistanceMm(shown, actual, index + 1) <= this.toleranceMm);
    document.markShown([slice], document.proposal?.id ?? null);
    const accepted = planReview(document, { action: 'accept-slices', from: slice, to: slice }, { when });
    if (accepted) document.apply(accepted);
    if (!isAcceptedUnchanged) this.#correct(slice);
    return {
      slice,
      wrongVoxels,
      trueVoxels,
      isAcceptedUnchanged,
      isForeground: trueVoxels > 0,
      isEmpty: trueVoxels === 0 && shown.labels.every((label) => label === 0),
    };
  }

  #correct(slice: number): void {
    const { document } = this;
    const runs = new RunCollector();
    forEachSliceRange(this.#grid.shape, document.reviewAxis, slice, (start, length) => {
      for (let at = start; at < start + length; at++) {
        const [before, after] = [document.labels.get(at), this.#truth.get(at)];
        if (before !== after) runs.add(at, 1, before, after);
      }
    });
    document.apply({ title: 'Paint', labels: runs.finish(), review: [], provenance: [], proposal: [] });
  }

  #slice(map: ReadonlyLabelMap, slice: number): LabelSlice {
    const { shape, spacingMm } = this.#grid;
    const axis = this.document.reviewAxis;
    const inPlane = ([0, 1, 2] as const).filter((other) => other !== axis);
    const [columnAxis, rowAxis] = inPlane as unknown as readonly [VoxelAxis, VoxelAxis];
    const labels = new Uint16Array(shape[columnAxis] * shape[rowAxis]);
    let at = 0;
    // Offsets ascend, so the axis that is nearer to i is the faster one.
    forEachSliceRange(shape, axis, slice, (start, length) => {
      for (let offset = start; offset < start + length; offset++) labels[at++] = map.get(offset);
    });
    return { labels, columns: shape[columnAxis], spacingMm: [spacingMm[columnAxis], spacingMm[rowAxis]] };
  }
}

/**
 * The 95th percentile of the distances from each contour pixel of a label to the nearest one of the other mask, both ways,
 * the larger counts; 0 where neither shows the label, infinite where one does. A contour pixel has one of its four
 * neighbours outside the mask.
 */
export function contourDistanceMm(a: LabelSlice, b: LabelSlice, label: number): number {
  const shape: Vec3 = [a.columns, a.labels.length / a.columns, 1];
  const [contourA, contourB] = [a, b].map(({ labels, columns }) => contourOf(labels, columns, label)) as [
    Uint8Array,
    Uint8Array,
  ];
  const [shownA, shownB] = [contourA.includes(1), contourB.includes(1)];
  if (!shownA && !shownB) return 0;
  if (!shownA || !shownB) return Number.POSITIVE_INFINITY;
  const spacingMm: Vec3 = [a.spacingMm[0], a.spacingMm[1], 1];
  return Math.max(
    quantile(nearestDistancesMm(contourA, contourB, shape, spacingMm).sort(), 0.95),
    quantile(nearestDistancesMm(contourB, contourA, shape, spacingMm).sort(), 0.95),
  );
}

function contourOf(labels: Uint16Array, columns: number, label: number): Uint8Array {
  const rows = labels.length / columns;
  const isIn = (column: number, row: number) =>
    column >= 0 && row >= 0 && column < columns && row < rows && labels[column + columns * row] === label;
  return Uint8Array.from(labels, (value, at) => {
    if (value !== label) return 0;
    const [column, row] = [at % columns, Math.floor(at / columns)];
    const inside = isIn(column - 1, row) && isIn(column + 1, row) && isIn(column, row - 1) && isIn(column, row + 1);
    return inside ? 0 : 1;
  });
}
