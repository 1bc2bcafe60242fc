import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { adjudicatedSlices, type SecondOpinion } from '../../../core/case/document/adjudicate.ts';
import { relabelForCase } from '../../../core/case/document/relabel-proposal.ts';
import { Emitter, type Subscribe } from '../../../core/emitter.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { fitWords, labelFit } from '../../../core/label/label-fit.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import { decodeLabelMapInPieces } from '../../../core/label/label-map-codec.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import type { CaseAgreement } from '../../../core/metrics/agreement.ts';
import { DEFAULT_TOLERANCE_MM } from '../../../core/metrics/score-segmentation.ts';
import type { SecondReviewerSummary } from '../../../core/protocol/editor-contract.ts';
import type { CompareLabelsParams, CompareLabelsResult } from '../../../core/protocol/engine/compare-labels.ts';
import { checkReviewerNames } from '../../cohort/comparison/reviewer-names.ts';
import type { VolumeWorkerClient } from '../../volume-worker/volume-worker-client.ts';
import { readVolumeHeader } from '../../volumes/read-volume.ts';
import type { SessionReports } from '../open/session-reports.ts';
import type { CaseSession } from '../session/case-session.ts';

/** A label map cannot be shown beside the one that is open. */
export class SecondReviewerError extends VoxelLoopError {
  readonly code = 'second-reviewer';
}

/** A document beside which other labels are shown. */
export interface ComparedDocument {
  readonly session: CaseSession | null;
  readonly onDidDispose: Subscribe<void>;
  /** Extends the label table by what those labels need; this is an edit like any other. */
  addLabels(table: LabelTable): void;
}

/** Comparing needs this of the program around it. */
export interface SecondReviewSurroundings {
  readonly readLabels: VolumeWorkerClient['readLabels'];
  /** Surface distances of large volumes take seconds, so this must not run on the caller's thread. */
  readonly compareLabels: (params: CompareLabelsParams) => Promise<CompareLabelsResult>;
  /** Calls `changed` when another program has written the file. */
  readonly watch: (path: string, changed: () => void) => { dispose(): void };
  readonly reports: Pick<SessionReports, 'tell'>;
  /** Shows the user a sentence that asks for a second look. */
  readonly warn: (sentence: string) => void;
}

interface Shown extends SecondOpinion {
  /** The id changes whenever the voxels or their meaning change. */
  readonly id: string;
  readonly path: string;
  /** The labels as the file has them. */
  readonly onDisk: { readonly labels: ReadonlyLabelMap; readonly table: LabelTable };
  /** These are listened to as long as it is shown. */
  readonly subscriptions: readonly { dispose(): void }[];
}

/**
 * Knows which second person's labels each open case shows beside its own: a layer to compare with and to take from,
 * which is never changed and never saved.
 */
export class SecondReviewers {
  readonly #shown = new Map<CaseSession, Shown>();
  /**
   * The latest request of each case: reading takes long, and the case may be closed or show somebody else's labels by
   * then.
   */
  readonly #asked = new WeakMap<CaseSession, object>();
  readonly #changes = new Emitter<CaseSession>();

  /** Fires when other labels, or none, are shown on this case. */
  readonly onDidChange = this.#changes.event;

  constructor(private readonly surroundings: SecondReviewSurroundings) {}

  of(session: CaseSession): (SecondOpinion & { readonly id: string }) | undefined {
    return this.#shown.get(session);
  }

  /** The path of the file that is shown. */
  pathOf(session: CaseSession): string | undefined {
    return this.#shown.get(session)?.path;
  }

  summaryOf(session: CaseSession): SecondReviewerSummary | null {
    const shown = this.#shown.get(session);
    if (!shown) return null;
    const { id, reviewer } = shown;
    return { id, reviewer, adjudicated: adjudicatedSlices(session.document, reviewer) };
  }

  /** @returns undefined if these labels are not shown any more */
  labelsOf(session: CaseSession, id: string): ReadonlyLabelMap | undefined {
    const shown = this.#shown.get(session);
    return shown?.id === id ? shown.labels : undefined;
  }

  /**
   * Shows the labels in the file `path` beside those of `document`. If they use labels that the case lacks, those are
   * added first, which is an edit.
   * @throws SecondReviewerError if they do not belong to its grid; ReviewerNamesError and what reading the file throws
   */
  async show(document: ComparedDocument, reviewer: string, path: string): Promise<void> {
    const { session } = document;
    if (!session) return;
    const asked = {};
    this.#asked.set(session, asked);
    const closing = document.onDidDispose(() => this.hide(session));
    let onDisk: Shown['onDisk'];
    let note: string | null;
    try {
      note = await this.check(session, path);
      const read = await this.surroundings.readLabels(path, { grid: session.grid });
      const labels = await decodeLabelMapInPieces(read.labels, session.grid.shape, setImmediate);
      onDisk = { labels, table: read.table };
    } catch (error) {
      closing.dispose();
      throw error;
    }
    if (this.#asked.get(session) !== asked) {
      closing.dispose();
      return;
    }
    this.hide(session);
    const { watch, reports, warn } = this.surroundings;
    const subscriptions = [
      // The other person may still be drawing, in another window.
      watch(path, () => this.show(document, reviewer, path).catch((error: unknown) => reports.tell(error))),
      // The labels may have another order then.
      session.onReset(() => this.#place(document, session)),
      closing,
    ];
    const labels = onDisk.labels;
    this.#shown.set(session, { id: '', reviewer, path, onDisk, labels, subscriptions });
    this.#place(document, session);
    if (note !== null) warn(`${reviewer}: ${note}`);
  }

  hide(session: CaseSession): void {
    this.#asked.delete(session);
    const shown = this.#shown.get(session);
    if (!shown) return;
    for (const each of shown.subscriptions) each.dispose();
    this.#shown.delete(session);
    this.#changes.fire(session);
  }

  /**
   * Checks that the labels in `path` can be compared with those of `session`.
   * @returns a sentence about how they lie on its image, if they were not drawn on its very grid
   * @throws SecondReviewerError, ReviewerNamesError, FileAccessError, VolumeFileError
   */
  async check(session: CaseSession, path: string): Promise<string | null> {
    const { grid } = await readVolumeHeader(path);
    const { kind } = labelFit(session.grid, grid);
    const name = basename(path);
    if (kind === 'apart') {
      throw new SecondReviewerError(
        `${name} has ${grid.shape.join(' x ')} voxels and this image ${session.grid.shape.join(' x ')}: a second reviewer must have drawn on the same image.`,
      );
    }
    if (kind === 'elsewhere') {
      throw new SecondReviewerError(
        `${name} lies elsewhere in the scanner than this image (their affines differ): a second reviewer must have drawn on the same image.`,
      );
    }
    await checkReviewerNames(path, session.document.table);
    return fitWords(name, kind, session.grid, grid)?.note ?? null;
  }

  /** Measures how far the two agree about an open case, with the labels as they are now, saved or not. */
  async agreement(session: CaseSession): Promise<CaseAgreement> {
    const shown = this.#shown.get(session);
    if (!shown) throw new SecondReviewerError('No second reviewer is shown any more.');
    const { table } = session.document;
    const folder = await mkdtemp(join(tmpdir(), 'voxel-loop-'));
    try {
      const first = join(folder, 'first.nii.gz');
      await session.exportTo(first);
      const { cases, failed } = await this.surroundings.compareLabels({
        pairs: [{ id: session.files.id, first, second: shown.path }],
        labels: [...table],
        toleranceMm: DEFAULT_TOLERANCE_MM,
      });
      if (failed.length > 0) throw new SecondReviewerError(failed[0].reason);
      return cases[0];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  dispose(): void {
    for (const { subscriptions } of this.#shown.values()) for (const each of subscriptions) each.dispose();
    this.#shown.clear();
    this.#changes.dispose();
  }

  #place(document: ComparedDocument, session: CaseSession): void {
    const shown = this.#shown.get(session);
    if (!shown) return;
    const { labels, table } = relabelForCase(shown.onDisk.labels, shown.onDisk.table, session.document.table);
    if (table !== session.document.table) document.addLabels(table);
    this.#shown.set(session, { ...shown, id: randomUUID(), labels });
    this.#changes.fire(session);
  }
}
