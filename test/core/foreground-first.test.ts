import { describe, expect, it } from 'vitest';
import { type CancelSignal, CancelSource } from '../../src/core/cancel.ts';
import { CancelledError } from '../../src/core/errors.ts';
import { ForegroundFirst } from '../../src/core/foreground-first.ts';

/** Work that ends when it is told to, or when it is interrupted. */
function controlled(log: string[], name: string) {
  let finish: () => void = () => undefined;
  const run = (signal?: CancelSignal) =>
    new Promise<string>((resolve, reject) => {
      log.push(`${name} begins`);
      finish = () => {
        log.push(`${name} ends`);
        resolve(name);
      };
      signal?.addEventListener('abort', () => {
        log.push(`${name} is interrupted`);
        reject(new CancelledError());
      });
    });
  return { run, finish: () => finish() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('foreground first', () => {
  it('interrupts the background, and begins it anew when all of the foreground has ended', async () => {
    const log: string[] = [];
    const gate = new ForegroundFirst();
    const [slow, first, second] = ['slow', 'first', 'second'].map((name) => controlled(log, name));
    const background = gate.background(slow.run, new CancelSource().signal);
    await settled();
    const foreground = [gate.foreground(first.run), gate.foreground(second.run)];
    await settled();
    first.finish();
    await settled();
    second.finish();
    expect(await Promise.all(foreground)).toEqual(['first', 'second']);
    await settled();
    slow.finish();
    expect(await background).toBe('slow');
    expect(log).toEqual([
      'slow begins',
      'slow is interrupted',
      'first begins',
      'second begins',
      'first ends',
      'second ends',
      'slow begins',
      'slow ends',
    ]);
  });

  it('ends with the reason of whoever cancels or fails, waiting or running', async () => {
    const log: string[] = [];
    const gate = new ForegroundFirst();
    const source = new CancelSource();
    const running = gate.background(controlled(log, 'running').run, source.signal);
    await settled();
    source.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledError);

    const first = controlled(log, 'first');
    const foreground = gate.foreground(first.run);
    const other = new CancelSource();
    const waiting = gate.background(controlled(log, 'never').run, other.signal);
    await settled();
    other.cancel();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    first.finish();
    await foreground;
    expect(log).not.toContain('never begins');
    const failing = gate.background(() => Promise.reject(new Error('damaged')), new CancelSource().signal);
    await expect(failing).rejects.toThrow('damaged');
  });
});
