import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import { differingVoxels, disagreementPixels, openDisagreements } from '../../core/case/document/disagreement.ts';
import type { PlaneName, SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import type { LabelMap } from '../../core/label/label-map.ts';
import type { CaseAgreement } from '../../core/metrics/agreement.ts';
import type { SecondReviewerSummary } from '../../core/protocol/editor-contract.ts';
import type { LabelLayer } from '../renderer/slice-renderer.ts';

/** The host answers these questions about a second reviewer's labels. */
interface SecondReviewHost {
  /** Fetches all of them; the result is undefined if they are not wanted any more. */
  secondReviewerLabels(id: string): Promise<LabelMap | undefined>;
  agreement(): Promise<CaseAgreement>;
}

/** The agreement of the two is being asked for, known for the labels as they were then, or not available. */
export type AgreementState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'known'; readonly agreement: CaseAgreement; readonly isCurrent: boolean }
  | { readonly kind: 'failed' };

interface ShownLayer {
  readonly slice: number;
  readonly layer: LabelLayer;
}

/**
 * Holds a second reviewer's labels beside the document's: where the two differ, and which slices are decided. It knows
 * no DOM.
 */
export class SecondReview {
  #summary: SecondReviewerSummary | null = null;
  #labels: LabelMap | undefined;
  /**
   * The numbers of differing voxels by slice along the review axis, for the labels as they are now. They are undefined
   * until they are counted.
   */
  #counts: readonly number[] | undefined;
  #agreement: AgreementState = { kind: 'asking' };
  readonly #layers = new Map<PlaneName, ShownLayer>();

  constructor(
    private readonly host: SecondReviewHost,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The summary that the host sent last. */
  get summary(): SecondReviewerSummary | null {
    return this.#summary;
  }

  /**
   * The host shows other labels or none, or a slice was decided.
   */
  show(summary: SecondReviewerSummary | null): void {
    const isOther = summary?.id !== this.#summary?.id;
    this.#summary = summary;
    if (isOther) {
      this.#labels = undefined;
      this.#agreement = { kind: 'asking' };
      this.invalidate(true);
    }
    this.changed();
  }

  /** Fetches the labels if they are not here. */
  async load(): Promise<void> {
    const id = this.#summary?.id;
    if (id === undefined || this.#labels) return;
    try {
      const labels = await this.host.secondReviewerLabels(id);
      if (!labels || this.#summary?.id !== id) return;
      this.#labels = labels;
      this.invalidate(true);
      this.changed();
      await this.compare();
    } catch (error) {
      if (this.#summary?.id === id) this.failed(error);
    }
  }

  /** Asks the host how far the two agree, with the labels as they are now. */
  async compare(): Promise<void> {
    const id = this.#summary?.id;
    this.#agreement = { kind: 'asking' };
    this.changed();
    let state: AgreementState;
    try {
      state = { kind: 'known', agreement: await this.host.agreement(), isCurrent: true };
    } catch (error) {
      state = { kind: 'failed' };
      this.failed(error);
    }
    if (this.#summary?.id !== id) return;
    this.#agreement = state;
    this.changed();
  }

  /** The document's labels have changed. @param forGood false during a stroke, which is not counted yet */
  invalidate(forGood: boolean): void {
    this.#layers.clear();
    if (!forGood) return;
    this.#counts = undefined;
  }

  /** The document was edited, so the measured agreement is an old one. */
  edited(): void {
    this.invalidate(true);
    if (this.#agreement.kind === 'known') this.#agreement = { ...this.#agreement, isCurrent: false };
  }

  get agreement(): AgreementState {
    return this.#agreement;
  }

  /** The numbers of differing voxels by slice along `axis`; they are undefined until the voxels are here. */
  counts(replica: CaseReplica, axis: VoxelAxis): readonly number[] | undefined {
    if (!this.#labels) return undefined;
    this.#counts ??= differingVoxels(replica.labels, this.#labels, axis);
    return this.#counts;
  }

  isAdjudicated(slice: number): boolean {
    return this.#summary?.adjudicated.includes(slice) ?? false;
  }

  /** The slices to decide, those with most differing voxels first; they are undefined until the voxels are here. */
  open(replica: CaseReplica, axis: VoxelAxis): readonly number[] | undefined {
    const counts = this.counts(replica, axis);
    return counts && openDisagreements(counts, (slice) => this.isAdjudicated(slice));
  }

  /**
   * The places where the two differ on a slice (see `disagreementPixels`). The object stays the same as long as nothing
   * changes.
   */
  layer(replica: CaseReplica, plane: SlicePlane, slice: number): LabelLayer | undefined {
    if (!this.#labels) return undefined;
    const known = this.#layers.get(plane.name);
    if (known?.slice === slice) return known.layer;
    const data = disagreementPixels(replica.labels.extractSlice(plane, slice), this.#labels.extractSlice(plane, slice));
    const layer = { columns: plane.columns, rows: plane.rows, data };
    this.#layers.set(plane.name, { slice, layer });
    return layer;
  }
}

/**
 * The worst undecided slice. Where the user was sent to `visited` and is still there, it is the one after that, round
 * and round.
 */
export function nextDisagreement(open: readonly number[], visited: number | undefined): number | undefined {
  const at = visited === undefined ? -1 : open.indexOf(visited);
  return open[(at + 1) % Math.max(1, open.length)];
}
