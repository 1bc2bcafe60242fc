import * as vscode from 'vscode';
import type { CancelSignal } from '../../core/cancel.ts';

/** A running task reports how far it is (0..1 of the whole) and a short phrase. */
export type TaskReport = (fraction: number, message: string) => void;

/** Runs `task` under a notification that can cancel it. VS Code wants increments, but tasks know their fraction. */
export function runWithProgress<Result>(
  title: string,
  task: (report: TaskReport, signal: CancelSignal) => Promise<Result>,
): Thenable<Result> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      let shown = 0;
      return task((fraction, message) => {
        const percent = Math.max(shown, Math.min(100, fraction * 100));
        progress.report({ increment: percent - shown, message });
        shown = percent;
      }, controller.signal);
    },
  );
}
