import * as vscode from 'vscode';
import { reportError } from '../platform/messages.ts';
import { VIEW_TYPE } from '../platform/view-type.ts';

/** As `package.json` names it. */
const OPTIONAL_VIEW_TYPE = 'voxelLoop.optionalVolume';

/**
 * Other extensions show volumes of formats such as NRRD too, so that VS Code asks for the annotation editor there ("Open
 * With") and does not take it by itself. VS Code gives all files of a kind of editor one priority, and one file may have one
 * document: this second kind of editor holds nothing, and opens the first one in its place.
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
