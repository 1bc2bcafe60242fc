import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { PayloadOf } from '../../../core/protocol/contract.ts';
import type { EditorContract } from '../../../core/protocol/editor-contract.ts';
import type { CaseSession } from '../../../node/case/session/case-session.ts';
import { readHeldOutCases } from '../../../node/cohort/cases/held-out-cases.ts';
import type { EngineHost } from '../../engine/engine-host.ts';
import { log } from '../../platform/log.ts';
import { text } from '../../platform/messages.ts';
import type { NoModel } from '../../session/no-model.ts';
import type { VolumeDocument } from '../document/volume-document.ts';

/**
 * Holds what editors show about the loop around their document: which model predicts, what ran it last, and whether the
 * case is held out.
 */
export class EditorStatus implements vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<void>();
  readonly #reviewers = new Map<string, Promise<string | undefined>>();
  /** The users of these cases know already that the cases are held out. */
  readonly #told = new WeakSet<CaseSession>();
  readonly #subscription: vscode.Disposable;

  readonly onDidChange = this.#changes.event;

  constructor(
    private readonly engines: EngineHost,
    private readonly noModel: NoModel,
  ) {
    this.#subscription = engines.onEngineUsed(() => this.changed());
  }

  /** Tells the editors that another model may have become active. */
  changed(): void {
    this.#changes.fire();
  }

  async of({ session }: VolumeDocument): Promise<PayloadOf<EditorContract, 'status'>> {
    const [active, heldOut] = await Promise.all([
      session?.store.models.active().catch(() => null),
      session ? isHeldOut(session) : false,
    ]);
    const modelName = active == null ? null : `model ${active}`;
    const noModel = session && active === null ? await this.noModel.short(session.store) : null;
    return { modelName, noModel, engineName: this.engines.lastEngineName, heldOut };
  }

  /** Is called when a slice was accepted. @returns what that means on a held-out case, once per case that is open */
  async tellOfHolding(session: CaseSession): Promise<string | undefined> {
    if (this.#told.has(session) || !(await isHeldOut(session))) return undefined;
    this.#told.add(session);
    return text.acceptedOnHeldOut;
  }

  /**
   * The name of the reviewer, for the provenance of slices: the one in the settings, else git's user name, if git
   * exists and knows one.
   */
  reviewerName(folder: string): Promise<string | undefined> {
    const named = vscode.workspace.getConfiguration('voxelLoop').get('reviewer.name', '').trim();
    if (named !== '') return Promise.resolve(named);
    // On Windows a program named git in the folder itself would be run.
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

/** If this cannot be read, nothing is said about the case: other commands report the error. */
async function isHeldOut({ store, files }: CaseSession): Promise<boolean> {
  try {
    return (await readHeldOutCases(store)).has(files.id);
  } catch (error) {
    log().warn(`Whether ${files.id} is held out is not known:`, error);
    return false;
  }
}

async function gitUserName(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', 'user.name'], { cwd: folder, timeout: 2000 });
    return stdout.trim() || undefined;
  } catch {
    // There is no git, or it knows no name; the record then names nobody.
    return undefined;
  }
}
