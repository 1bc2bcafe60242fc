import { basename } from 'node:path';
import * as vscode from 'vscode';
import { STATE_FOLDER } from '../../node/cohort-folder.ts';
import { CohortStore } from '../../node/cohort-store.ts';
import type { VolumeEditorProvider } from '../editor/volume-editor-provider.ts';

/** Many files change at once (a checkout, a copied folder): listeners hear of it once. */
const QUIET_MS = 400;

/** What of the cohort changed on disk. */
export type CohortChange =
  /** Images, label maps, `dataset.json`, `splits.json`. */
  | 'files'
  /** `.voxel-loop`: records, models, proposals. */
  | 'state';

/** Absolute paths of files that changed, or `unknown`: look everywhere. */
export type ChangedFiles = ReadonlySet<string> | 'unknown';

/**
 * The cohort that the views and the commands of this window are about: the one of the volume that was last in front, else
 * the one folder that is open, else the one that the user chose among several. Watches its folder.
 */
export class CurrentCohort implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disk = new vscode.EventEmitter<CohortChange>();
  readonly #files = new vscode.EventEmitter<ChangedFiles>();
  readonly #pending = new Map<CohortChange, Set<string>>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #watchers: vscode.Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;
  #store: CohortStore | undefined;

  /** Another cohort is the current one, or none any more. */
  readonly onDidChange = this.#changed.event;
  /** Something of it changed on disk, told a moment after the first of many changes. */
  readonly onDidChangeOnDisk = this.#disk.event;
  /** The same with the files, once for all kinds of change together. */
  readonly onDidChangeFiles = this.#files.event;

  constructor(private readonly editors: VolumeEditorProvider) {
    this.#follow();
    this.#subscriptions.push(
      editors.onDidChangeActive(() => this.#follow()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#follow()),
    );
  }

  /** undefined: no folder and no volume is open, or several folders are and none was chosen. */
  get store(): CohortStore | undefined {
    return this.#store;
  }

  /** Makes the cohort at `root` (absolute) the current one until a volume of another comes to the front. */
  choose(root: string): CohortStore {
    if (this.#store?.root !== root) {
      this.#store = new CohortStore(root);
      this.#watch(root);
      this.#changed.fire();
    }
    return this.#store;
  }

  /** The current cohort; where several folders are open and none is current yet, the user chooses. undefined: nothing was chosen. */
  async chooseIfNeeded(placeHolder: string): Promise<CohortStore | undefined> {
    if (this.#store) return this.#store;
    const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder });
    return picked && this.choose(picked.uri.fsPath);
  }

  /** Something of it was written by ourselves where no watcher looks, or shall be shown at once. */
  tell(change: CohortChange): void {
    this.#disk.fire(change);
    this.#files.fire('unknown');
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const each of [...this.#subscriptions, ...this.#watchers]) each.dispose();
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

  #watch(root: string): void {
    for (const watcher of this.#watchers) watcher.dispose();
    const watch = (pattern: string, change: (uri: vscode.Uri) => CohortChange) => {
      const watcher = vscode.workspace.createFileSystemWatcher(
        new vscode.RelativePattern(vscode.Uri.file(root), pattern),
      );
      const hear = (uri: vscode.Uri) => this.#note(change(uri), uri.fsPath);
      watcher.onDidCreate(hear);
      watcher.onDidChange(hear);
      watcher.onDidDelete(hear);
      return watcher;
    };
    const inState = `/${STATE_FOLDER}/`;
    this.#watchers = [
      watch('**/*.{nii,nii.gz}', () => 'files'),
      watch('**/*.json', (uri) => (uri.path.includes(inState) ? 'state' : 'files')),
      watch(`${STATE_FOLDER}/{active,proposals/**}`, () => 'state'),
      // What lies in a folder that was just made may go unnoticed (it was there before the folder was watched).
      watch(STATE_FOLDER, () => 'state'),
    ];
  }

  #note(change: CohortChange, path: string): void {
    const paths = this.#pending.get(change) ?? new Set();
    this.#pending.set(change, paths.add(path));
    // Not put off by what comes next: a long copy, or a prediction of all cases, would be told only at its end.
    this.#timer ??= setTimeout(() => {
      const changes = [...this.#pending];
      this.#pending.clear();
      this.#timer = undefined;
      for (const [each] of changes) this.#disk.fire(each);
      this.#files.fire(new Set(changes.flatMap(([, files]) => [...files])));
    }, QUIET_MS);
  }
}

/** What the user calls a cohort. */
export function cohortName(store: CohortStore): string {
  return basename(store.root);
}
