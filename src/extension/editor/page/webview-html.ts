import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** Describes a page of ours: what it is made of, and its one element. */
export interface ScriptedPage {
  readonly title: string;
  /** The name of the custom element that fills the page. */
  readonly element: string;
  /** The name of the bundle's files in `dist/`, without ending. */
  readonly bundle: 'webview' | 'pages';
}

/** Makes a page that holds one element and its script, under a strict content security policy. */
export function scriptedHtml(webview: vscode.Webview, extensionUri: vscode.Uri, page: ScriptedPage): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (ending: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', `${page.bundle}.${ending}`)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data: blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${file('css')}">
  <title>${escapeHtml(page.title)}</title>
</head>
<body>
  <${page.element}></${page.element}>
  <script type="module" nonce="${nonce}" src="${file('js')}"></script>
</body>
</html>`;
}

/** Makes the page for a file that cannot be read: one sentence says why and what to do. It holds no script. */
export function refusalHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  title: string,
  sentence: string,
): string {
  const style = webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.css'));
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}">
  <link rel="stylesheet" href="${style.toString()}">
  <title>${escapeHtml(title)}</title>
</head>
<body class="refusal">
  <main role="alert">
    <h1>${escapeHtml(title)} cannot be opened</h1>
    <p>${escapeHtml(sentence)}</p>
  </main>
</body>
</html>`;
}

function escapeHtml(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
