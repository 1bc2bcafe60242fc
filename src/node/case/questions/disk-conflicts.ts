import type { CaseFile } from '../open/disk-state.ts';
import type { CaseSession } from '../session/case-session.ts';

/** Says whose work counts where two have changed one case. */
export type Whose = 'mine' | 'theirs';

/** Tells and asks the user. */
export interface DiskTalk {
  /**
   * Resolves to undefined without an answer, or if the question was asked again meanwhile. @param name the name of the
   * label file
   */
  whose(name: string, what: CaseFile): PromiseLike<Whose | undefined>;
  reloaded(name: string, what: CaseFile): void;
  deleted(name: string, what: CaseFile): void;
  failed(error: unknown): void;
}

type WatchedSession = Pick<
  CaseSession,
  'diskState' | 'hasUnsavedChanges' | 'keepOverDisk' | 'labelsName' | 'reloadIfSaved' | 'revert'
>;

/**
 * Settles what becomes of a case whose files somebody else has changed. With nothing unsaved they are read again;
 * otherwise the user decides whose work to keep. Deleted files take nothing away from what is open, which counts as
 * unsaved from then on.
 */
export class DiskConflicts {
  #isLooking = false;
  #mustLookAgain = false;
  #mustAsk = false;
  #isAsking = false;
  /** Counts the questions: a later one stands for all before it. */
  #question = 0;

  constructor(
    private readonly session: WatchedSession,
    private readonly talk: DiskTalk,
  ) {}

  /**
   * This must be called when a file may have changed.
   * @param mustAsk true if a save waits for the answer: the question is put again, even if it is still open somewhere
   */
  async look({ mustAsk = false } = {}): Promise<void> {
    this.#mustAsk ||= mustAsk;
    this.#mustLookAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#mustLookAgain) {
        this.#mustLookAgain = false;
        await this.#settle();
      }
    } catch (error) {
      this.talk.failed(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #settle(): Promise<void> {
    const mustAsk = this.#mustAsk;
    this.#mustAsk = false;
    const { session, talk } = this;
    const state = await session.diskState();
    if (state.kind === 'unchanged') return;
    if (state.kind === 'deleted') {
      await session.keepOverDisk();
      talk.deleted(session.labelsName, state.what);
    } else if (!session.hasUnsavedChanges && (await session.reloadIfSaved())) {
      talk.reloaded(session.labelsName, state.what);
    } else if (mustAsk || !this.#isAsking) {
      // Nobody waits for the answer: until it comes the files may change again.
      void this.#ask(state.what);
    }
  }

  async #ask(what: CaseFile): Promise<void> {
    const { session, talk } = this;
    const question = ++this.#question;
    this.#isAsking = true;
    try {
      const answer = await talk.whose(session.labelsName, what);
      if (question === this.#question) this.#isAsking = false;
      if (answer === undefined) return;
      // A question may be older than what settled it, so that nothing is left to decide.
      if ((await session.diskState()).kind === 'unchanged') return;
      if (answer === 'theirs') await session.revert();
      else await session.keepOverDisk();
    } catch (error) {
      if (question === this.#question) this.#isAsking = false;
      talk.failed(error);
    }
  }
}
