import type { ImageState } from '../../volumes/image-file.ts';

/**
 * What becomes of labels when the image that they were drawn on is another one now, or no image any more. `save`: with the geometry
 * that they were drawn on; `close`: without saving; `follow`: they go to where the image is now; `stay`: they keep its old name.
 */
export type LabelsFate = 'keep' | 'export' | 'discard' | 'save' | 'close' | 'follow' | 'stay';

/**
 * What lies in the image's place. `other-grid`: an image whose voxels lie elsewhere; `renamedTo`: nothing, and there the image is now.
 */
export type Replacement =
  | 'same-grid'
  | 'other-grid'
  | { readonly unreadable: unknown }
  | { readonly renamedTo: string };

/**
 * How a question is put. `notice`: something that may stand there unread, and leads to the question; `at-once`: the user wants to
 * decide; `for-save`: a save waits for the answer.
 */
type Manner = 'notice' | 'at-once' | 'for-save';

/** The image as the file holds it now, opened and not shown yet. */
export interface ReplacedImage {
  /** Its voxels lie where those of the image lay that was drawn on. */
  readonly isSameGrid: boolean;
  /**
   * Shows it. `if-saved`: unless there is something unsaved; `keep`: under the labels as they are.
   * @returns whether it is shown
   */
  show(how: 'if-saved' | 'keep' | 'discard'): Promise<boolean>;
  /** It is not shown. */
  close(): void;
}

/** An image that is open, and the labels on it. */
export interface WatchedImage {
  readonly name: string;
  readonly hasUnsavedChanges: boolean;
  look(): Promise<ImageState>;
  /** Tells what the last look saw from everything else that may lie there. */
  readonly seen: string | null;
  /** @throws what opening a volume throws */
  reopen(): Promise<ReplacedImage>;
  /** Where the image is that is not in its place any more; null: nobody knows. */
  whereNow(): Promise<string | null>;
  /** Nothing can be drawn as long as there is a reason. */
  lock(reason: string | null, awaitsDecision: boolean): void;
  /** What lies there is no image, or nothing, and the user wants the labels to be saved under its name all the same. */
  goOnWithout(): void;
}

/** What the user is told and asked. */
export interface ImageTalk {
  /**
   * Undefined: no answer, or asked again meanwhile.
   * @param asNotice the user has not asked to be asked
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
  /** The file cannot be read as it is now. */
  unreadable(name: string, error: unknown): string;
  failed(error: unknown): void;
}

/**
 * Settles what is to become of an image that somebody else has changed while it was open. With nothing unsaved it is read
 * again. Otherwise nothing can be drawn any more until the user has decided: what is seen is not what lies there.
 */
export class ImageConflicts {
  #turn: Promise<void> = Promise.resolve();
  #isGone = false;
  #isLocked = false;
  #isAsking = false;
  /** What was seen when the question was put. */
  #askedAbout: string | null = null;
  /** Counts questions: a later one stands for all before it. */
  #question = 0;

  constructor(
    private readonly image: WatchedImage,
    private readonly talk: ImageTalk,
  ) {}

  /**
   * Call when the file may have changed.
   * @param mustAsk a save was refused: the question is put again, even if it is still open somewhere
   */
  look({ mustAsk = false } = {}): Promise<void> {
    return this.#inTurn(() => this.#settle(mustAsk));
  }

  /**
   * The user wants to decide what is open, or to save, which needs a decision. Asks, and does what is chosen.
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

  /** @returns what the user must decide about; null: nothing, or nothing new since the question was put */
  async #find(mustAsk: boolean): Promise<Replacement | null> {
    const { image, talk } = this;
    const state = await image.look();
    if (state === 'gone') return this.#findGone(mustAsk);
    this.#isGone = false;
    if (state === 'unchanged') {
      this.#lock(null);
      return null;
    }
    // Every change in the cohort leads here, and opening a volume is dear.
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
      // It may be half written: whoever writes it will be heard of again.
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
    // What closes the tab ends a save of it, and so comes after that save.
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
      // An image may lie there since.
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
    // Another one has come since.
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
