/** Takes a listener. Disposing of what it returns takes the listener away again. */
export type Subscribe<T> = (listener: (value: T) => unknown) => { dispose(): void };

/** Tells listeners of what happens, as VS Code's `EventEmitter` does, for code that must not know VS Code. */
export class Emitter<T = void> {
  readonly #listeners = new Set<{ readonly hear: (value: T) => unknown }>();

  readonly event: Subscribe<T> = (hear) => {
    const listener = { hear };
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  /**
   * Tells all listeners. An error that one of them throws keeps the value from nobody else; it is reported as a
   * rejection that nobody handles.
   */
  fire(value: T): void {
    for (const { hear } of [...this.#listeners]) {
      try {
        hear(value);
      } catch (error) {
        void Promise.reject(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
