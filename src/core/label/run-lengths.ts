import type { ByteWriter } from '../binary/byte-writer.ts';

/**
 * Writes labels of consecutive voxels as pairs of label and length (LEB128). What follows with the same label lengthens
 * its pair, so each run is as long as it can be, however it came in pieces.
 */
export class RunLengths {
  #label = 0;
  #length = 0;

  constructor(private readonly writer: ByteWriter) {}

  add(label: number, length: number): void {
    if (label === this.#label) {
      this.#length += length;
      return;
    }
    this.finish();
    this.#label = label;
    this.#length = length;
  }

  /** Writes the run that is still open. */
  finish(): void {
    if (this.#length === 0) return;
    this.writer.varint(this.#label);
    this.writer.varint(this.#length);
    this.#length = 0;
  }
}
