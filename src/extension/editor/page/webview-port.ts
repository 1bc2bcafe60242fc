import type * as vscode from 'vscode';
import type { MessageChannelPort } from '../../../core/protocol/endpoint.ts';

/**
 * Makes a port of a webview. VS Code hands typed arrays over as such only where they are true `Uint8Array`s (a Node
 * `Buffer` would arrive as a plain object), which is what everything below this layer makes.
 */
export function portOfWebview(webview: vscode.Webview): MessageChannelPort {
  return {
    post: (message) => void webview.postMessage(message),
    listen: (receive) => {
      const subscription = webview.onDidReceiveMessage(receive);
      return () => subscription.dispose();
    },
  };
}
