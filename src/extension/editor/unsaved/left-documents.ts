import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { text } from '../../platform/messages.ts';
import { viewTypeOf } from '../../platform/view-type.ts';
import type { VolumeDocument } from '../document/volume-document.ts';

/**
 * Closes documents whose work goes on under another address. Nothing is saved there, and nobody is asked.
 * @param target is opened where they were
 */
export async function goOnAt(target: vscode.Uri, left: readonly VolumeDocument[]): Promise<void> {
  for (const each of left) {
    each.lock('rename', text.beingRenamed);
    each.edits?.leave();
    // VS Code learns by this that nothing is to be saved here any more.
    await vscode.workspace.save(each.uri);
  }
  const tabs = tabsOf(left);
  const viewColumn = tabs[0]?.group.viewColumn ?? vscode.ViewColumn.Active;
  await vscode.window.tabGroups.close(tabs);
  await vscode.commands.executeCommand('vscode.openWith', target, viewTypeOf(target), { viewColumn, preview: false });
}

/** Gives up what is unsaved on the labels of a document, and closes every tab that shows them. */
export async function closeWithoutSaving(shown: VolumeDocument, documents: ReadonlySet<VolumeDocument>): Promise<void> {
  const { session } = shown;
  if (!session) return;
  const closed = [...documents].filter((each) => each.session === session);
  await session.revert();
  // A save, which writes nothing, tells VS Code that nothing is unsaved (`VolumeDocument`); until then it would ask.
  for (let triesLeft = 50; triesLeft > 0 && tabsOf(closed).some(({ isDirty }) => isDirty); triesLeft--)
    await sleep(100);
  await vscode.window.tabGroups.close(tabsOf(closed));
}

/** Shows the tab of a document, wherever it is. */
export async function bringToFront(document: VolumeDocument): Promise<void> {
  const viewColumn = tabsOf([document])[0]?.group.viewColumn ?? vscode.ViewColumn.Active;
  await vscode.commands.executeCommand('vscode.openWith', document.uri, viewTypeOf(document.uri), { viewColumn });
}

export function isTabInFront(document: VolumeDocument): boolean {
  return tabsOf([document]).some(({ isActive, group }) => isActive && group.isActive);
}

function tabsOf(documents: readonly VolumeDocument[]): vscode.Tab[] {
  const uris = new Set(documents.map(({ uri }) => uri.toString()));
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputCustom && uris.has(input.uri.toString()));
}
