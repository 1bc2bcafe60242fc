import * as vscode from 'vscode';
import { isVolumeTab, viewTypeOf } from '../../platform/view-type.ts';

/**
 * Opens the tabs of these files anew, because they belong to another case by now. Tabs with unsaved changes stay as
 * they are.
 *
 * @param files absolute paths
 * @returns the names of the tabs that stay
 */
export async function reopenTabs(files: ReadonlySet<string>): Promise<string[]> {
  const found = vscode.window.tabGroups.all.flatMap(({ tabs, viewColumn }) =>
    tabs.flatMap((tab) => {
      const { input } = tab;
      const isOne = isVolumeTab(input) && files.has(input.uri.fsPath);
      return isOne ? [{ tab, uri: input.uri, viewColumn, background: !tab.isActive, preview: tab.isPreview }] : [];
    }),
  );
  const clean = found.filter(({ tab }) => !tab.isDirty);
  // All tabs are closed first, because a document ends with its last tab.
  await vscode.window.tabGroups.close(
    clean.map(({ tab }) => tab),
    true,
  );
  for (const { uri, viewColumn, background, preview } of clean) {
    const options = { viewColumn, preserveFocus: true, background, preview };
    await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri), options);
  }
  return found.filter(({ tab }) => tab.isDirty).map(({ tab }) => tab.label);
}
