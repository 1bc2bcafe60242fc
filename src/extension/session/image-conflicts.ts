import type { ImageState } from '../../node/image-file.ts';

/**
 * What becomes of labels when the image that they were drawn on is another one now, or no image any more. `save`: with the geometry
 * that they were drawn on; `close`: without saving.
 */
export type LabelsFate = 'keep' | 'export' | 'discard' | 'save' | 'close';

/** What lies in the image's place. `other-grid`: an image whose voxels lie elsewhere. */
export type Replacement = 'same-grid' | 'other-grid' | { readonly unreadable: unknown };

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
  /** Nothing can be drawn as long as there is a reason. */
  lock(reason: string | null): void;
  /** What lies there is no image, and labels can be saved all the same: as if it were gone. */
  countAsGone(): void;
}

/** What the user is told and asked. */
export interface ImageTalk {
  /** Undefined: no answer, or asked again meanwhile. */
  whatBecomesOfLabels(name: string, replacement: Replacement): PromiseLike<LabelsFate | undefined>;
  exportLabels(): Promise<void>;
  saveLabels(): PromiseLike<unknown>;
  closeWithoutSaving(): Promise<void>;
  shown(name: string): void;
  gone(name: string): void;
  lockedFor(name: string): string;
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
   * @param mustAsk a save waits for the answer: the question is put again, even if it is still open somewhere
   */
  look({ mustAsk = false } = {}): Promise<void> {
    return this.#inTurn(() => this.#settle(mustAsk));
  }

  async #settle(mustAsk: boolean): Promise<void> {
    const { image, talk } = this;
    const state = await image.look();
    if (state === 'gone') {
      if (!this.#isGone) talk.gone(image.name);
      this.#isGone = true;
      this.#lock(null);
      return;
    }
    this.#isGone = false;
    if (state === 'unchanged') {
      this.#lock(null);
      return;
    }
    // Every change in the cohort leads here, and opening a volume is dear.
    if (this.#isAsking && !mustAsk && image.hasUnsavedChanges && image.seen === this.#askedAbout) return;
    const found = await this.#reopen();
    if ('unreadable' in found) {
      if (image.hasUnsavedChanges && (mustAsk || !this.#isAsking)) void this.#ask(found);
      return;
    }
    if (!image.hasUnsavedChanges && (await found.show('if-saved'))) {
      this.#lock(null);
      talk.shown(image.name);
      return;
    }
    found.close();
    this.#lock(talk.lockedFor(image.name));
    // Nobody waits for the answer: until it comes the file may change again.
    if (mustAsk || !this.#isAsking) void this.#ask(found.isSameGrid ? 'same-grid' : 'other-grid');
  }

  async #reopen(): Promise<ReplacedImage | { readonly unreadable: unknown }> {
    try {
      return await this.image.reopen();
    } catch (error) {
      // It may be half written: whoever writes it will be heard of again.
      this.#lock(this.talk.unreadable(this.image.name, error));
      return { unreadable: error };
    }
  }

  async #ask(replacement: Replacement): Promise<void> {
    const question = ++this.#question;
    this.#isAsking = true;
    this.#askedAbout = this.image.seen;
    try {
      const answer = await this.talk.whatBecomesOfLabels(this.image.name, replacement);
      if (question === this.#question) this.#isAsking = false;
      if (answer === 'export') await this.talk.exportLabels();
      else if (answer === 'close') await this.talk.closeWithoutSaving();
      else if (answer === 'save') await this.#saveWithoutImage();
      else if (answer !== undefined) await this.#inTurn(() => this.#carryOut(answer));
    } catch (error) {
      if (question === this.#question) this.#isAsking = false;
      this.talk.failed(error);
    }
  }

  async #saveWithoutImage(): Promise<void> {
    let isSettled = false;
    await this.#inTurn(async () => {
      // An image may lie there since.
      const state = await this.image.look();
      const found = state === 'changed' ? await this.#reopen() : null;
      if (found && !('unreadable' in found)) {
        found.close();
        return this.#settle(true);
      }
      if (found) {
        this.image.countAsGone();
        this.#isGone = true;
      }
      this.#lock(null);
      isSettled = true;
    });
    if (isSettled) await this.talk.saveLabels();
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

  #lock(reason: string | null): void {
    if (reason === null && !this.#isLocked) return;
    this.#isLocked = reason !== null;
    this.image.lock(reason);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error) => this.talk.failed(error));
    return this.#turn;
  }
}
