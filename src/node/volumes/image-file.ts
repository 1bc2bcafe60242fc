import { stat } from 'node:fs/promises';

/** What became of an image since it was opened. */
export type ImageState = 'unchanged' | 'changed' | 'gone';

/** What tells one image from all others, whatever it is called. */
export interface ImageIdentity {
  /** `fileFingerprint` */
  readonly fingerprint: string;
  readonly sizeBytes: number;
}

/** What an untouched file has: looking at it costs nothing. */
interface Stamp {
  readonly sizeBytes: number;
  readonly text: string;
}

/** An image file as it was when it was opened, and whether it still is. */
export class ImageFile {
  #identity: Promise<ImageIdentity | null> | undefined;
  #fingerprint: string | null = null;
  /** What lay there when somebody looked last. */
  #seen: Stamp | null = null;
  /** Another image, or none, that was found in the place of this one. */
  #other: string | undefined;
  /** What lies in the place of this one and is as good as nothing. */
  #nothing: string | undefined;

  private constructor(
    readonly path: string,
    private readonly fingerprintOf: (path: string) => Promise<string>,
    /** Null: it was not there. */
    private stamp: Stamp | null,
  ) {}

  /**
   * Call it before anything of the file is read: what changes from then on is noticed.
   * @param fingerprintOf see `fileFingerprint`
   */
  static async at(path: string, fingerprintOf: (path: string) => Promise<string>): Promise<ImageFile> {
    return new ImageFile(path, fingerprintOf, await stampOf(path));
  }

  /**
   * Who the image is that was opened. Reads the file once, the first time that somebody asks.
   * @returns null: the file was changed, or went, before anybody had asked
   */
  identity(): Promise<ImageIdentity | null> {
    this.#identity ??= this.#identify().then((identity) => {
      this.#fingerprint = identity?.fingerprint ?? null;
      return identity;
    });
    return this.#identity;
  }

  /**
   * What is known of the image that was opened without asking the disk. `stamp`: that of the untouched file; `fingerprint`:
   * null as long as nobody has asked for the identity.
   */
  get known(): { readonly stamp: string; readonly sizeBytes: number; readonly fingerprint: string | null } {
    return {
      stamp: this.stamp?.text ?? '',
      sizeBytes: this.stamp?.sizeBytes ?? 0,
      fingerprint: this.#fingerprint,
    };
  }

  /** How the file lies there now. A file that was merely touched, or written again as it was, is unchanged. */
  async look(): Promise<ImageState> {
    const stamp = await stampOf(this.path);
    this.#seen = stamp;
    if (stamp === null || stamp.text === this.#nothing) return 'gone';
    if (stamp.text === this.stamp?.text) return 'unchanged';
    if (stamp.text === this.#other) return 'changed';
    const known = await this.#identity;
    const isSame = known?.sizeBytes === stamp.sizeBytes && (await this.#read()) === known.fingerprint;
    if (isSame) this.stamp = stamp;
    else this.#other = stamp.text;
    return isSame ? 'unchanged' : 'changed';
  }

  /** Tells what `look` saw last from everything else that may lie there; null: nothing. */
  get seen(): string | null {
    return this.#seen?.text ?? null;
  }

  /**
   * What lies there is no image, and the user knows: it counts as gone as long as it lies there.
   * @param seen what it is (`seen` of any `ImageFile` on this path)
   */
  countAsGone(seen: string | null = this.seen): void {
    this.#nothing = seen ?? undefined;
  }

  async #identify(): Promise<ImageIdentity | null> {
    const fingerprint = await this.#read();
    const { stamp } = this;
    if (fingerprint === null || stamp === null || (await stampOf(this.path))?.text !== stamp.text) return null;
    return { fingerprint, sizeBytes: stamp.sizeBytes };
  }

  /** Null: it cannot be read any more. */
  #read(): Promise<string | null> {
    return this.fingerprintOf(this.path).catch(() => null);
  }
}

/**
 * What the stamps of an image then and now say of it. `touched`: all is as it was but the time of the last change of anything, which
 * a new name or new permissions set too; another image that was written over it with its times kept (`cp -p`) looks just so.
 */
export function compareStamps(then: string, now: string): 'same' | 'touched' | 'other' {
  if (then === '' || now === '') return 'other';
  if (then === now) return 'same';
  // Stamps of earlier versions do not tell that time.
  const withoutChangeTime = (stamp: string) => stamp.split(':').slice(0, 3).join(':');
  return withoutChangeTime(then) === withoutChangeTime(now) ? 'touched' : 'other';
}

/** Null: it is not there, or (a link that leads nowhere, a disk that went) out of reach: what was opened is all that there is. */
async function stampOf(path: string): Promise<Stamp | null> {
  const found = await stat(path).catch(() => null);
  // Not the disk's number: a share gets another one whenever it is mounted.
  return found && { sizeBytes: found.size, text: `${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}` };
}
