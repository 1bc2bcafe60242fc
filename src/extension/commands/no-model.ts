import * as vscode from 'vscode';
import { text } from '../messages.ts';

/** Says what to do where there is no model yet, with a way to do it. Does not wait for the user. */
export function tellNoModel(): void {
  const retrain = 'Retrain Model';
  void vscode.window.showInformationMessage(text.noModel, retrain).then((choice) => {
    if (choice === retrain) void vscode.commands.executeCommand('voxelLoop.retrain');
  });
}
