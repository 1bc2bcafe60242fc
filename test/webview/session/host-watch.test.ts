import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HostWatch } from '../../../src/webview/session/host-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched(answers: boolean) {
  const host = { answers };
  const heard: boolean[] = [];
  const watch: HostWatch = new HostWatch(
    () => {
      if (host.answers) setTimeout(() => watch.heard(), 10);
    },
    () => heard.push(watch.answers),
  );
  watch.start();
  return { host, heard, watch };
}

test('a host that answers is never said to be silent, whether anything is asked of it or not', () => {
  const { heard, watch } = watched(true);
  for (let n = 0; n < 40; n++) {
    vi.advanceTimersByTime(900);
    if (n % 3 === 0) watch.sent();
  }
  expect(heard).toEqual([]);
  watch.stop();
});

test('a host that falls silent is told once, within seconds, and once more when it is back', () => {
  const { host, heard, watch } = watched(true);
  vi.advanceTimersByTime(3100);
  host.answers = false;
  vi.advanceTimersByTime(3900);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(4000);
  expect(heard).toEqual([false]);
  vi.advanceTimersByTime(60_000);
  expect(heard).toEqual([false]);
  host.answers = true;
  vi.advanceTimersByTime(2600);
  expect(heard).toEqual([false, true]);
  watch.stop();
});

test('while the page itself is held up, or the machine sleeps, nobody is silent', () => {
  const { host, heard, watch } = watched(false);
  vi.advanceTimersByTime(2100);
  // The clock jumps; the page's own timer comes round once.
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(500);
  expect(heard).toEqual([]);
  host.answers = true;
  watch.heard();
  expect(heard).toEqual([]);
  watch.stop();
});
