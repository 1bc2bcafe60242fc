import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadPage, type PagePanel } from '../../src/extension/editor/load-page.ts';

class FakePanel {
  visible = true;
  readonly pages: string[] = [];
  readonly #listeners: Record<string, (() => void)[]> = {};
  readonly webview: PagePanel['webview'];
  readonly onDidChangeViewState = this.#event('viewState');
  readonly onDidDispose = this.#event('dispose');

  constructor() {
    const { pages } = this;
    this.webview = {
      get html() {
        return pages.at(-1) ?? '';
      },
      set html(page) {
        pages.push(page);
      },
      onDidReceiveMessage: this.#event('message'),
    };
  }

  fire(event: 'message' | 'viewState' | 'dispose'): void {
    for (const listener of this.#listeners[event] ?? []) listener();
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.fire('viewState');
  }

  #event(name: string) {
    return (listener: (event: never) => void) => {
      this.#listeners[name] = [...(this.#listeners[name] ?? []), listener as () => void];
      return { dispose: () => undefined };
    };
  }
}

const MINUTES = 60_000;

describe('loading a page', () => {
  let panel: FakePanel;
  const retries: number[] = [];
  const load = () => {
    let made = 0;
    loadPage(
      panel as unknown as PagePanel,
      () => `page ${++made}`,
      (attempt) => retries.push(attempt),
    );
  };

  beforeEach(() => {
    vi.useFakeTimers();
    panel = new FakePanel();
    retries.length = 0;
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('happens once where the page speaks', () => {
    load();
    vi.advanceTimersByTime(3000);
    panel.fire('message');
    vi.advanceTimersByTime(10 * MINUTES);
    expect(panel.pages).toEqual(['page 1']);
    expect(retries).toEqual([]);
  });

  it('happens again where the page stays silent, until it speaks', () => {
    load();
    vi.advanceTimersByTime(9000);
    expect(panel.pages).toEqual(['page 1', 'page 2']);
    panel.fire('message');
    vi.advanceTimersByTime(10 * MINUTES);
    expect(panel.pages).toHaveLength(2);
  });

  it('is given up after three attempts more, each with more patience', () => {
    load();
    vi.advanceTimersByTime(10 * MINUTES);
    expect(panel.pages).toEqual(['page 1', 'page 2', 'page 3', 'page 4']);
    expect(retries).toEqual([1, 2, 3]);
  });

  it('waits while the page is hidden, and begins anew when it is shown', () => {
    panel.visible = false;
    load();
    vi.advanceTimersByTime(10 * MINUTES);
    expect(panel.pages).toHaveLength(1);
    panel.show(true);
    vi.advanceTimersByTime(3000);
    panel.fire('message');
    panel.show(false);
    vi.advanceTimersByTime(10 * MINUTES);
    panel.show(true);
    vi.advanceTimersByTime(9000);
    expect(panel.pages).toHaveLength(2);
    panel.show(false);
    vi.advanceTimersByTime(10 * MINUTES);
    expect(panel.pages).toHaveLength(2);
  });

  it('ends with the panel', () => {
    load();
    panel.fire('dispose');
    vi.advanceTimersByTime(10 * MINUTES);
    expect(panel.pages).toHaveLength(1);
  });
});
