import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { EngineHost } from '../engine/engine-host.ts';
import type { VolumeDocument } from './volume-document.ts';

/** What editors show about the loop around their document: which model predicts, and what ran it last. */
export class EditorStatus implements vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<void>();
  readonly #reviewers = new Map<string, Promise<string | undefined>>();
  readonly #subscription: vscode.Disposable;

  readonly onDidChange = this.#changes.event;

  constructor(private readonly engines: EngineHost) {
    this.#subscription = engines.onEngineUsed(() => this.changed());
  }

  /** Another model may be active now. */
  changed(): void {
    this.#changes.fire();
  }

  async of(document: VolumeDocument): Promise<{ modelName: string | null; engineName: string | null }> {
    const active = await document.session?.store.models.active().catch(() => null);
    return { modelName: active == null ? null : `model ${active}`, engineName: this.engines.lastEngineName };
  }

  /** Who reviews, for the provenance of slices: as the setting says, else git's user name, if git is there and knows one. */
  reviewerName(folder: string): Promise<string | undefined> {
    const named = vscode.workspace.getConfiguration('voxelLoop').get('reviewer.name', '').trim();
    if (named !== '') return Promise.resolve(named);
    // On Windows a program of that name in the folder itself would be run.
    if (!vscode.workspace.isTrusted) return Promise.resolve(undefined);
    const known = this.#reviewers.get(folder) ?? gitUserName(folder);
    this.#reviewers.set(folder, known);
    return known;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }
}

async function gitUserName(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', 'user.name'], { cwd: folder, timeout: 2000 });
    return stdout.trim() || undefined;
  } catch {
    // No git, or nobody has told it a name: then the record names nobody.
    return undefined;
  }
}
