/** A `ByteReader` throws this; readers of a format turn it into their own error. */
export class MalformedBytesError extends Error {}

/** There are fewer bytes than were announced. */
export class EndsTooEarlyError extends MalformedBytesError {
  constructor() {
    super('it ends too early');
  }
}

/** Reads what `ByteWriter` wrote. It trusts nothing of it. */
export class ByteReader {
  #at = 0;

  constructor(private readonly source: Uint8Array) {}

  get remaining(): number {
    return this.source.length - this.#at;
  }

  /** @throws EndsTooEarlyError */
  byte(): number {
    if (this.#at >= this.source.length) throw new EndsTooEarlyError();
    return this.source[this.#at++];
  }

  /** @throws MalformedBytesError at the end, or for a number above 2^53 - 1 */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < 8; n++) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (byte < 128) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 128;
    }
    throw new MalformedBytesError('a number is too large');
  }

  /** A view of the next `length` bytes. @throws EndsTooEarlyError if there are fewer */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw new EndsTooEarlyError();
    this.#at += length;
    return this.source.subarray(this.#at - length, this.#at);
  }

  /** @throws MalformedBytesError if the next characters are others */
  magic(name: string): void {
    for (let n = 0; n < name.length; n++) {
      if (this.#at >= this.source.length || this.source[this.#at++] !== name.charCodeAt(n)) {
        throw new MalformedBytesError('it is of another kind');
      }
    }
  }

  /** @throws MalformedBytesError if anything is left */
  end(): void {
    if (this.remaining > 0) throw new MalformedBytesError('it goes on after its end');
  }
}
