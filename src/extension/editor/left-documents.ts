import * as vscode from 'vscode';
import { text } from '../messages.ts';
import { VIEW_TYPE } from './view-type.ts';
import type { VolumeDocument } from './volume-document.ts';

/**
 * Closes documents whose work goes on under another address: nothing is saved there, and nobody is asked.
 * @param target opens where they were
 */
export async function goOnAt(target: vscode.Uri, left: readonly VolumeDocument[]): Promise<void> {
  for (const each of left) {
    each.lock('rename', text.beingRenamed);
    each.leave();
    // VS Code learns that nothing is to be saved here any more.
    await vscode.workspace.save(each.uri);
  }
  const uris = new Set(left.map(({ uri }) => uri.toString()));
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputCustom && uris.has(input.uri.toString()));
  const viewColumn = tabs[0]?.group.viewColumn ?? vscode.ViewColumn.Active;
  await vscode.window.tabGroups.close(tabs);
  await vscode.commands.executeCommand('vscode.openWith', target, VIEW_TYPE, { viewColumn, preview: false });
}
