import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { CohortCase } from '../../core/cohort/files/layouts/cohort-layout.ts';
import { type CaseRecord, parseCaseRecord } from '../../core/cohort/records/case-record.ts';
import type { CohortRecord } from '../../core/cohort/records/cohort-record.ts';
import { heldOutIds } from '../../core/cohort/records/splits.ts';
import {
  type CaseOverview,
  type CaseState,
  type ListedProposal,
  overviewOfCase,
} from '../../core/cohort/review/case-overview.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { VolumeFileError } from '../../core/volume/volume-file-error.ts';
import { readCaseText } from '../case/case-save.ts';
import { type CohortListing, listCohort } from '../cohort/cases/cohort-folder.ts';
import { proposalsInOrder } from '../cohort/proposals/current-proposal.ts';
import { ProposalFileError, readProposalFacts } from '../cohort/proposals/proposal-file.ts';
import type { CohortStore } from '../cohort/state/cohort-store.ts';
import { SAVE_JOURNAL_ENDING } from '../cohort/state/save-journal-file.ts';
import { FileAccessError, fileAccessError } from '../files/file-access-error.ts';
import { namingFile } from '../files/file-errors.ts';
import { isMissing } from '../files/missing-file.ts';
import { peekVolume } from '../volumes/peek-volume.ts';
import { VolumeStats, volumeFingerprint } from '../volumes/volume-identity.ts';
import { isLabelPlaceDoubtful } from './doubtful-place.ts';

/** Tells what is known of a cohort's cases without opening volumes. */
export interface CohortOverview {
  readonly listing: CohortListing;
  /** The cases are in the order of their ids. */
  readonly cases: readonly CaseOverview[];
  /** The version that predicts; it is null before there is one. */
  readonly activeVersion: number | null;
  /**
   * These sentences tell the user of a damaged `cohort.json`, for instance. Trouble with one case is in the case's
   * state.
   */
  readonly problems: readonly string[];
}

/** Only so many cases are looked at at once, so that a cohort of thousands does not run out of file handles. */
const CASES_AT_ONCE = 16;

/** These facts of the cohort as a whole decide what a case's overview is. */
interface CohortFacts {
  readonly listing: CohortListing;
  readonly heldOut: ReadonlySet<string>;
  readonly activeVersion: number | null;
  readonly problems: readonly string[];
}

/** A case as it was read last, with what its files looked like then: unchanged files are not read again. */
interface KnownCase {
  /** The stamp is null where the case must be read again. */
  readonly stamp: string | null;
  readonly overview: CaseOverview;
}

/**
 * Reads and keeps the overview of a cohort. The first `read` reads records and proposals of all cases; later ones look
 * at times and sizes and read what changed; `refresh` looks only at the cases that the given files belong to.
 */
export class CohortOverviewReader {
  readonly #known = new Map<string, KnownCase>();
  /** The facts of proposal files by path; they stay valid, because these files never change. */
  readonly #proposals = new Map<string, ListedProposal & { readonly fingerprints: readonly string[] }>();
  readonly #fingerprints = new Map<string, { readonly stamp: string; readonly fingerprint: string }>();
  readonly #volumes = new VolumeStats();
  #facts: CohortFacts | undefined;
  #overview: CohortOverview | undefined;
  /** The case of each file, be it an image or a label map. */
  #caseOfFile = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readonly store: CohortStore) {}

  /** The overview that was read last; it is undefined before the first read. */
  get last(): CohortOverview | undefined {
    return this.#overview;
  }

  /**
   * Lists the cohort and looks at every case.
   * @param onProgress is called with the number of cases that have been looked at
   * @throws CohortFolderError, CohortDescriptionError; trouble with one case becomes that case's state
   */
  read(onProgress?: (done: number, all: number) => void): Promise<CohortOverview> {
    return this.#inTurn(async () => {
      const facts = await this.#readFacts(await listCohort(this.store.root));
      return this.#look(facts, facts.listing.layout.cases, onProgress);
    });
  }

  /**
   * Looks again at the cases that these files (absolute paths) belong to. It looks at all cases where a file is new to
   * the cohort, or says something about the cohort as a whole. It throws what `read` throws.
   */
  async refresh(paths: Iterable<string>): Promise<CohortOverview> {
    const ids = new Set<string>();
    for (const path of paths) {
      const id = this.#caseOf(path);
      // A file that is gone may have been a case, or the reason why another file was not taken.
      if (id === undefined || (id !== null && this.#caseOfFile.has(path) && !(await stampOf(path)))) return this.read();
      if (id !== null) ids.add(id);
    }
    return this.#inTurn(async () => {
      const facts = this.#facts;
      if (!facts) throw new Error('refresh follows read');
      const cases: CohortCase[] = [];
      for (const found of facts.listing.layout.cases) {
        const isNewlyLabelled = !found.labelled && ids.has(found.files.id) && (await stampOf(found.files.labels));
        cases.push(isNewlyLabelled ? { ...found, labelled: true } : found);
      }
      const listing = { ...facts.listing, layout: { ...facts.listing.layout, cases } };
      return this.#look(
        { ...facts, listing },
        // A case without a stamp was still changing when it was looked at, so it is read again.
        cases.filter(({ files }) => ids.has(files.id) || this.#known.get(files.id)?.stamp === null),
      );
    });
  }

  /**
   * The case that a file belongs to. It is null if the file matters to no case, and undefined if it may matter to all.
   */
  #caseOf(path: string): string | null | undefined {
    if (!this.#facts) return undefined;
    const { stateDir } = this.store;
    if (!path.startsWith(stateDir + sep)) return this.#caseOfFile.get(path);
    const [folder, ...rest] = path.slice(stateDir.length + 1).split(sep);
    if (folder === 'cases' && rest.length === 1) return rest[0].endsWith('.json') ? rest[0].slice(0, -5) : null;
    if (folder === 'proposals') return rest[0] ?? undefined;
    return folder === 'cohort.json' || folder === 'active' ? undefined : null;
  }

  async #readFacts(listing: CohortListing): Promise<CohortFacts> {
    const problems: string[] = [];
    let record: CohortRecord | null = null;
    let activeVersion: number | null = null;
    try {
      record = await this.store.readRecord();
    } catch (error) {
      problems.push(sentenceOf(error));
    }
    try {
      activeVersion = await this.store.models.active();
    } catch (error) {
      problems.push(sentenceOf(error));
    }
    return { listing, heldOut: heldOutIds(listing.declaredSplit, record), activeVersion, problems };
  }

  async #look(
    facts: CohortFacts,
    which: readonly CohortCase[],
    onProgress?: (done: number, all: number) => void,
  ): Promise<CohortOverview> {
    const { cases } = facts.listing.layout;
    const [recorded, proposed] = await Promise.all([this.#namesIn('cases'), this.#namesIn('proposals')]);
    let next = 0;
    let done = 0;
    const worker = async () => {
      while (next < which.length) {
        const found = which[next++];
        const { id } = found.files;
        const isSaving = recorded.has(`${id}${SAVE_JOURNAL_ENDING}`);
        // A proposal that was made before its case was held out is no longer shown.
        const hasProposals = proposed.has(id) && !facts.heldOut.has(id);
        const known = await this.#lookAt(found, facts, recorded.has(`${id}.json`), hasProposals, isSaving);
        this.#known.set(id, known);
        onProgress?.(++done, which.length);
      }
    };
    await Promise.all(Array.from({ length: Math.min(CASES_AT_ONCE, which.length) }, worker));
    if (which === cases) this.#forgetOthers(cases);
    this.#facts = facts;
    const overviews = cases.flatMap(({ files }) => this.#known.get(files.id)?.overview ?? []);
    this.#overview = {
      listing: facts.listing,
      cases: overviews,
      activeVersion: facts.activeVersion,
      problems: facts.problems,
    };
    return this.#overview;
  }

  async #lookAt(
    found: CohortCase,
    facts: CohortFacts,
    hasRecord: boolean,
    hasProposals: boolean,
    isSaving: boolean,
  ): Promise<KnownCase> {
    const { files, labelled, test } = found;
    const holdout = facts.heldOut.has(files.id);
    const recordPath = this.store.caseRecordPath(files.id);
    const proposalsFolder = this.store.proposalsFolder(files.id);
    const base = { files, labelled, test, holdout };
    const nothing = Promise.resolve(null);
    try {
      const [record, labels, proposals, ...images] = await Promise.all([
        hasRecord ? stampOf(recordPath) : nothing,
        labelled ? stampOf(files.labels) : nothing,
        hasProposals ? stampOf(proposalsFolder) : nothing,
        ...[...new Set(files.channels)].map((path) => this.#imageStamp(path)),
      ]);
      const stamp = JSON.stringify([
        [record, labels, proposals, ...images].map((each) => each?.text),
        [files.labels, holdout, test, hasProposals ? facts.activeVersion : null],
        // The values of the masks tell which masks they are.
        files.masks?.map(({ value }) => value).join() ?? null,
        files.unusedLabels ?? null,
      ]);
      const known = this.#known.get(files.id);
      if (known?.stamp === stamp) return known;
      for (const path of new Set([...files.channels, ...(labels ? [files.labels] : [])])) {
        await namingFile(path, peekVolume(path));
      }
      // A label file that an interrupted save has put in place counts already, but a mere look does not complete the
      // save.
      const saved = labels && isSaving ? await this.#fingerprint(files.labels, labels) : null;
      const text = record || isSaving ? await readCaseText(this.store, { id: files.id }, saved) : null;
      const parsed = text === null ? null : parseCaseRecord(text);
      const changedOutside =
        parsed !== null &&
        // Masks cannot have been reviewed, so the review is of a label file that is gone.
        (files.masks !== undefined ||
          (labels !== null && (await this.#isChangedOutside(parsed, files.labels, record, labels))));
      const doubtfulPlace = labels !== null && parsed === null && (await isLabelPlaceDoubtful(files));
      const proposal = hasProposals ? await this.#proposalOf(found, facts.activeVersion) : null;
      const written = [record?.ms, labels?.ms, proposal?.writtenMs].filter((ms) => ms !== undefined);
      const evidence = { labelled, record: parsed, changedOutside, doubtfulPlace };
      const read = overviewOfCase({ ...evidence, proposal: proposal?.summary ?? null });
      const changedMs = written.length > 0 ? Math.max(...written) : null;
      // While a save runs or waits to be completed, files will change without notice, so the case gets no stamp.
      return {
        stamp: isSaving ? null : stamp,
        overview: { ...base, ...read, changedOutside, doubtfulPlace, changedMs },
      };
    } catch (error) {
      const known = error instanceof VoxelLoopError ? error : fileAccessError('read', recordPath, error);
      const kind = isOfVolume(known, files) ? 'unreadable' : 'damaged';
      // Without a stamp the case is looked at again next time.
      return { stamp: null, overview: { ...base, ...unknownCase({ kind, sentence: known.message }) } };
    }
  }

  /** We write labels before their record, so only a newer label file can be somebody else's and has to be hashed. */
  async #isChangedOutside(
    { labelsFingerprint }: CaseRecord,
    path: string,
    record: Stamp | null,
    labels: Stamp,
  ): Promise<boolean> {
    if (record && labels.ms <= record.ms) return false;
    return labelsFingerprint !== (await this.#fingerprint(path, labels));
  }

  /** The stamp of an image covers the files that its header names for the voxels. */
  #imageStamp(path: string): Promise<Stamp | null> {
    return stampOf(path, () => this.#volumes.of(path));
  }

  async #fingerprint(path: string, { text }: Stamp): Promise<string> {
    const known = this.#fingerprints.get(path);
    if (known?.stamp === text) return known.fingerprint;
    const fingerprint = await volumeFingerprint(path);
    this.#fingerprints.set(path, { stamp: text, fingerprint });
    return fingerprint;
  }

  /** Returns the first proposal that can be read and was made from the images as they are now. */
  async #proposalOf(
    { files }: CohortCase,
    activeVersion: number | null,
  ): Promise<{ readonly summary: ListedProposal; readonly writtenMs: number } | null> {
    for (const { path, writtenMs } of await proposalsInOrder(this.store.proposalsFolder(files.id), activeVersion)) {
      const summary = await this.#readProposal(path);
      if (summary && (await this.#isOfTheseImages(files.channels, summary.fingerprints, writtenMs))) {
        return { summary, writtenMs };
      }
    }
    return null;
  }

  /** An image that is older than the proposal is the one that was predicted; only a newer one has to be hashed. */
  async #isOfTheseImages(
    channels: readonly string[],
    fingerprints: readonly string[],
    writtenMs: number,
  ): Promise<boolean> {
    for (const path of new Set(channels)) {
      const stamp = await this.#imageStamp(path);
      if (stamp && stamp.ms > writtenMs && !fingerprints.includes(await this.#fingerprint(path, stamp))) return false;
    }
    return true;
  }

  /** A damaged proposal counts as none; predicting reports it. */
  async #readProposal(path: string) {
    const known = this.#proposals.get(path);
    if (known) return known;
    try {
      const facts = await readProposalFacts(path);
      if (!facts) return null;
      const { id, modelVersion, modelName, created, reviewAxis, uncertainty, image } = facts;
      const summary = { path, id, modelVersion, modelName, created, reviewAxis, uncertainty, ...image };
      this.#proposals.set(path, summary);
      return summary;
    } catch (error) {
      if (error instanceof ProposalFileError) return null;
      throw error;
    }
  }

  async #namesIn(folder: string): Promise<ReadonlySet<string>> {
    try {
      return new Set(await readdir(join(this.store.stateDir, folder)));
    } catch (error) {
      if (isMissing(error)) return new Set();
      throw fileAccessError('read', join(this.store.stateDir, folder), error);
    }
  }

  #forgetOthers(cases: readonly CohortCase[]): void {
    const ids = new Set(cases.map(({ files }) => files.id));
    for (const id of [...this.#known.keys()]) if (!ids.has(id)) this.#known.delete(id);
    this.#caseOfFile = new Map(
      cases.flatMap(({ files: { id, channels, labels, masks = [] } }) =>
        [...channels, labels, ...masks.map(({ path }) => path)].map((path) => [path, id] as const),
      ),
    );
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

/** What the overview says of a case that cannot be read. */
function unknownCase(state: CaseState): Omit<CaseOverview, 'files' | 'labelled' | 'test' | 'holdout'> {
  return {
    state,
    review: null,
    proposal: null,
    reviewAxis: null,
    changedOutside: false,
    doubtfulPlace: false,
    changedMs: null,
  };
}

/** Tells whether an error is about the image or the label map of a case, rather than about what we keep of it. */
function isOfVolume(error: VoxelLoopError, { channels, labels }: CaseFiles): boolean {
  if (error instanceof FileAccessError) return [...channels, labels].includes(error.path);
  return error instanceof VolumeFileError;
}

/** The time when a file was written last, and a text that changes with the file. */
interface Stamp {
  readonly ms: number;
  readonly text: string;
}

/** The stamp of a file, or of several that are one; it is null if the (first) file does not exist. */
async function stampOf(
  path: string,
  look: () => Promise<readonly (Stats | null)[]> = async () => [await stat(path)],
): Promise<Stamp | null> {
  try {
    const found = await look();
    return {
      ms: Math.max(...found.map((each) => each?.mtimeMs ?? 0)),
      text: found.map((each) => (each ? `${each.mtimeMs}:${each.size}` : '')).join('|'),
    };
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof VoxelLoopError) return error.message;
  throw error;
}
