import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SliceImage } from '../../../src/core/volume/slice-image.ts';
import { prefetchOrder } from '../../../src/webview/slices/prefetch-order.ts';
import { SliceCache, type SliceKey, sliceKeyText } from '../../../src/webview/slices/slice-cache.ts';
import { SliceLoader } from '../../../src/webview/slices/slice-loader.ts';
import { sliceSamples, valueAt } from '../../../src/webview/slices/slice-samples.ts';

const key = (index: number): SliceKey => ({ plane: 'axial', index, timeIndex: 0 });
const slice = (bytes: number): SliceImage => ({ format: 'u8', columns: bytes, rows: 1, data: new Uint8Array(bytes) });

describe('cache', () => {
  test('keeps what was used last within its budget, as a list would', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('get', 'set'), fc.nat(9), fc.integer({ min: 1, max: 60 })));
    fc.assert(
      fc.property(steps, (list) => {
        const cache = new SliceCache(100);
        let naive: { index: number; bytes: number }[] = [];
        for (const [what, index, bytes] of list) {
          const known = naive.find((entry) => entry.index === index);
          if (what === 'get') {
            expect(cache.get(key(index))?.data.byteLength).toBe(known?.bytes);
            if (known) naive = [...naive.filter((entry) => entry !== known), known];
          } else {
            cache.set(key(index), slice(bytes));
            naive = [...naive.filter((entry) => entry !== known), { index, bytes }];
            while (naive.length > 1 && naive.reduce((sum, entry) => sum + entry.bytes, 0) > 100) naive.shift();
          }
          expect(cache.bytes).toBe(naive.reduce((sum, entry) => sum + entry.bytes, 0));
        }
        for (let index = 0; index <= 9; index++) {
          expect(cache.has(key(index))).toBe(naive.some((entry) => entry.index === index));
        }
      }),
    );
  });
});

test('prefetching visits every other slice once, nearest first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.nat(), fc.nat(), (m, n, a, b) => {
      const planes = [
        { plane: { name: 'axial' as const, sliceCount: m }, index: a % m },
        { plane: { name: 'coronal' as const, sliceCount: n }, index: b % n },
      ];
      const order = [...prefetchOrder(planes, 2)];
      expect(order.length).toBe(m + n - 2);
      expect(new Set(order.map(sliceKeyText)).size).toBe(order.length);
      const distances = order.map((each) => Math.abs(each.index - (each.plane === 'axial' ? a % m : b % n)));
      expect(distances).toEqual([...distances].sort((x, y) => x - y));
      expect(distances.every((distance) => distance > 0)).toBe(true);
    }),
  );
});

/** A host that answers when it is told to. */
function manualHost() {
  const asked: { key: SliceKey; answer: (image: SliceImage) => void; fail: (error: Error) => void }[] = [];
  return {
    asked,
    fetch: (wanted: SliceKey) =>
      new Promise<SliceImage>((answer, fail) => {
        asked.push({ key: wanted, answer, fail });
      }),
    answerAll: async (bytes = 10) => {
      for (const each of asked.splice(0)) each.answer(slice(bytes));
      await new Promise((done) => setTimeout(done));
    },
  };
}

describe('loader', () => {
  test('asks for what is visible first and keeps a slot free while it prefetches', async () => {
    const host = manualHost();
    const loaded: number[] = [];
    const loader = new SliceLoader(
      host.fetch,
      new SliceCache(1000),
      ({ index }) => loaded.push(index),
      () => {},
      4,
    );
    loader.want([key(5)], [key(6), key(4), key(7), key(3), key(8)]);
    expect(host.asked.map((each) => each.key.index)).toEqual([5, 6, 4]);
    loader.want([key(20)], [key(21)]);
    // Scrolled on: the new place goes out at once in the free slot.
    expect(host.asked.map((each) => each.key.index)).toEqual([5, 6, 4, 20]);
    await host.answerAll();
    expect(host.asked.map((each) => each.key.index)).toEqual([21]);
    await host.answerAll();
    expect(loaded).toEqual([5, 6, 4, 20, 21]);
    expect(loader.get(key(7))).toBeUndefined();
  });

  test('a fast scroll over a slow line asks only for a few places on the way and the last one', async () => {
    const host = manualHost();
    const loader = new SliceLoader(
      host.fetch,
      new SliceCache(1000),
      () => {},
      () => {},
      4,
    );
    for (let index = 0; index < 100; index++) loader.want([key(index)], []);
    expect(host.asked.length).toBe(4);
    await host.answerAll();
    expect(host.asked.map((each) => each.key.index)).toEqual([99]);
  });

  test('prefetching ends at the budget instead of evicting what it brought', async () => {
    const host = manualHost();
    const cache = new SliceCache(100);
    const loader = new SliceLoader(
      host.fetch,
      cache,
      () => {},
      () => {},
      2,
    );
    loader.want(
      [key(0)],
      Array.from({ length: 50 }, (_, n) => key(n + 1)),
    );
    let rounds = 0;
    while (host.asked.length > 0 && rounds++ < 100) await host.answerAll(10);
    expect(cache.bytes).toBe(100);
    expect(loader.get(key(0))).toBeDefined();
    expect(loader.get(key(9))).toBeDefined();
    expect(loader.get(key(10))).toBeUndefined();
  });

  test('what failed is told once and asked for again only on request', async () => {
    const host = manualHost();
    const failures: number[] = [];
    const loader = new SliceLoader(
      host.fetch,
      new SliceCache(100),
      () => {},
      ({ index }) => failures.push(index),
      2,
    );
    loader.want([key(1)], []);
    host.asked.splice(0)[0].fail(new Error('gone'));
    await new Promise((done) => setTimeout(done));
    loader.want([key(1)], []);
    expect([failures, host.asked.length]).toEqual([[1], 0]);
    loader.retry();
    expect(host.asked.length).toBe(1);
    loader.close();
    await host.answerAll();
    expect(loader.get(key(1))).toBeUndefined();
  });
});

test('samples are read little-endian from any address, and scaled where they are stored values', () => {
  const bytes = new Uint8Array([0, 0x18, 0xfc, 0x10, 0x00]).subarray(1);
  const image: SliceImage = { format: 'i16', columns: 2, rows: 1, data: bytes };
  expect([...sliceSamples(image)]).toEqual([-1000, 16]);
  expect(valueAt(image, { slope: 2, intercept: 1 }, 0, 0)).toBe(-1999);
  const color: SliceImage = { format: 'rgba8', columns: 1, rows: 1, data: new Uint8Array([1, 2, 3, 255]) };
  expect(valueAt(color, { slope: 1, intercept: 0 }, 0, 0)).toEqual([1, 2, 3]);
});
