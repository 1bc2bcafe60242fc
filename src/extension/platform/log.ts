import * as vscode from 'vscode';

let channel: vscode.LogOutputChannel | undefined;

/**
 * The extension's log, which users send along with a bug report. It is made at first use, so that activation stays
 * cheap.
 */
export function log(): vscode.LogOutputChannel {
  channel ??= vscode.window.createOutputChannel('Voxel Loop', { log: true });
  return channel;
}

export function disposeLog(): void {
  channel?.dispose();
  channel = undefined;
}
