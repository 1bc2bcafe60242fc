import type { ImageState } from '../../volumes/image-file.ts';

/**
 * Says what becomes of labels when the image that they were drawn on was replaced, or is no image any more. `save`
 * saves them with the geometry that they were drawn on; `close` closes without saving; with `follow` they go to where
 * the image is now; with `stay` they keep its old name.
 */
export type LabelsFate = 'keep' | 'export' | 'discard' | 'save' | 'close' | 'follow' | 'stay';

/**
 * Says what lies in the image's place. `other-grid` is an image whose voxels lie elsewhere; `renamedTo` says that
 * nothing lies there and where the image is now.
 */
export type Replacement =
  | 'same-grid'
  | 'other-grid'
  | { readonly unreadable: unknown }
  | { readonly renamedTo: string };

/**
 * The manner of a question. `notice` may stay unread, and leads to the question; with `at-once` the user wants to
 * decide; with `for-save` a save waits for the answer.
 */
type Manner = 'notice' | 'at-once' | 'for-save';

/** The image as the file holds it now, opened and not shown yet. */
export interface ReplacedImage {
  /** True if its voxels lie where those of the image lay that was drawn on. */
  readonly isSameGrid: boolean;
  /**
   * Shows it: `if-saved` only if nothing is unsaved, `keep` under the labels as they are.
   * @returns whether it is shown
   */
  show(how: 'if-saved' | 'keep' | 'discard'): Promise<boolean>;
  /** Closes it without showing it. */
  close(): void;
}

/** An open image, and the labels on it. */
export interface WatchedImage {
  readonly name: string;
  readonly hasUnsavedChanges: boolean;
  look(): Promise<ImageState>;
  /** Identifies what the last look saw. */
  readonly seen: string | null;
  /** @throws what opening a volume throws */
  reopen(): Promise<ReplacedImage>;
  /** Returns where an image is now that left its place; it is null if nobody knows. */
  whereNow(): Promise<string | null>;
  /** Keeps the user from drawing as long as there is a reason. */
  lock(reason: string | null, awaitsDecision: boolean): void;
  /** No image lies there, and the user wants the labels to be saved under its name all the same. */
  goOnWithout(): void;
}

/** Tells and asks the user. */
export interface ImageTalk {
  /**
   * Resolves to undefined without an answer, or if the question was asked again meanwhile.
   * @param asNotice true if the user has not asked for the question
   */
  whatBecomesOfLabels(name: string, replacement: Replacement, asNotice: boolean): PromiseLike<LabelsFate | undefined>;
  follow(to: string): Promise<void>;
  exportLabels(): Promise<void>;
  saveLabels(): PromiseLike<unknown>;
  closeWithoutSaving(): Promise<void>;
  shown(name: string): void;
  gone(name: string): void;
  lockedFor(name: string): string;
  lockedForRename(name: string, to: string): string;
  /** Says that the file cannot be read as it is now. */
  unreadable(name: string, error: unknown): string;
  failed(error: unknown): void;
}

/**
 * Settles what becomes of an image that somebody else has changed while it was open. With nothing unsaved it is read
 * again. Otherwise nothing can be drawn until the user has decided, because what is seen is not what lies there.
 */
export class ImageConflicts {
  #turn: Promise<void> = Promise.resolve();
  #isGone = false;
  #isLocked = false;
  #isAsking = false;
  /** This was seen when the question was put. */
  #askedAbout: string | null = null;
  /** Counts the questions: a later one stands for all before it. */
  #question = 0;

  constructor(
    private readonly image: WatchedImage,
    private readonly talk: ImageTalk,
  ) {}

  /**
   * This must be called when the file may have changed.
   * @param mustAsk true if a save was refused: the question is put again, even if it is still open somewhere
   */
  look({ mustAsk = false } = {}): Promise<void> {
    return this.#inTurn(() => this.#settle(mustAsk));
  }

  /**
   * The user wants to decide what is open, or to save, which needs a decision. This asks, and does what is chosen.
   * @returns whether a save may go on
   */
  async decide(manner: 'at-once' | 'for-save'): Promise<boolean> {
    let open: Replacement | null = null;
    await this.#inTurn(async () => {
      open = await this.#find(true);
    });
    if (open === null) return true;
    await this.#ask(open, manner);
    return !this.#isLocked;
  }

  async #settle(mustAsk: boolean): Promise<void> {
    const open = await this.#find(mustAsk);
    // Nobody waits for the answer: until it comes the file may change again.
    if (open !== null && (mustAsk || !this.#isAsking)) void this.#ask(open, 'notice');
  }

  /** @returns what the user must decide about; null if there is nothing, or nothing new since the question was put */
  async #find(mustAsk: boolean): Promise<Replacement | null> {
    const { image, talk } = this;
    const state = await image.look();
    if (state === 'gone') return this.#findGone(mustAsk);
    this.#isGone = false;
    if (state === 'unchanged') {
      this.#lock(null);
      return null;
    }
    // Every change in the cohort leads here, and opening a volume is expensive.
    if (this.#isAsking && !mustAsk && image.hasUnsavedChanges && image.seen === this.#askedAbout) return null;
    const found = await this.#reopen();
    if ('unreadable' in found) return image.hasUnsavedChanges ? found : null;
    if (!image.hasUnsavedChanges && (await found.show('if-saved'))) {
      this.#lock(null);
      talk.shown(image.name);
      return null;
    }
    found.close();
    this.#lock(talk.lockedFor(image.name));
    return found.isSameGrid ? 'same-grid' : 'other-grid';
  }

  async #findGone(mustAsk: boolean): Promise<Replacement | null> {
    const { image, talk } = this;
    const isNew = !this.#isGone;
    // Every change in the cohort leads here, and other images may have to be read to know.
    if (!isNew && !mustAsk) return null;
    const renamedTo = await image.whereNow();
    this.#isGone = true;
    if (renamedTo !== null) {
      this.#lock(talk.lockedForRename(image.name, renamedTo));
      return { renamedTo };
    }
    this.#lock(null);
    if (isNew) talk.gone(image.name);
    return null;
  }

  async #reopen(): Promise<ReplacedImage | { readonly unreadable: unknown }> {
    try {
      return await this.image.reopen();
    } catch (error) {
      // The file may be half written: its next change will be heard of.
      this.#lock(this.talk.unreadable(this.image.name, error), this.image.hasUnsavedChanges);
      return { unreadable: error };
    }
  }

  async #ask(replacement: Replacement, manner: Manner): Promise<void> {
    const question = ++this.#question;
    this.#isAsking = true;
    this.#askedAbout = this.image.seen;
    try {
      const answer = await this.talk.whatBecomesOfLabels(this.image.name, replacement, manner === 'notice');
      if (question === this.#question) this.#isAsking = false;
      if (answer !== undefined) await this.#do(answer, replacement, manner);
    } catch (error) {
      if (question === this.#question) this.#isAsking = false;
      this.talk.failed(error);
    }
  }

  async #do(answer: LabelsFate, replacement: Replacement, manner: Manner): Promise<void> {
    const { talk } = this;
    // Closing the tab ends a save of it, and so has to come after that save.
    const leave = async (work: () => Promise<void>) => {
      if (manner === 'for-save') setTimeout(() => void work().catch((error) => talk.failed(error)));
      else await work();
    };
    switch (answer) {
      case 'export':
        return talk.exportLabels();
      case 'close':
        return leave(() => talk.closeWithoutSaving());
      case 'follow':
        if (typeof replacement === 'object' && 'renamedTo' in replacement) {
          const { renamedTo } = replacement;
          return leave(() => talk.follow(renamedTo));
        }
        return;
      case 'save':
      case 'stay':
        return this.#goOnWithout(answer === 'save' && manner !== 'for-save');
      default:
        return this.#inTurn(() => this.#carryOut(answer));
    }
  }

  async #goOnWithout(saves: boolean): Promise<void> {
    let isSettled = false;
    await this.#inTurn(async () => {
      // An image may have come there since.
      const state = await this.image.look();
      const found = state === 'changed' ? await this.#reopen() : null;
      if (found && !('unreadable' in found)) {
        found.close();
        return this.#settle(true);
      }
      if (state !== 'unchanged') {
        this.image.goOnWithout();
        this.#isGone = true;
      }
      this.#lock(null);
      isSettled = true;
    });
    if (isSettled && saves) await this.talk.saveLabels();
  }

  async #carryOut(answer: 'keep' | 'discard'): Promise<void> {
    // A question may be older than what settled it.
    if ((await this.image.look()) !== 'changed') return this.#settle(false);
    const found = await this.#reopen();
    if ('unreadable' in found) return this.#settle(true);
    // Another image has come since.
    if (answer === 'keep' && !found.isSameGrid) {
      found.close();
      return this.#settle(true);
    }
    await found.show(answer);
    this.#lock(null);
  }

  #lock(reason: string | null, awaitsDecision = true): void {
    if (reason === null && !this.#isLocked) return;
    this.#isLocked = reason !== null;
    this.image.lock(reason, awaitsDecision);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error) => this.talk.failed(error));
    return this.#turn;
  }
}
