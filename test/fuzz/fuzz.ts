import { VoxelLoopError } from '../../src/core/errors.ts';
import { SeededRandom } from '../../src/core/random.ts';
import { SliceFileMissError } from '../../src/engine/loader/slice-file.ts';
import { mutateBytes, mutateText } from './mutate.ts';

/** A reader of files, messages or texts that others may have written. */
export interface Codec {
  readonly name: string;
  /** What it takes, as a writer of ours or of others makes it. */
  readonly samples: readonly Uint8Array[];
  readonly isText?: boolean;
  /**
   * Reads, and uses what it read as its callers do.
   * @returns how many bytes (or array elements) were made of it
   */
  readonly read: (bytes: Uint8Array) => number | Promise<number>;
  /** The most that an input of so many bytes may make. */
  readonly mostMade: (inputBytes: number) => number;
}

export interface FuzzFailure {
  readonly codec: string;
  /** Of the seed, counted from 0. */
  readonly index: number;
  readonly input: Uint8Array;
  readonly reason: unknown;
}

export interface FuzzCount {
  readonly codec: string;
  readonly inputs: number;
  /** Of these, how many were read: of a codec that refuses all, nothing behind its door is tried. */
  readonly accepted: number;
  readonly refused: number;
  readonly failure: FuzzFailure | null;
}

/** Gives a codec `inputs` changed samples; stops at the first that it neither reads nor refuses with an error for users. */
export async function fuzz(codec: Codec, seed: number, inputs: number): Promise<FuzzCount> {
  const { name, samples, isText, read, mostMade } = codec;
  const random = new SeededRandom(seed);
  let accepted = 0;
  for (let index = 0; index < inputs; index++) {
    const input = (isText ? mutateText : mutateBytes)(samples, random);
    try {
      const reading = read(input);
      const made = typeof reading === 'number' ? reading : await reading;
      if (made > mostMade(input.length)) throw new Error(`${input.length} bytes became ${made}.`);
      accepted++;
    } catch (reason) {
      if (reason instanceof VoxelLoopError || reason instanceof SliceFileMissError) continue;
      const failure = { codec: name, index, input, reason };
      return { codec: name, inputs: index + 1, accepted, refused: index - accepted, failure };
    }
  }
  return { codec: name, inputs, accepted, refused: inputs - accepted, failure: null };
}
