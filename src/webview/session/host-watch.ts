/**
 * Time is counted in ticks of this page's own clock, which stands still while the page itself is held up, or the
 * machine sleeps.
 */
const TICK_MS = 500;
/** The time between two questions for a sign of life. */
const TICKS_BETWEEN_QUESTIONS = 4;
/**
 * The host answers questions between other work, of which nothing may take long (`test/e2e/soak.e2e.ts` prints its
 * longest pause). A host that was only slow counts as silent for a moment: its first message ends that.
 */
const TICKS_UNTIL_SILENT = 10;

/**
 * Notices whether the other side still answers. VS Code tells a page nothing when the extension host has died: what is
 * posted to it disappears without an error.
 */
export class HostWatch {
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticksSinceQuestion = 0;
  /** The age of the oldest question without an answer; it is undefined if all were answered. */
  #unansweredTicks: number | undefined;
  #answers = true;

  /**
   * @param ask sends a question that the other side answers at once
   * @param changed is called when it fell silent, or is back
   */
  constructor(
    private readonly ask: () => void,
    private readonly changed: () => void,
  ) {}

  get answers(): boolean {
    return this.#answers;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Something was sent that waits for an answer, which may take longer than a sign of life. */
  sent(): void {
    if (this.#unansweredTicks === undefined) this.#question();
  }

  /** Any message came. */
  heard(): void {
    this.#unansweredTicks = undefined;
    this.#setAnswers(true);
  }

  #tick(): void {
    if (this.#unansweredTicks !== undefined && ++this.#unansweredTicks >= TICKS_UNTIL_SILENT) this.#setAnswers(false);
    // A question that was lost is asked again: one answer is enough to go on.
    if (++this.#ticksSinceQuestion >= TICKS_BETWEEN_QUESTIONS) this.#question();
  }

  #question(): void {
    this.#ticksSinceQuestion = 0;
    this.#unansweredTicks ??= 0;
    this.ask();
  }

  #setAnswers(answers: boolean): void {
    if (this.#answers === answers) return;
    this.#answers = answers;
    this.changed();
  }
}
