import * as vscode from 'vscode';

/** A busy host hears of a new focus at most this much later than the page that has it. */
const FOCUS_IS_TOLD_WITHIN_MS = 2000;

/**
 * Tells whether a command of VS Code that a page asks for would work on the page's document. It works on the editor
 * that has the focus: that may be another editor of the same document, and the user may have given the focus to another
 * file meanwhile. VS Code tells the host of a new focus after the page has it, so a panel that has none yet is waited
 * for.
 */
export async function takesCommand(panel: vscode.WebviewPanel, document: vscode.Uri): Promise<boolean> {
  if (hasFocus(panel, document)) return true;
  await new Promise<void>((resolve) => {
    const watch = panel.onDidChangeViewState(() => {
      if (hasFocus(panel, document)) end();
    });
    const timer = setTimeout(end, FOCUS_IS_TOLD_WITHIN_MS);
    function end(): void {
      clearTimeout(timer);
      watch.dispose();
      resolve();
    }
  });
  return hasFocus(panel, document);
}

export function hasFocus(panel: vscode.WebviewPanel, document: vscode.Uri): boolean {
  return panel.active || isActive(document);
}

function isActive(document: vscode.Uri): boolean {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.uri.toString() === document.toString();
}
