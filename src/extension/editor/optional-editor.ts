import * as vscode from 'vscode';
import { reportError } from '../platform/messages.ts';
import { VIEW_TYPE } from '../platform/view-type.ts';

/** The type of this editor, as `package.json` names it. */
const OPTIONAL_VIEW_TYPE = 'voxelLoop.optionalVolume';

/**
 * Registers a second kind of editor for formats such as NRRD. Other extensions show them too, so VS Code offers the
 * annotation editor there ("Open With") and does not use it by itself. VS Code gives all files of a kind of editor one
 * priority, and one file may have one document, so this kind holds nothing and opens the first one in its place.
 */
export function registerOptionalEditor(): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(OPTIONAL_VIEW_TYPE, {
    openCustomDocument: (uri: vscode.Uri): vscode.CustomDocument => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: async ({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel) => {
      const { viewColumn } = panel;
      try {
        await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE, { viewColumn, preview: false });
      } catch (error) {
        reportError(error);
      }
      panel.dispose();
    },
  });
}
