import type { PlaneName } from '../../core/geometry/slice-plane.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';

/** Identifies a slice of a 3-D volume. */
export interface SliceKey {
  readonly plane: PlaneName;
  /** The index along the plane's normal axis. */
  readonly index: number;
  readonly timeIndex: number;
}

export function sliceKeyText(key: SliceKey): string {
  return `${key.timeIndex}/${key.plane}/${key.index}`;
}

/**
 * Keeps slices of the image within a budget of bytes, and drops the least recently used first. The newest always stays,
 * however large it is.
 */
export class SliceCache {
  /** The order of insertion is the order of use: a hit is deleted and set again. */
  readonly #slices = new Map<string, SliceImage>();
  #bytes = 0;

  constructor(readonly budgetBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  has(key: SliceKey): boolean {
    return this.#slices.has(sliceKeyText(key));
  }

  get(key: SliceKey): SliceImage | undefined {
    const text = sliceKeyText(key);
    const slice = this.#slices.get(text);
    if (slice) {
      this.#slices.delete(text);
      this.#slices.set(text, slice);
    }
    return slice;
  }

  set(key: SliceKey, slice: SliceImage): void {
    const text = sliceKeyText(key);
    this.#drop(text);
    this.#slices.set(text, slice);
    this.#bytes += slice.data.byteLength;
    for (const oldest of this.#slices.keys()) {
      if (this.#bytes <= this.budgetBytes || oldest === text) break;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#slices.clear();
    this.#bytes = 0;
  }

  #drop(text: string): void {
    const slice = this.#slices.get(text);
    if (!slice) return;
    this.#slices.delete(text);
    this.#bytes -= slice.data.byteLength;
  }
}
