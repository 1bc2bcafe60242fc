import { basename } from 'node:path';
import * as vscode from 'vscode';
import { type CohortChange, changeAt } from '../../node/cohort/state/cohort-change.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import type { VolumeEditorProvider } from '../editor/volume-editor-provider.ts';
import type { CohortWatches } from '../platform/cohort-watches.ts';

/** Many files change at once (a checkout, a copied folder), and listeners hear of them once. */
const QUIET_MS = 400;

/** The absolute paths of the files that changed, or `unknown` if everything has to be looked at. */
export type ChangedFiles = ReadonlySet<string> | 'unknown';

/**
 * The cohort that the views and commands of this window are about. It is the cohort of the volume that was last in
 * front, else the one folder that is open, else the one that the user chose among several. Its folder is watched.
 */
export class CurrentCohort implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disk = new vscode.EventEmitter<CohortChange>();
  readonly #files = new vscode.EventEmitter<ChangedFiles>();
  readonly #pending = { kinds: new Set<CohortChange>(), files: new Set<string>(), everywhere: false };
  readonly #subscriptions: vscode.Disposable[] = [];
  #watch: vscode.Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #store: CohortStore | undefined;

  /** Fires when another cohort, or none, has become the current one. */
  readonly onDidChange = this.#changed.event;
  /** Fires when something of the cohort changed on the disk, a moment after the first of many changes. */
  readonly onDidChangeOnDisk = this.#disk.event;
  /** Fires with the changed files, once for all kinds of change together. */
  readonly onDidChangeFiles = this.#files.event;

  constructor(
    private readonly editors: VolumeEditorProvider,
    private readonly watches: CohortWatches,
  ) {
    this.#follow();
    this.#subscriptions.push(
      editors.onDidChangeActive(() => this.#follow()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#follow()),
    );
  }

  /**
   * The current cohort. It is undefined while no folder and no volume is open, or several folders are and none was
   * chosen.
   */
  get store(): CohortStore | undefined {
    return this.#store;
  }

  /** Makes the cohort at `root` (an absolute path) the current one until a volume of another one comes to the front. */
  choose(root: string): CohortStore {
    if (this.#store?.root !== root) {
      const store = new CohortStore(root);
      this.#store = store;
      this.#watch?.dispose();
      this.#watch = this.watches.watch(root, (path) => this.#note(store, path));
      this.#changed.fire();
    }
    return this.#store;
  }

  /**
   * The current cohort; where several folders are open and none is current yet, the user chooses. It is undefined if
   * the user chose nothing.
   */
  async chooseIfNeeded(placeHolder: string): Promise<CohortStore | undefined> {
    if (this.#store) return this.#store;
    const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder });
    return picked && this.choose(picked.uri.fsPath);
  }

  /** Tells the listeners of a change that we made where no watcher looks, or that shall be shown at once. */
  tell(change: CohortChange): void {
    this.#disk.fire(change);
    this.#files.fire('unknown');
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watch?.dispose();
    for (const each of this.#subscriptions) each.dispose();
    this.#changed.dispose();
    this.#disk.dispose();
    this.#files.dispose();
  }

  #follow(): void {
    const active = this.editors.activePanel?.document.session?.store.root;
    const folders = vscode.workspace.workspaceFolders ?? [];
    const only = folders.length === 1 && folders[0].uri.scheme === 'file' ? folders[0].uri.fsPath : undefined;
    const root = active ?? this.#store?.root ?? only;
    if (root !== undefined) this.choose(root);
  }

  #note(store: CohortStore, path: string | undefined): void {
    const kinds = path === undefined ? (['files', 'state'] as const) : changeAt(store, path);
    if (kinds.length === 0) return;
    const pending = this.#pending;
    for (const kind of kinds) pending.kinds.add(kind);
    if (path === undefined) pending.everywhere = true;
    else pending.files.add(path);
    // The timer is not restarted by later changes: otherwise a long copy, or a prediction of all cases, would be told
    // only at its end.
    this.#timer ??= setTimeout(() => {
      const kinds = [...pending.kinds];
      const files = pending.everywhere ? 'unknown' : new Set(pending.files);
      pending.kinds.clear();
      pending.files.clear();
      pending.everywhere = false;
      this.#timer = undefined;
      for (const kind of kinds) this.#disk.fire(kind);
      this.#files.fire(files);
    }, QUIET_MS);
  }
}

/** The name that the user sees for a cohort. */
export function cohortName(store: CohortStore): string {
  return basename(store.root);
}
