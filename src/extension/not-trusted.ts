import * as vscode from 'vscode';
import { text } from './platform/messages.ts';

const MANAGE = 'Manage Workspace Trust';

/** Says that nothing runs in a folder that the user does not trust, and leads to where that is decided. */
export function tellNotTrusted(): void {
  void vscode.window.showWarningMessage(text.notTrusted, MANAGE).then((choice) => {
    if (choice === MANAGE) manageTrust();
  });
}

/** Opens VS Code's own page about the trust in this workspace. */
export function manageTrust(): void {
  void vscode.commands.executeCommand('workbench.trust.manage');
}
