import * as v from 'valibot';
import * as vscode from 'vscode';
import type { CaseSession } from '../../../node/case/session/case-session.ts';
import { type FolderLink, labelPlace, OutsideLabelsError } from '../../../node/files/label-place.ts';
import { reportError, text } from '../../platform/messages.ts';

/**
 * The workspace's state keeps the agreements under this key in VS Code's own storage, so that no folder can bring one
 * along.
 */
const AGREED_KEY = 'voxelLoop.labelFolders';

const agreedSchema = v.fallback(v.array(v.strictObject({ link: v.string(), folder: v.string() })), []);

/**
 * The folders outside of their cohort in which the user lets label maps be saved, because a link leads there: the
 * workspace's `data` may be a link to a share. Each link is asked about once, in a trusted workspace, and again when it
 * leads elsewhere.
 */
export class AgreedFolders {
  /** The question is remembered by case: whoever has put it away is asked again with another case. */
  readonly #asked = new Set<string>();

  constructor(
    private readonly memory: vscode.Memento,
    /** Is called when the user has agreed, so that labels can be saved that could not be before. */
    private readonly agreed: () => void,
  ) {}

  /**
   * Returns the reason why the labels of a session cannot be saved where they lie, or null if they can. It asks the
   * user where agreeing would help.
   */
  async obstacle({ store, files }: CaseSession): Promise<string | null> {
    for (;;) {
      try {
        await labelPlace(store, files.labels);
        return null;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const way = error instanceof OutsideLabelsError && vscode.workspace.isTrusted ? error.way : null;
        if (!way || store.labelFolders.has(way.folder)) return error.message;
        if (!this.#agreements.some((each) => isSame(each, way))) {
          void this.#ask(way, files.labels).catch(reportError);
          return text.labelsOutside(vscode.workspace.asRelativePath(way.link), way.folder);
        }
        store.labelFolders.add(way.folder);
      }
    }
  }

  /** All folders that the user has agreed to. */
  get folders(): readonly string[] {
    return this.#agreements.map(({ folder }) => folder);
  }

  async #ask(way: FolderLink, labels: string): Promise<void> {
    const key = `${labels}\n${way.folder}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const question = text.maySaveOutside(vscode.workspace.asRelativePath(way.link), way.folder);
    const answer = await vscode.window.showWarningMessage(question, SAVE_THERE);
    if (answer !== SAVE_THERE) return;
    await this.memory.update(AGREED_KEY, [...this.#agreements.filter(({ link }) => link !== way.link), way]);
    this.agreed();
  }

  get #agreements(): readonly FolderLink[] {
    return v.parse(agreedSchema, this.memory.get(AGREED_KEY));
  }
}

const SAVE_THERE = 'Save Label Maps There';

function isSame(a: FolderLink, b: FolderLink): boolean {
  return a.link === b.link && a.folder === b.folder;
}
