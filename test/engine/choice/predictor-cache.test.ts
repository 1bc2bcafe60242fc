import { describe, expect, it } from 'vitest';
import type { Predictor } from '../../../src/core/net/graph/network-engine.ts';
import { PredictorCache } from '../../../src/engine/choice/predictor-cache.ts';

function setUp() {
  const events: string[] = [];
  const cache = new PredictorCache();
  const make = (key: string) => async (): Promise<Predictor> => {
    events.push(`make ${key}`);
    return {
      predict: async (input) => input,
      close: async () => {
        events.push(`close ${key}`);
      },
    };
  };
  const use = async (key: string, work: () => Promise<unknown> = async () => undefined) => {
    const loan = await cache.borrow(key, make(key));
    let hasFailed = true;
    try {
      await work();
      hasFailed = false;
    } finally {
      await loan.end(hasFailed);
    }
  };
  return { cache, events, use };
}

describe('PredictorCache', () => {
  it('makes a predictor once, also for two who ask at the same time', async () => {
    const { events, use } = setUp();
    await Promise.all([use('a'), use('a')]);
    await use('a');
    expect(events).toEqual(['make a']);
  });

  it('keeps the two that were used last', async () => {
    const { events, use } = setUp();
    for (const key of ['a', 'b', 'a', 'c']) await use(key);
    expect(events).toEqual(['make a', 'make b', 'make c', 'close b']);
  });

  it('never closes one that is in use', async () => {
    const { events, use, cache } = setUp();
    let finish: () => void = () => undefined;
    const long = use(
      'a',
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    for (const key of ['b', 'c', 'd']) await use(key);
    await cache.close();
    expect(events).not.toContain('close a');
    finish();
    await long;
    await cache.close();
    expect(events).toContain('close a');
  });

  it('forgets one that failed, but closes it only when the others are done with it', async () => {
    const { events, use } = setUp();
    let finish: () => void = () => undefined;
    const other = use(
      'a',
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await expect(use('a', () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    await use('a');
    expect(events).toEqual(['make a', 'make a']);
    finish();
    await other;
    expect(events).toEqual(['make a', 'make a', 'close a']);
  });
});
