import type * as vscode from 'vscode';

/** How long a page may take until it says its first word; each attempt may take longer, for slow machines. */
const PATIENCE_MS = [8000, 16_000, 24_000];

/** The parts of a panel that loading a page needs. */
export interface PagePanel {
  readonly visible: boolean;
  readonly webview: Pick<vscode.Webview, 'html' | 'onDidReceiveMessage'>;
  readonly onDidChangeViewState: vscode.Event<unknown>;
  readonly onDidDispose: vscode.Event<void>;
}

/**
 * Fills a panel with a page of ours, and does so again where the page stays blank: VS Code's service worker for webviews
 * sometimes loses a request for a script (it answers 408 after half a minute, microsoft/vscode#125993 and #172870), most
 * often when two panels open at once, as in a comparison with git. A page counts as loaded once it has sent a message.
 * @param html made anew for each attempt: VS Code ignores what is the same as before
 * @param onRetry for the log
 */
export function loadPage(panel: PagePanel, html: () => string, onRetry: (attempt: number) => void): void {
  let timer: NodeJS.Timeout | undefined;
  let wasVisible = panel.visible;
  const watch = (attempt: number): void => {
    clearTimeout(timer);
    if (attempt >= PATIENCE_MS.length) return;
    timer = setTimeout(() => {
      onRetry(attempt + 1);
      panel.webview.html = html();
      watch(attempt + 1);
    }, PATIENCE_MS[attempt]);
  };
  panel.webview.onDidReceiveMessage(() => clearTimeout(timer));
  panel.onDidChangeViewState(() => {
    if (panel.visible === wasVisible) return;
    wasVisible = panel.visible;
    // VS Code throws a page away when it is hidden, and loads it again when it is shown.
    if (wasVisible) watch(0);
    else clearTimeout(timer);
  });
  panel.onDidDispose(() => clearTimeout(timer));
  panel.webview.html = html();
  if (wasVisible) watch(0);
}
