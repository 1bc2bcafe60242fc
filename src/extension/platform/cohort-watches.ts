import type * as vscode from 'vscode';
import { isInCohort } from '../../node/cohort/cases/listed-files.ts';
import { FolderWatch } from '../../node/files/folder-watch.ts';

type Listener = (path: string | undefined) => void;

/** Watches the folders of cohorts for this window, each once, however many listeners there are. */
export class CohortWatches {
  readonly #open = new Map<string, { readonly watch: FolderWatch; readonly listeners: Set<Listener> }>();

  /** @param hear is told of every file below `root` that changes, as `FolderWatch` does it */
  watch(root: string, hear: Listener): vscode.Disposable {
    const entry = this.#open.get(root) ?? this.#start(root);
    // Each listener is an object of its own, because one function may listen twice.
    const listener: Listener = (path) => hear(path);
    entry.listeners.add(listener);
    return {
      dispose: () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size > 0) return;
        entry.watch.close();
        if (this.#open.get(root) === entry) this.#open.delete(root);
      },
    };
  }

  #start(root: string) {
    const listeners = new Set<Listener>();
    const watch = new FolderWatch(root, isInCohort, (path) => {
      for (const listener of [...listeners]) listener(path);
    });
    const entry = { watch, listeners };
    this.#open.set(root, entry);
    return entry;
  }
}
