import type { SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { AxisSlice } from '../../core/label/arriving-labels.ts';
import type { LabelTable } from '../../core/label/table/label-table.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import { labelAt, ShownLabels } from '../layers/shown-labels.ts';
import type { OpenEditor } from '../looking/open-editor.ts';
import { activePlane, planesOf, shownPanes } from '../looking/pane-layout.ts';
import { shownSlice, type ViewState } from '../looking/view-state.ts';
import type { LabelPalette } from '../renderer/label-palette.ts';
import type { LabelLayer } from '../renderer/slice-renderer.ts';
import type { SliceStatus } from '../reviewing/review-summary.ts';
import type { SecondReview } from '../reviewing/second-review.ts';
import type { DocumentPhase } from '../session/document-phase.ts';
import { type ImageSupply, NOTHING_KNOWN, type ShownWindow } from '../slices/image-supply.ts';
import { labelTableOf, proposedWithLabelsOf, statusesOf, waitingOf } from './document-facts.ts';

/** Holds what can be seen of a document: its facts, and the image and labels on the slices that are shown. */
export abstract class ShownDocument {
  protected readonly shownLabels = new ShownLabels();
  protected images: ImageSupply | undefined;
  abstract readonly secondReview: SecondReview;
  abstract get phase(): DocumentPhase;
  /** The view of the document; it is undefined until the document is open. */
  protected abstract get view(): ViewState | undefined;

  /** The document and its view; they are undefined until it is open. */
  get open(): OpenEditor | undefined {
    const { phase, view } = this;
    if (phase.kind !== 'open' || !view) return undefined;
    return { snapshot: phase.snapshot, planes: phase.planes, view };
  }

  get labelTable(): LabelTable {
    return labelTableOf(this.phase);
  }

  /** The statuses by slice along the review axis. */
  get statuses(): readonly SliceStatus[] {
    return statusesOf(this.phase);
  }

  /**
   * Tells by slice along the review axis whether something of the proposal waits there, even beside what was taken
   * over.
   */
  get waiting(): readonly boolean[] {
    return waitingOf(this.phase);
  }

  /**
   * Tells by slice along the review axis whether the proposal has a label there. If it waits on a slice without one, it
   * says that the slice is empty.
   */
  get proposedWithLabels(): readonly boolean[] {
    return proposedWithLabelsOf(this.phase);
  }

  /** The uncertainty of the proposal by slice along the review axis, from 0 up; it is undefined without a proposal. */
  get uncertainty(): readonly number[] | undefined {
    const { phase } = this;
    return phase.kind === 'open' ? phase.snapshot.proposal?.uncertainty : undefined;
  }

  /** The window that is shown, and the size of a big step of it. */
  get window(): ShownWindow {
    const { view } = this;
    return (view && this.images?.window(view)) ?? NOTHING_KNOWN;
  }

  /**
   * The reason, as a sentence, why nothing in the image can be labelled; it is undefined if something can, or nothing
   * is known yet.
   */
  get unusable(): string | undefined {
    return this.window.findings.find(({ isUnusable }) => isUnusable)?.sentence;
  }

  /** The image slice that `plane` shows, if it is here. */
  image(plane: SlicePlane): SliceImage | undefined {
    return this.view && this.images?.image(this.view, plane);
  }

  /** Tells whether the image slice that `plane` shows could not be read. */
  hasFailed(plane: SlicePlane): boolean {
    return this.view !== undefined && this.images?.hasFailed(this.view, plane) === true;
  }

  /** The labels that `plane` shows; they are undefined until those of its slice are here. */
  labels(plane: SlicePlane): LabelLayer | undefined {
    const { phase, view } = this;
    if (phase.kind !== 'open' || !view) return undefined;
    const slice = shownSlice(view, plane);
    if (phase.replica) return this.shownLabels.labels(phase.replica.labels, plane, slice);
    const { arriving } = phase;
    if (!arriving?.has({ axis: plane.normalAxis, index: slice })) return undefined;
    return this.shownLabels.labels(arriving.labels, plane, slice);
  }

  /** The waiting part of the proposal that `plane` shows. */
  proposal(plane: SlicePlane): LabelLayer | undefined {
    const { phase, view } = this;
    if (phase.kind !== 'open' || !phase.replica || !view) return undefined;
    const { replica, planes, snapshot } = phase;
    return this.shownLabels.proposal(replica, plane, shownSlice(view, plane), planes[snapshot.reviewPlane]);
  }

  /** The places where the second reviewer differs on the slice that `plane` shows. */
  disagreement(plane: SlicePlane): LabelLayer | undefined {
    const { phase, view } = this;
    if (phase.kind !== 'open' || !phase.replica || !view?.labelsVisible) return undefined;
    return this.secondReview.layer(phase.replica, plane, shownSlice(view, plane));
  }

  /** The colours of the labels as `view` shows them. */
  palette(view: ViewState): LabelPalette {
    return this.shownLabels.palette(this.labelTable, view);
  }

  /** The label at a voxel, and whether it is only proposed; it is undefined until the labels are here. */
  labelAt(voxel: Vec3): { readonly label: number; readonly proposed: boolean } | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica) return undefined;
    return labelAt(phase.replica, voxel, phase.planes[phase.snapshot.reviewPlane]);
  }

  /** The slice along the review axis that is shown; it is undefined until the document is open. */
  get reviewSlice(): number | undefined {
    const { open } = this;
    return open && shownSlice(open.view, open.planes[open.snapshot.reviewPlane]);
  }

  /** The slices on the screen, that of the active plane first. */
  protected get slicesOnScreen(): AxisSlice[] {
    const { open } = this;
    if (!open) return [];
    const names = planesOf(shownPanes(open.view));
    const active = activePlane(open.view);
    const planes = [...names.filter((name) => name === active), ...names.filter((name) => name !== active)];
    return planes.map((name) => {
      const plane = open.planes[name];
      return { axis: plane.normalAxis, index: shownSlice(open.view, plane) };
    });
  }
}
