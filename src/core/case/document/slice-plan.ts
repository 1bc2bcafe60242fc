import type { LabelEdit } from '../../label/label-edit.ts';
import type {
  ComponentTransition,
  ProposalSliceState,
  ProposalTransition,
  ProvenanceTransition,
  ReviewTransition,
  SliceProvenance,
} from '../state/review.ts';
import { sameProvenance } from '../state/slice-provenance.ts';
import type { CaseDocument } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';

/** Collects what an edit does to slices and to the proposal, with the states they have now as `before`. */
export class SlicePlan {
  readonly #review: ReviewTransition[] = [];
  readonly #provenance: ProvenanceTransition[] = [];
  readonly #proposal: ProposalTransition[] = [];
  readonly #components: ComponentTransition[] = [];

  constructor(private readonly document: CaseDocument) {}

  /** Sets a slice's state. It may be called at most once per slice. */
  review(slice: number, after: ReviewTransition['after'], provenance: SliceProvenance): void {
    const before = this.document.review[slice];
    if (before !== after) this.#review.push({ slice, before, after });
    const known = this.document.provenance[slice];
    if (!sameProvenance(known, provenance)) this.#provenance.push({ slice, before: known, after: provenance });
  }

  /** Moves the proposal on a slice. It may be called only for slices that show as proposed, and at most once each. */
  moveProposal(slice: number, after: ProposalSliceState): void {
    const { proposal } = this.document;
    if (!proposal) return;
    const before = this.document.proposalState(proposal.id, slice);
    if (before !== after) this.#proposal.push({ proposalId: proposal.id, slice, before, after });
  }

  /** Rejects a component that is not rejected yet. */
  rejectComponent(firstVoxel: number): void {
    const { proposal } = this.document;
    if (!proposal) return;
    this.#components.push({ proposalId: proposal.id, firstVoxel, before: 'pending', after: 'rejected' });
  }

  parts(title: string, labels: LabelEdit): DocumentEdit {
    return {
      title,
      labels,
      review: this.#review,
      provenance: this.#provenance,
      proposal: this.#proposal,
      ...(this.#components.length > 0 && { components: this.#components }),
    };
  }

  /** Returns the edit. It is null if nothing at all would change. */
  edit(title: string, labels: LabelEdit): DocumentEdit | null {
    const transitions = [this.#review, this.#provenance, this.#proposal, this.#components];
    const isEmpty = labels.runs.length === 0 && transitions.every(({ length }) => length === 0);
    return isEmpty ? null : this.parts(title, labels);
  }
}
