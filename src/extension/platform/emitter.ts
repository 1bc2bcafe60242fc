/** Takes a listener; what it returns takes it away again. */
export type Subscribe<T> = (listener: (value: T) => unknown) => { dispose(): void };

/** `vscode.EventEmitter` for what is tested without VS Code. */
export class Emitter<T = void> {
  readonly #listeners = new Set<{ readonly hear: (value: T) => unknown }>();

  readonly event: Subscribe<T> = (hear) => {
    const listener = { hear };
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  /** Tells all listeners. What one of them throws keeps it from nobody else, and is reported as a defect. */
  fire(value: T): void {
    for (const { hear } of [...this.#listeners]) {
      try {
        hear(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
