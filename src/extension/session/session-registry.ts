import type { CaseFiles } from '../../core/cohort/case.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import type { VolumeWorkerClient } from '../../node/volume-worker/volume-worker-client.ts';
import { CaseSession, type SessionImage } from './case-session.ts';

interface Entry {
  readonly opening: Promise<CaseSession>;
  users: number;
}

/** A session in use. Whoever holds it releases it once; the last one closes it. */
export interface SessionLease {
  readonly session: CaseSession;
  release(): void;
}

/** The open sessions of this window: one per label file, however many documents show it. */
export class SessionRegistry {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly worker: () => VolumeWorkerClient) {}

  /** Joins the session of `files.labels` or opens it. Throws what `CaseSession.open` throws. */
  async acquire(image: SessionImage, files: CaseFiles, store: CohortStore): Promise<SessionLease> {
    const key = files.labels;
    const entry = this.#entries.get(key) ?? {
      opening: CaseSession.open(this.worker, image, files, store),
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
        (session) => session.dispose(),
        () => undefined,
      );
    };
    try {
      return { session: await entry.opening, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Every session that is open now. */
  async all(): Promise<CaseSession[]> {
    const settled = await Promise.allSettled([...this.#entries.values()].map(({ opening }) => opening));
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }
}
