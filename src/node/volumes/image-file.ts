import { VolumeStats } from './volume-identity.ts';

/** Says what became of an image since it was opened. */
export type ImageState = 'unchanged' | 'changed' | 'gone';

/** These facts tell one image from all others, whatever its name is. */
export interface ImageIdentity {
  /** The `volumeFingerprint` of the file. */
  readonly fingerprint: string;
  /** The size of the file itself, without those that it may name for its voxels. */
  readonly sizeBytes: number;
}

/** An untouched file keeps its stamp, which costs nothing to look at. */
interface Stamp {
  readonly sizeBytes: number;
  readonly text: string;
}

/**
 * An image file (and those that its header may name for the voxels) as it was when it was opened, and whether it still
 * is.
 */
export class ImageFile {
  #identity: Promise<ImageIdentity | null> | undefined;
  #fingerprint: string | null = null;
  /** The stamp of what lay there when somebody looked last. */
  #seen: Stamp | null = null;
  /** Another image, or none, that was found in the place of this one. */
  #other: string | undefined;
  /** Something lies in the place of this image that counts as nothing. */
  #nothing: string | undefined;

  private constructor(
    readonly path: string,
    private readonly fingerprintOf: (path: string) => Promise<string>,
    private readonly stats: VolumeStats,
    /** The stamp is null if the file did not exist. */
    private stamp: Stamp | null,
  ) {}

  /**
   * Makes an image file. It must be called before anything of the file is read, because changes are noticed from then
   * on.
   * @param fingerprintOf see `volumeFingerprint`
   */
  static async at(path: string, fingerprintOf: (path: string) => Promise<string>): Promise<ImageFile> {
    const stats = new VolumeStats();
    return new ImageFile(path, fingerprintOf, stats, await stampOf(stats, path));
  }

  /**
   * Identifies the image that was opened. The first call reads the file once.
   * @returns null if the file was changed, or went, before the first call
   */
  identity(): Promise<ImageIdentity | null> {
    this.#identity ??= this.#identify().then((identity) => {
      this.#fingerprint = identity?.fingerprint ?? null;
      return identity;
    });
    return this.#identity;
  }

  /**
   * The facts that are known of the opened image without asking the disk. `stamp` is that of the untouched file;
   * `fingerprint` is null as long as nobody has asked for the identity.
   */
  get known(): { readonly stamp: string; readonly sizeBytes: number; readonly fingerprint: string | null } {
    return {
      stamp: this.stamp?.text ?? '',
      sizeBytes: this.stamp?.sizeBytes ?? 0,
      fingerprint: this.#fingerprint,
    };
  }

  /** Looks how the file lies there now. A file that was merely touched, or written again as it was, is unchanged. */
  async look(): Promise<ImageState> {
    const stamp = await stampOf(this.stats, this.path);
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

  /** Identifies what `look` saw last; it is null if nothing was there. */
  get seen(): string | null {
    return this.#seen?.text ?? null;
  }

  /**
   * What lies there is no image, and the user knows: the image counts as gone as long as this lies there.
   * @param seen identifies it (`seen` of any `ImageFile` on this path)
   */
  countAsGone(seen: string | null = this.seen): void {
    this.#nothing = seen ?? undefined;
  }

  async #identify(): Promise<ImageIdentity | null> {
    const fingerprint = await this.#read();
    const { stamp } = this;
    if (fingerprint === null || stamp === null || (await stampOf(this.stats, this.path))?.text !== stamp.text)
      return null;
    return { fingerprint, sizeBytes: stamp.sizeBytes };
  }

  /** The fingerprint of the file; it is null if the file cannot be read any more. */
  #read(): Promise<string | null> {
    return this.fingerprintOf(this.path).catch(() => null);
  }
}

/**
 * Compares two stamps of an image. `touched` means that everything is as it was except for the time of the last change
 * of any kind, which a new name or new permissions also set; another image that was written over it with its times kept
 * (`cp -p`) looks just so.
 */
export function compareStamps(then: string, now: string): 'same' | 'touched' | 'other' {
  if (then === '' || now === '') return 'other';
  if (then === now) return 'same';
  // Stamps of earlier versions do not hold that time.
  const withoutChangeTime = (stamp: string) =>
    stamp
      .split('|')
      .map((ofFile) => ofFile.split(':').slice(0, 3).join(':'))
      .join('|');
  return withoutChangeTime(then) === withoutChangeTime(now) ? 'touched' : 'other';
}

/**
 * The stamp is null if the file does not exist, or cannot be reached (because of a link that leads nowhere, or a disk
 * that went): then the opened image is all that there is.
 */
async function stampOf(stats: VolumeStats, path: string): Promise<Stamp | null> {
  const found = await stats.of(path).catch(() => null);
  // The disk's number is left out, because a share gets another one whenever it is mounted.
  const texts = found?.map((each) => (each ? `${each.ino}:${each.size}:${each.mtimeMs}:${each.ctimeMs}` : ''));
  return found && { sizeBytes: found[0].size, text: (texts ?? []).join('|') };
}
