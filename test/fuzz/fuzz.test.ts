import { describe, expect, it } from 'vitest';
import { withCodecs } from './codecs.ts';
import { type Codec, fuzz } from './fuzz.ts';

/** Kept as it is: the night's runs have other ones (`npm run bench -- fuzz`). */
const SEED = 11;
const INPUTS = 20_000;
/** A reader of files needs a quarter of a minute, and many times that on a busy machine. */
const PATIENCE_MS = 600_000;

const names = await withCodecs(async (codecs) => codecs.map(({ name }) => name));

describe('what others may have written', () => {
  it.each(names)(
    '%s: 20,000 changed inputs are read, or refused with an error for users',
    async (name) => {
      const count = await withCodecs((codecs) =>
        fuzz(codecs.find((codec) => codec.name === name) as Codec, SEED, INPUTS),
      );
      expect(count.failure).toBeNull();
      expect(count.inputs).toBe(INPUTS);
      // A codec that reads none, or all of them, is not tried.
      expect(count.accepted).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it('is reported where a reader throws anything else, or makes more of it than it may', async () => {
    const codec = { name: 'x', samples: [Uint8Array.of(1, 2, 3)], mostMade: () => 10 };
    const throwing = await fuzz({ ...codec, read: () => JSON.parse('{') as number }, 1, 10);
    expect(throwing).toMatchObject({ inputs: 1, failure: { index: 0, reason: expect.any(SyntaxError) } });
    const growing = await fuzz({ ...codec, read: () => 11 }, 1, 10);
    expect(growing.failure?.reason).toMatchObject({ message: expect.stringContaining('became 11') });
    expect((await fuzz({ ...codec, read: () => 10 }, 1, 10)).failure).toBeNull();
  });
});
