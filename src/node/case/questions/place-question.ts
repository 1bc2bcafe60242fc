/** What a person may say about labels that run in other directions than their image. */
export type PlaceAnswer = 'as-shown' | 'by-number';

/** The part of a session that the question is about. */
interface QuestionedSession {
  /** The question; it is null if there is none. */
  readonly placeQuestion: string | null;
  matchByNumber(): Promise<void>;
}

/** Asks the user, and knows the editors that show the session. */
export interface PlaceTalk {
  /** Resolves to undefined without an answer. */
  ask(question: string): PromiseLike<PlaceAnswer | undefined>;
  /** The reason why a choice could not be saved; it is null if it can be. */
  readOnlyReason(): string | null;
  isInFront(): boolean;
  bringToFront(): Promise<void>;
  /** Says that the case was closed before the answer came. */
  closedMeanwhile(): void;
  /** Says why the choice cannot be carried out. */
  refused(reason: string): void;
}

/**
 * Settles whether the header of a label file is right that runs in other directions than its image. Until somebody
 * answers, it counts as right. Once answered, the question does not come again as long as the case is open. An answer
 * may come late, and must then change nothing unseen.
 */
export class PlaceQuestion {
  #isKept = false;
  #isClosed = false;

  constructor(
    private readonly session: QuestionedSession,
    private readonly talk: PlaceTalk,
  ) {}

  /** This must be called when the case was read. @throws what `CaseSession.matchByNumber` throws */
  async ask(): Promise<void> {
    const question = this.session.placeQuestion;
    if (question === null || this.#isKept) return;
    const answer = await this.talk.ask(question);
    if (answer === undefined) return;
    if (this.#isClosed) {
      this.talk.closedMeanwhile();
    } else if (answer === 'as-shown') {
      this.#isKept = true;
    } else if (!this.talk.isInFront()) {
      await this.talk.bringToFront();
      await this.ask();
    } else {
      const reason = this.talk.readOnlyReason();
      if (reason === null) await this.session.matchByNumber();
      else this.talk.refused(reason);
    }
  }

  /** The case is closed. */
  close(): void {
    this.#isClosed = true;
  }
}
