import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

function policy(webview: vscode.Webview, nonce: string): string {
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data: blob:`,
  ].join('; ');
}

/** The page that holds the annotation editor: nothing but the script, under a strict content security policy. */
export function editorHtml(webview: vscode.Webview, extensionUri: vscode.Uri, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.js'));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.css'));
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy(webview, nonce)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${style.toString()}">
  <title>${escapeHtml(title)}</title>
</head>
<body>
  <voxel-loop-editor></voxel-loop-editor>
  <script type="module" nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
}

/** The page for a file that cannot be read: the one sentence that says why and what to do. No script at all. */
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
