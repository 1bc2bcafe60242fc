import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import { cohortLabelTable } from '../../cohort/labels/cohort-labels.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import type { SessionImage } from '../open/load-case.ts';
import type { SessionContext } from '../open/session-context.ts';
import { CaseSession } from './case-session.ts';

interface OpenSession {
  readonly session: CaseSession;
  readonly attendant: { dispose(): void };
}

interface Entry {
  readonly opening: Promise<OpenSession>;
  users: number;
}

/** A session in use. Each holder releases it once, and the last one closes it. */
export interface SessionLease {
  readonly session: CaseSession;
  release(): void;
}

/** The open sessions of this window: one per label file, however many documents show it. */
export class SessionRegistry {
  readonly #entries = new Map<string, Entry>();

  /** @param attend is called for every session that was opened; what it returns is disposed of with the session */
  constructor(
    private readonly context: SessionContext,
    private readonly attend: (session: CaseSession) => { dispose(): void },
  ) {}

  /** Joins the session of `files.labels` or opens it. It throws what `CaseSession.open` throws. */
  async acquire(image: SessionImage, files: CaseFiles, store: CohortStore): Promise<SessionLease> {
    const key = files.labels;
    const entry = this.#entries.get(key) ?? {
      opening: this.#open(image, files, store),
      users: 0,
    };
    this.#entries.set(key, entry);
    entry.users++;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      if (--entry.users > 0) return;
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      void entry.opening.then(
        ({ session, attendant }) => {
          attendant.dispose();
          session.dispose();
        },
        () => undefined,
      );
    };
    try {
      return { session: (await entry.opening).session, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * The labels that a cohort knows: those on the disk, and those that its open cases have and may not have saved yet.
   * @throws RecordError, CohortDescriptionError
   */
  async cohortLabels(store: CohortStore): Promise<LabelEntry[]> {
    const known = [...(await cohortLabelTable(store))];
    const settled = await Promise.allSettled([...this.#entries.values()].map(({ opening }) => opening));
    for (const result of settled) {
      if (result.status !== 'fulfilled' || result.value.session.store.root !== store.root) continue;
      known.push(...result.value.session.document.table);
    }
    return known;
  }

  async #open(image: SessionImage, files: CaseFiles, store: CohortStore): Promise<OpenSession> {
    const session = await CaseSession.open(this.context, image, files, store);
    return { session, attendant: this.attend(session) };
  }
}
