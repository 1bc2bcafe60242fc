import { expect, it } from 'vitest';
import { unsentStore } from '../../../src/webview/host-link/unsent-store.ts';
import { parseUnsentWork, type UnsentWork } from '../../../src/webview/session/unsent-work.ts';

/** Storage as a browser has it, which holds so many characters. */
class SmallStorage implements Storage {
  readonly #items = new Map<string, string>();

  constructor(private readonly most: number) {}

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    const others = [...this.#items].filter(([name]) => name !== key);
    const held = others.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
    if (held + key.length + value.length > this.most) throw new DOMException('It is full.', 'QuotaExceededError');
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }
}

const dab = { tool: 'brush', plane: 'axial', slice: 1, path: [[1, 1]], radiusMm: 1, label: 1 } as const;
const region = {
  tool: 'grow',
  plane: 'axial',
  slice: 1,
  label: 1,
  covered: Array.from({ length: 3000 }, () => 7),
} as const;

function work(strokes: UnsentWork['strokes']): UnsentWork {
  return {
    documentId: 'file:///case.nii.gz',
    hostId: 'host 1',
    imageStamp: 'stamp',
    pageId: 'page',
    told: 'a b',
    shown: 'c d',
    strokes,
    unposted: 0,
    decisions: 1,
    view: null,
  };
}

it('keeps what was not sent for the next page of the same document, once', () => {
  const storage = new SmallStorage(1e6);
  const kept = unsentStore(() => storage);
  kept.put(work([dab, region]));
  expect(kept.take('file:///other.nii.gz')).toEqual([]);
  expect(kept.take('file:///case.nii.gz').map(parseUnsentWork)).toEqual([work([dab, region])]);
  expect(kept.take('file:///case.nii.gz')).toEqual([]);
});

it('says that something is missing where a grown region is longer than storage, and keeps nothing that is out of date', () => {
  const storage = new SmallStorage(2000);
  const store = unsentStore(() => storage);
  store.put(work([dab]));
  store.put(work([dab, region]));
  const left = store.take('file:///case.nii.gz').map(parseUnsentWork);
  expect(left).toEqual([{ ...work([]), decisions: 3 }]);
});
