import { VoxelLoopError } from '../../errors.ts';
import type { PlaneName, SlicePlane } from '../../geometry/slice-plane.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import type { LabelMap, ReadonlyLabelMap } from '../../label/label-map.ts';
import { type LabelTable, sameLabelTable } from '../../label/table/label-table.ts';
import type { Proposal } from '../state/proposal.ts';
import { componentAt } from '../state/proposal-component.ts';
import type {
  ComponentTransition,
  ProposalComponentState,
  ProposalSliceState,
  SliceProvenance,
  SliceReviewState,
} from '../state/review.ts';
import { type SliceLook, SliceLooks } from '../state/slice-looks.ts';
import { sameProvenance } from '../state/slice-provenance.ts';
import { type DocumentEdit, invertDocumentEdit } from './document-edit.ts';
import { labelledSlices } from './labelled-slices.ts';

/** An edit was made on another state of the document than it is applied to. The document is as it was before. */
export class DocumentEditMismatchError extends VoxelLoopError {
  readonly code = 'document-edit-mismatch';

  constructor(what: string) {
    super(`This edit does not fit the document any more (${what}). Undo the latest edits or open the file again.`);
  }
}

/** A proposal does not belong to this document: it is on another grid, or has labels that the case has not. */
export class ProposalMismatchError extends VoxelLoopError {
  readonly code = 'proposal-mismatch';
}

export interface CaseDocumentInit {
  readonly planes: Readonly<Record<PlaneName, SlicePlane>>;
  /** The case is reviewed along the slices of this plane. */
  readonly reviewPlane: PlaneName;
  /** The map belongs to the document from now on. */
  readonly labels: LabelMap;
  readonly table: LabelTable;
  /** The states by slice along the review axis; without them all slices are unreviewed. */
  readonly review?: readonly SliceReviewState[];
  /** The provenance by slice; without it nothing is known. */
  readonly provenance?: readonly SliceProvenance[];
  /**
   * What is known of proposals from earlier sessions, as slice states by proposal id. Of two rejections on one slice
   * the later one comes later; a proposal may come twice, with other slices.
   */
  readonly proposalStates?: Iterable<readonly [id: string, states: ReadonlyMap<number, ProposalSliceState>]>;
  /** Structures of proposals from earlier sessions that were rejected, as first voxels by proposal id. */
  readonly rejectedComponents?: ReadonlyMap<string, readonly number[]>;
  /** Slices that were looked at in earlier sessions. */
  readonly looks?: Iterable<SliceLook>;
  /** The default is 0. */
  readonly revision?: number;
}

/** One revision step. `edit` is what was applied, which for an undo is the inverse of what the user once did. */
export interface DocumentStep {
  /** The revision after the step. */
  readonly revision: number;
  readonly edit: DocumentEdit;
}

/**
 * What one case is while it is open: label map, label table, review state of each slice, and the current proposal. It
 * changes only by `DocumentEdit`s (planned by the functions in `document-intents.ts`), each checked against the state
 * it was made on and applied as a whole or not at all; and by `setProposal` and `markShown`, which are no edits.
 *
 * Proposals are told apart by id. What became of the slices of an earlier proposal is remembered without its voxels, so
 * that undoing an old edit gives that proposal its slice back and leaves a newer one alone.
 *
 * The voxels of the current proposal that still wait are those of `proposedLabels` on slices that `isProposed`, where
 * the label map is background: a component that became labels waits no more, without anything else to remember.
 */
export class CaseDocument {
  readonly planes: Readonly<Record<PlaneName, SlicePlane>>;
  readonly reviewPlane: PlaneName;
  readonly #labels: LabelMap;
  readonly #review: SliceReviewState[];
  readonly #provenance: SliceProvenance[];
  /** Slices that are not named are pending. */
  readonly #proposalStates = new Map<string, Map<number, ProposalSliceState>>();
  /** The proposals that are rejected on each slice, the last one last. */
  readonly #rejections = new Map<number, readonly string[]>();
  /** States by proposal id and first voxel; a component that is not named is pending. */
  readonly #componentStates = new Map<string, Map<number, ProposalComponentState>>();
  readonly #looks: SliceLooks;
  readonly #listeners = new Set<(step: DocumentStep) => void>();
  #table: LabelTable;
  #proposal: Proposal | null = null;
  #proposedLabels: LabelMap | null = null;
  /** It is null where it was not computed since the proposal, or its components, changed. */
  #proposedSlices: ReadonlySet<number> | null = null;
  #revision: number;
  #firstRevision: number;

  constructor(init: CaseDocumentInit) {
    this.planes = init.planes;
    this.reviewPlane = init.reviewPlane;
    this.#labels = init.labels;
    this.#table = init.table;
    this.#revision = init.revision ?? 0;
    this.#firstRevision = this.#revision;
    this.#looks = new SliceLooks(init.looks);
    const slices = init.planes[init.reviewPlane].sliceCount;
    this.#review = init.review ? [...init.review] : new Array<SliceReviewState>(slices).fill('unreviewed');
    this.#provenance = init.provenance ? [...init.provenance] : Array.from({ length: slices }, () => ({}));
    if (this.#review.length !== slices || this.#provenance.length !== slices) {
      throw new RangeError(`The review of ${slices} slices has ${this.#review.length} states.`);
    }
    for (const [id, states] of init.proposalStates ?? []) {
      for (const [slice, state] of states) this.#setProposalState(id, slice, state);
    }
    for (const [id, firstVoxels] of init.rejectedComponents ?? []) {
      this.#componentStates.set(id, new Map(firstVoxels.map((voxel) => [voxel, 'rejected'])));
    }
  }

  /** It counts edits, undo and redo included. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Everything that was seen or drawn before this revision was of other labels: of a document that this one took the
   * place of.
   */
  get firstRevision(): number {
    return this.#firstRevision;
  }

  /** Makes this document take the place of `before`. It goes on counting, so that no revision stands for two states. */
  takePlaceOf(before: CaseDocument): void {
    this.#revision += before.#revision + 1;
    this.#firstRevision = this.#revision;
  }

  get labels(): ReadonlyLabelMap {
    return this.#labels;
  }

  get table(): LabelTable {
    return this.#table;
  }

  get reviewAxis(): VoxelAxis {
    return this.planes[this.reviewPlane].normalAxis;
  }

  get sliceCount(): number {
    return this.#review.length;
  }

  /** The states by slice along the review axis. */
  get review(): readonly SliceReviewState[] {
    return this.#review;
  }

  /** The provenance by slice along the review axis. */
  get provenance(): readonly SliceProvenance[] {
    return this.#provenance;
  }

  get proposal(): Proposal | null {
    return this.#proposal;
  }

  /** The labels of the current proposal without the components that were rejected. */
  get proposedLabels(): ReadonlyLabelMap | null {
    return this.#proposedLabels;
  }

  /** Lists the components of a proposal, current or not, that were rejected, by their first voxel, ascending. */
  rejectedComponents(id: string): readonly number[] {
    const states = [...(this.#componentStates.get(id) ?? [])];
    return states.flatMap(([voxel, state]) => (state === 'rejected' ? [voxel] : [])).sort((a, b) => a - b);
  }

  /** Says what became of a proposal, current or not, on one slice. */
  proposalState(id: string, slice: number): ProposalSliceState {
    return this.#proposalStates.get(id)?.get(slice) ?? 'pending';
  }

  /** Proposals, current or not, of which components were rejected. The one that was known first comes first. */
  get proposalsWithRejectedComponents(): readonly string[] {
    return [...this.#componentStates.keys()].filter((id) => this.rejectedComponents(id).length > 0);
  }

  /** Lists the proposals, current or not, that were rejected on a slice, in that order. */
  rejectedProposals(slice: number): readonly string[] {
    return this.#rejections.get(slice) ?? [];
  }

  /**
   * Returns the proposal, current or not, of which parts became labels on a slice and the rest still waits, if there is
   * one.
   */
  partialProposal(slice: number): string | undefined {
    if (this.#review[slice] !== 'edited') return undefined;
    return [...this.#proposalStates.keys()].find((id) => this.proposalState(id, slice) === 'partial');
  }

  /**
   * Says whether somebody has had the slice on the screen with what waits on it now. Labels that were drawn on it
   * since, in another plane say, do not make it a slice that nobody has looked at.
   */
  wasShown(slice: number): boolean {
    return this.#looks.has(slice, this.isProposed(slice) && this.#proposal ? this.#proposal.id : null);
  }

  /** All slices that were looked at, ascending. */
  get looks(): readonly SliceLook[] {
    return this.#looks.all;
  }

  /**
   * Notes that somebody has these slices on the screen. This is no edit: there is no revision, nothing to undo, nothing
   * to save by itself.
   * @param proposalId what is shown as proposed there; null where nothing is
   */
  markShown(slices: Iterable<number>, proposalId: string | null): void {
    for (const slice of slices) if (slice < this.sliceCount) this.#looks.mark(slice, proposalId);
  }

  /**
   * Says whether a proposal was turned down on the slice and nothing has come instead: no labels, no other proposal.
   */
  isRejected(slice: number): boolean {
    return this.#review[slice] === 'unreviewed' && !this.isProposed(slice) && this.rejectedProposals(slice).length > 0;
  }

  /**
   * Says whether the slice shows what the current proposal says: nobody has touched it, or only taken parts of that
   * over.
   */
  isProposed(slice: number): boolean {
    if (!this.#proposal) return false;
    const state = this.proposalState(this.#proposal.id, slice);
    return this.#review[slice] === 'edited'
      ? state === 'partial'
      : state === 'pending' && this.#review[slice] === 'unreviewed';
  }

  /**
   * Says whether the current proposal has a label on the slice. Where it waits and has none, it says that the slice is
   * empty.
   */
  proposesLabelsOn(slice: number): boolean {
    if (!this.#proposedLabels) return false;
    this.#proposedSlices ??= labelledSlices(this.#proposedLabels, this.reviewAxis);
    return this.#proposedSlices.has(slice);
  }

  /**
   * Replaces the current proposal. This is no edit: there is no revision, nothing to undo, nothing to save.
   * @param states what somebody else knows of its slices; what this document has seen happen to them itself counts more
   * @param rejectedComponents the same of its components, by their first voxel
   * @throws ProposalMismatchError
   */
  setProposal(
    proposal: Proposal | null,
    states: ReadonlyMap<number, ProposalSliceState> = new Map(),
    rejectedComponents: readonly number[] = [],
  ): void {
    if (proposal) {
      const { shape } = this.#labels;
      if (proposal.labels.shape.some((n, axis) => n !== shape[axis])) {
        throw new ProposalMismatchError(
          `The proposal of ${proposal.modelName} is for a volume of ${proposal.labels.shape.join(' x ')} voxels, and ` +
            `this one has ${shape.join(' x ')}. Predict again.`,
        );
      }
      if (proposal.uncertainty.length !== this.sliceCount) {
        throw new ProposalMismatchError(
          `The proposal of ${proposal.modelName} was made for another review axis. Predict again.`,
        );
      }
      checkProposalLabels(proposal, this.#table);
      for (const [slice, state] of states) {
        if (!this.#proposalStates.get(proposal.id)?.has(slice)) this.#setProposalState(proposal.id, slice, state);
      }
      if (rejectedComponents.length > 0) {
        const told = rejectedComponents.map((voxel) => [voxel, 'rejected'] as const);
        this.#componentStates.set(proposal.id, new Map([...told, ...(this.#componentStates.get(proposal.id) ?? [])]));
      }
    }
    this.#proposal = proposal;
    this.#proposedLabels = proposal ? proposal.labels.clone() : null;
    this.#proposedSlices = null;
    if (proposal) for (const voxel of this.rejectedComponents(proposal.id)) this.#showComponent(voxel, 'rejected');
  }

  /**
   * Applies `edit` if it was made on this state (for a redo: the edit that was undone last). Listeners hear of it. When
   * it throws, nothing has changed.
   * @throws DocumentEditMismatchError
   * @throws LabelEditMismatchError
   * @throws InvalidLabelEditError
   */
  apply(edit: DocumentEdit): DocumentStep {
    for (const { slice, before } of edit.review) {
      if (this.#review[slice] !== before) throw new DocumentEditMismatchError(`slice ${slice} is not ${before}`);
    }
    for (const { slice, before } of edit.provenance) {
      if (!this.#provenance[slice] || !sameProvenance(this.#provenance[slice], before)) {
        throw new DocumentEditMismatchError(`slice ${slice} has another history`);
      }
    }
    for (const { proposalId, slice, before } of edit.proposal) {
      // Only these edits are known of a proposal from before a restart, so the first one is believed.
      const known = this.#proposalStates.get(proposalId)?.get(slice);
      const current = known ?? (this.#proposal?.id === proposalId ? 'pending' : before);
      if (slice >= this.sliceCount || current !== before) {
        throw new DocumentEditMismatchError(`the proposal on slice ${slice} is not ${before}`);
      }
    }
    for (const { proposalId, firstVoxel, before } of edit.components ?? []) {
      const known = this.#componentStates.get(proposalId)?.get(firstVoxel);
      const current = known ?? (this.#proposal?.id === proposalId ? 'pending' : before);
      if (firstVoxel >= this.#labels.voxelCount || current !== before) {
        throw new DocumentEditMismatchError(`a component of the proposal is not ${before}`);
      }
    }
    if (edit.table && !sameLabelTable(this.#table, edit.table.before)) {
      throw new DocumentEditMismatchError('the labels are named otherwise');
    }
    const labelCount = (edit.table?.after ?? this.#table).length;
    if (edit.labels.runs.some((run) => run.after >= labelCount)) {
      throw new DocumentEditMismatchError('it uses a label that this case does not have');
    }
    this.#labels.applyEdit(edit.labels);
    for (const { slice, after } of edit.review) this.#review[slice] = after;
    for (const { slice, after } of edit.provenance) this.#provenance[slice] = after;
    for (const { proposalId, slice, after } of edit.proposal) this.#setProposalState(proposalId, slice, after);
    for (const transition of edit.components ?? []) this.#setComponentState(transition);
    if (edit.table) this.#table = edit.table.after;
    const step: DocumentStep = { revision: ++this.#revision, edit };
    for (const listener of [...this.#listeners]) listener(step);
    return step;
  }

  /** Takes `edit` back: it must be the last one that is still applied. Throws as `apply` does. */
  undo(edit: DocumentEdit): DocumentStep {
    return this.apply(invertDocumentEdit(edit));
  }

  /** Calls `listener` after every step until the returned function is called. */
  onStep(listener: (step: DocumentStep) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #setProposalState(id: string, slice: number, state: ProposalSliceState): void {
    setIn(this.#proposalStates, id, slice, state);
    const others = this.rejectedProposals(slice).filter((known) => known !== id);
    this.#rejections.set(slice, state === 'rejected' ? [...others, id] : others);
  }

  #setComponentState({ proposalId, firstVoxel, after }: ComponentTransition): void {
    setIn(this.#componentStates, proposalId, firstVoxel, after);
    if (this.#proposal?.id === proposalId) this.#showComponent(firstVoxel, after);
  }

  #showComponent(firstVoxel: number, state: ProposalComponentState): void {
    if (!this.#proposal || firstVoxel >= this.#labels.voxelCount) return;
    this.#proposedSlices = null;
    const label = state === 'rejected' ? 0 : this.#proposal.labels.get(firstVoxel);
    for (const { start, length } of componentAt(this.#proposal.labels, firstVoxel)) {
      this.#proposedLabels?.fill(start, length, label);
    }
  }
}

function setIn<K, V>(states: Map<string, Map<K, V>>, id: string, key: K, value: V): void {
  const known = states.get(id) ?? new Map<K, V>();
  known.set(key, value);
  states.set(id, known);
}

/**
 * A label can go (its creation undone) while a proposal that uses it stays: then the proposal cannot become labels.
 * @throws ProposalMismatchError
 */
export function checkProposalLabels(proposal: Proposal, table: LabelTable): void {
  if (proposal.labels.highestLabel >= table.length) {
    throw new ProposalMismatchError(
      `The proposal of ${proposal.modelName} uses a label that this case does not have. Add the label or predict again.`,
    );
  }
}
