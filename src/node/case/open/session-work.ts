import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { CaseDocument } from '../../../core/case/document/case-document.ts';
import type { LoggedEdit } from '../../../core/case/document/edit-log.ts';
import { relabelForCase } from '../../../core/case/document/relabel-proposal.ts';
import type { Proposal } from '../../../core/case/state/proposal.ts';
import { changesAgainst, type ProposalChange, type SliceFigures } from '../../../core/case/state/slice-figures.ts';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { type CaseRecord, withFigures } from '../../../core/cohort/records/case-record.ts';
import type { Arrival } from '../../../core/cohort/records/saved-state.ts';
import {
  type HistoryEntry,
  historyOfSlice,
  historySince,
  touchedSlices,
} from '../../../core/cohort/records/slice-history.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { PROPOSAL_ENDING } from '../../cohort/proposals/proposal-file.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import type { LabelFiles } from './load-case.ts';
import type { WorkWitness } from './work-witness.ts';

/** A save adds this to what is known of the work on a case. */
export interface SavedWork {
  /** The record of the state that is saved, with its figures. */
  readonly record: CaseRecord;
  /** The name of the person who saves. */
  readonly who: string | undefined;
  /** The save adds these lines to the history of that person. */
  readonly history: readonly HistoryEntry[];
  /** Is called when all of it is written. */
  written(): void;
}

/**
 * Knows of the work on one case what its document does not hold: figures by slice, history, time. It is measured when
 * the case is saved, so that undo never touches it.
 */
export class SessionWork {
  #figures: readonly SliceFigures[] = [];
  #arrival: { readonly how: Arrival; readonly when: string } = { how: 'as-saved', when: '' };

  /**
   * @param proposals reads proposals, not on the caller's thread
   * @param warn writes to the log
   */
  constructor(
    private readonly files: Pick<CaseFiles, 'id' | 'labels' | 'reviewer'>,
    private readonly store: CohortStore,
    private readonly witness: WorkWitness,
    private readonly proposals: () => Pick<LabelFiles, 'readProposal'>,
    private readonly warn: (message: string, error: unknown) => void,
  ) {}

  /** The session has read the case. */
  loaded(figures: readonly SliceFigures[], how: Arrival): void {
    this.#figures = figures;
    this.#arrival = { how, when: new Date().toISOString() };
  }

  /** The active seconds that no save has counted, for hot exit. */
  get uncounted(): [slice: number, seconds: number][] {
    return [...this.witness.uncountedSeconds(this.files.labels)].map(([slice, seconds]) => [slice, tenths(seconds)]);
  }

  broughtBack(seconds: readonly (readonly [slice: number, seconds: number])[]): void {
    this.witness.broughtBack(this.files.labels, new Map(seconds));
  }

  /**
   * This must be called when the state to save is taken: it looks at the document at once, and measures what it saw
   * afterwards.
   * @param steps the steps since the last save
   * @param record the record of the document as it is
   */
  async measure(document: CaseDocument, steps: readonly LoggedEdit[], record: CaseRecord): Promise<SavedWork> {
    const savedAt = new Date().toISOString();
    const touched = new Set(steps.flatMap(({ edit }) => touchedSlices(edit)));
    const spent = new Map(
      [...this.witness.uncountedSeconds(this.files.labels)].filter(([slice]) => touched.has(slice)),
    );
    const { proposal, table, reviewAxis } = document;
    const compared = slicesByProposal(document, touched);
    // The clone shares its voxels with the document until either changes.
    const labels = document.labels.clone();
    const arrival = this.#arrivalEntries(document.sliceCount);

    const who = await this.witness.reviewerName(this.store.root);
    const changes = new Map<number, ProposalChange>();
    for (const [id, slices] of compared) {
      const known = proposal?.id === id ? { proposal, table } : await this.#proposalOnDisk(id, table, labels);
      if (!known) continue;
      // Along i, one pass over everything takes all slices. Otherwise each slice is a pass of its own, and others have
      // their turn in between.
      const passes = reviewAxis === 0 ? [slices] : [...slices].map((slice) => new Set([slice]));
      for (const pass of passes) {
        for (const each of changesAgainst(known.proposal, labels, known.table, reviewAxis, pass)) changes.set(...each);
        await setImmediate();
      }
    }
    const figures = record.slices.map((_, slice): SliceFigures => {
      if (!touched.has(slice)) return this.#figures[slice] ?? {};
      const seconds = tenths((this.#figures[slice]?.seconds ?? 0) + (spent.get(slice) ?? 0));
      const change = changes.get(slice);
      return { ...(seconds > 0 && { seconds }), ...(change && { change }) };
    });
    const context = { ...(who !== undefined && { who }), savedAt, proposal, figures: newFigures(spent, changes) };
    return {
      record: withFigures(record, figures),
      who,
      history: [...arrival, ...historySince(steps, context)],
      written: () => {
        this.#figures = figures;
        this.#arrival = { how: 'as-saved', when: savedAt };
        this.witness.counted(this.files.labels, spent);
      },
    };
  }

  /**
   * Reads what happened to a slice, the oldest first; what the next save will add is marked.
   * @throws FileAccessError
   */
  async historyOf(
    document: CaseDocument,
    steps: readonly LoggedEdit[],
    slice: number,
  ): Promise<{ readonly entry: HistoryEntry; readonly isSaved: boolean }[]> {
    const who = await this.witness.reviewerName(this.store.root);
    const spent = this.witness.uncountedSeconds(this.files.labels);
    const unsaved = [
      ...this.#arrivalEntries(document.sliceCount),
      ...historySince(steps, {
        ...(who !== undefined && { who }),
        savedAt: new Date().toISOString(),
        proposal: document.proposal,
        figures: newFigures(new Map([...spent].map(([at, seconds]) => [at, tenths(seconds)])), new Map()),
      }),
    ];
    const saved = await this.store.historyOf(this.files.reviewer).read(this.files.id);
    const present = {
      state: document.review[slice],
      provenance: document.provenance[slice],
      figures: this.#figures[slice] ?? {},
    };
    return historyOfSlice([...saved, ...unsaved], slice, present).map((entry) => ({
      entry,
      isSaved: !unsaved.includes(entry),
    }));
  }

  #arrivalEntries(sliceCount: number): HistoryEntry[] {
    const { how, when } = this.#arrival;
    return how === 'as-saved' ? [] : [{ when, what: how, slices: [[0, sliceCount - 1]] }];
  }

  /** Reads an earlier proposal. It is null if it is gone or damaged: then nothing is known of what was changed. */
  async #proposalOnDisk(
    id: string,
    table: LabelTable,
    { shape }: ReadonlyLabelMap,
  ): Promise<{ readonly proposal: Pick<Proposal, 'labels' | 'modelVersion'>; readonly table: LabelTable } | null> {
    // The id comes from a record that anybody may have written.
    if (basename(id) !== id) return null;
    try {
      const path = join(this.store.proposalsFolder(this.files.id), `${id}${PROPOSAL_ENDING}`);
      const file = await this.proposals().readProposal(path, shape);
      if (!file) return null;
      const known = relabelForCase(file.labelMap, file.facts.labels, table);
      return { proposal: { labels: known.labels, modelVersion: file.facts.modelVersion }, table: known.table };
    } catch (error) {
      this.warn(`The proposal ${id} of ${this.files.id} cannot be compared with what was accepted:`, error);
      return null;
    }
  }
}

/** Groups the accepted ones of `slices` by the proposal that was taken over or rejected there. */
function slicesByProposal(document: CaseDocument, slices: ReadonlySet<number>): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const slice of slices) {
    const id = document.provenance[slice].proposal ?? document.rejectedProposals(slice).at(-1);
    if (document.review[slice] !== 'accepted' || id === undefined) continue;
    found.set(id, (found.get(id) ?? new Set()).add(slice));
  }
  return found;
}

/** The figures that a save adds, by slice. */
function newFigures(
  spent: ReadonlyMap<number, number>,
  changes: ReadonlyMap<number, ProposalChange>,
): Map<number, SliceFigures> {
  const slices = new Set([...spent.keys(), ...changes.keys()]);
  return new Map(
    [...slices].map((slice) => {
      const seconds = tenths(spent.get(slice) ?? 0);
      const change = changes.get(slice);
      return [slice, { ...(seconds > 0 && { seconds }), ...(change && { change }) }];
    }),
  );
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
