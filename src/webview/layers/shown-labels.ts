import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { ReadonlyLabelMap } from '../../core/label/label-map.ts';
import type { LabelTable } from '../../core/label/table/label-table.ts';
import type { ViewState } from '../looking/view-state.ts';
import { type LabelPalette, labelPalette } from '../renderer/label-palette.ts';
import type { LabelLayer } from '../renderer/slice-renderer.ts';
import { LayerSource, type PendingProposal, pendingLayer } from './layer-source.ts';

/** The label map and the proposal as they are shown, extracted once per change. */
export class ShownLabels {
  readonly #labels = new LayerSource();
  readonly #proposal = new LayerSource();
  #palette: { readonly table: LabelTable; readonly view: ViewState; readonly palette: LabelPalette } | undefined;

  /** Labels, proposal or review states have changed. */
  invalidate(): void {
    this.#labels.invalidate();
    this.#proposal.invalidate();
  }

  labels(labels: ReadonlyLabelMap, plane: SlicePlane, slice: number): LabelLayer | undefined {
    return this.#labels.layer(labels, plane, slice);
  }

  /** The part of the proposal that waits. */
  proposal(replica: CaseReplica, plane: SlicePlane, slice: number, reviewPlane: SlicePlane): LabelLayer | undefined {
    const pending = pendingProposal(replica, reviewPlane);
    return pending && this.#proposal.pendingLayer(pending, plane, slice);
  }

  /** The palette stays the same object as long as the colours and the hidden labels are the same. */
  palette(table: LabelTable, view: ViewState): LabelPalette {
    const known = this.#palette;
    if (
      known?.table === table &&
      known.view.hiddenLabels === view.hiddenLabels &&
      known.view.labelsVisible === view.labelsVisible
    ) {
      return known.palette;
    }
    const palette = labelPalette(table, view.hiddenLabels, view.labelsVisible);
    this.#palette = { table, view, palette };
    return palette;
  }
}

/** The part of the proposal that waits on one slice along the review axis, even if another slice is shown. */
export function waitingOnSlice(replica: CaseReplica, reviewPlane: SlicePlane, slice: number): LabelLayer | undefined {
  const pending = pendingProposal(replica, reviewPlane);
  return pending && pendingLayer(pending, reviewPlane, slice);
}

function pendingProposal(replica: CaseReplica, reviewPlane: SlicePlane): PendingProposal | undefined {
  const { proposedLabels, labels } = replica;
  if (!proposedLabels) return undefined;
  return { proposed: proposedLabels, labels, reviewPlane, isPending: (slice) => replica.isProposed(slice) };
}

/** The label at a voxel, and whether it is only proposed. */
export function labelAt(
  replica: CaseReplica,
  voxel: Vec3,
  reviewPlane: SlicePlane,
): { readonly label: number; readonly proposed: boolean } {
  const [nx, ny] = replica.labels.shape;
  const offset = voxel[0] + nx * (voxel[1] + ny * voxel[2]);
  const label = replica.labels.get(offset);
  const { proposedLabels } = replica;
  if (label === 0 && proposedLabels && replica.isProposed(voxel[reviewPlane.normalAxis])) {
    const proposed = proposedLabels.get(offset);
    return { label: proposed, proposed: proposed > 0 };
  }
  return { label, proposed: false };
}
