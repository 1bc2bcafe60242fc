import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { log } from '../../platform/log.ts';
import { isVolumeTab, viewTypeOf } from '../../platform/view-type.ts';

/** The workspace's state keeps under this key in which window the extension was last started. */
const WINDOW_KEY = 'voxelLoop.window';

/** A tab as it was found. VS Code's own object changes with the tab. */
interface LeftTab {
  readonly tab: vscode.Tab;
  readonly uri: vscode.Uri;
  readonly viewColumn: vscode.ViewColumn;
  readonly index: number;
  readonly isDirty: boolean;
  /** `isActive` says that the tab is in front in its group; `hasFocus` says that the group is the active one too. */
  readonly isActive: boolean;
  readonly hasFocus: boolean;
  readonly isPreview: boolean;
}

/** The facts that this host knows of its own documents. */
export interface HostDocuments {
  /** Tells whether this host answers for a document, so that its tab was not left behind. */
  isOpen(uri: vscode.Uri): boolean;
  /** While `work` runs, a document that this host opens after all loses nothing, even if VS Code asks to revert it. */
  keepingUnsaved(uri: vscode.Uri, work: () => Promise<void>): Promise<void>;
}

/** VS Code gives this in place of a session's id where telemetry is switched off: it is the same for every window. */
const NO_SESSION = 'someValue.sessionId';
/** A restored tab is handed over right after activation, but a busy machine takes its time. */
const HANDED_OVER_WITHIN_MS = 15_000;

/**
 * Tells whether the tabs of this window are bound to an earlier extension host, which has died or was stopped. VS Code
 * keeps its session id as long as the window stands. Where there is no such id, a window that was reloaded looks the
 * same at first, and VS Code is about to hand its tabs over: then the visible tabs are waited for, and one that comes
 * shows that nothing was left behind. Where none can be seen nobody can tell, and the tabs are left alone.
 * @param isOpenHere tells whether this host answers for a document
 */
export async function areTabsLeftBehind(
  { workspaceState }: vscode.ExtensionContext,
  isOpenHere: (uri: vscode.Uri) => boolean,
): Promise<boolean> {
  const { sessionId } = vscode.env;
  const isKnown = workspaceState.get(WINDOW_KEY) === sessionId;
  if (!isKnown) await workspaceState.update(WINDOW_KEY, sessionId);
  if (!isKnown || sessionId !== NO_SESSION) return isKnown;
  const seen = vscode.window.tabGroups.all.flatMap((group) => customTabs(group)).filter((tab) => tab.isActive);
  for (const end = performance.now() + HANDED_OVER_WITHIN_MS; seen.length > 0 && performance.now() < end; ) {
    if (seen.some(({ uri }) => isOpenHere(uri))) return false;
    await sleep(100);
  }
  return seen.length > 0;
}

/**
 * Opens the tabs of custom editors anew that an earlier extension host has left behind. VS Code keeps such a tab with
 * its page and its dirty mark, but nobody answers it any more: it is bound to the host that opened it, and so would be
 * a second tab on the same file, as long as the first one is there. What was unsaved comes back from the backup, as
 * after a reload of the window.
 */
export async function reopenLeftBehind(documents: HostDocuments): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => customTabs(group))
    .filter(({ uri }) => !documents.isOpen(uri));
  if (tabs.length === 0) return;
  log().warn(`The extension host was started anew: ${tabs.length} tabs are opened again.`);
  // All tabs are closed first, because VS Code lets go of a document only with its last tab.
  for (const left of tabs) {
    if (!documents.isOpen(left.uri)) await documents.keepingUnsaved(left.uri, () => close(left));
  }
  // A tab that is active in its group is opened last there, so that it is in front.
  const inOrder = [...tabs].sort((a, b) => Number(a.isActive) - Number(b.isActive));
  for (const { uri, viewColumn, index, isDirty, isActive, hasFocus, isPreview } of inOrder) {
    // VS Code knows of unsaved work again only when its editor has been shown.
    const isHidden = !isActive && !isDirty;
    const options = { viewColumn, preserveFocus: !hasFocus, preview: isPreview, background: isHidden };
    await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri), options);
    if (!hasFocus) continue;
    await vscode.commands.executeCommand('moveActiveEditor', { to: 'position', by: 'tab', value: index + 1 });
  }
}

function customTabs({ tabs, viewColumn, isActive: hasFocus }: vscode.TabGroup): LeftTab[] {
  return tabs.flatMap((tab, index) => {
    const { input } = tab;
    if (!isVolumeTab(input)) return [];
    const { isDirty, isActive, isPreview } = tab;
    return [{ tab, uri: input.uri, viewColumn, index, isDirty, isActive, hasFocus: hasFocus && isActive, isPreview }];
  });
}

async function close({ tab, uri, viewColumn, isDirty }: LeftTab): Promise<void> {
  if (!isDirty) {
    await vscode.window.tabGroups.close(tab, true);
    return;
  }
  // VS Code would ask whether to save, and the host that could save is gone. Reverting only tells VS Code that nothing
  // is unsaved here any more: the host that it would tell to forget the edits is gone too.
  await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri), { viewColumn });
  // The command works on the editor that is in front, which the user may have changed meanwhile.
  const front = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(front instanceof vscode.TabInputCustom) || front.uri.toString() !== uri.toString()) return;
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}
