import type { Question } from './question.ts';

/** Holds the one question that the user has to answer, if there is one. */
export class Asking {
  #asked: { readonly question: Question; readonly answer: (choice: string | undefined) => void } | undefined;

  /** @param changed is called when another question, or none, is open */
  constructor(private readonly changed: () => void) {}

  get question(): Question | undefined {
    return this.#asked?.question;
  }

  /**
   * Resolves to the id of the choice, or to undefined if the user cancelled or another question has taken its place.
   */
  ask(question: Question): Promise<string | undefined> {
    this.answer(undefined);
    return new Promise((answer) => {
      this.#asked = { question, answer };
      this.changed();
    });
  }

  answer(choice: string | undefined): void {
    const asked = this.#asked;
    if (!asked) return;
    this.#asked = undefined;
    asked.answer(choice);
    this.changed();
  }
}
