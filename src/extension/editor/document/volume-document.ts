import * as vscode from 'vscode';
import type { CaseLocation } from '../../../node/case/host/case-location.ts';
import type { AnnouncedEdit } from '../../../node/case/host/editor-shell.ts';
import { OpenDocument, type OpenedVolume, type RefusedVolume } from '../../../node/case/host/open-document.ts';
import { reports, sentenceFor, text } from '../../platform/messages.ts';

/** An edit that can be undone, or (null) a change that cannot. */
type Change = AnnouncedEdit | null;

/** One open file as VS Code knows it. */
export class VolumeDocument extends OpenDocument implements vscode.CustomDocument {
  readonly #changes: vscode.EventEmitter<Change>;
  readonly onDidChange: vscode.Event<Change>;

  /** @param location null if the file was not found */
  constructor(
    readonly uri: vscode.Uri,
    readonly location: CaseLocation | null,
    opened: OpenedVolume | RefusedVolume,
  ) {
    const changes = new vscode.EventEmitter<Change>();
    const shell = {
      pushed: (edit: AnnouncedEdit) => changes.fire(edit),
      changed: () => changes.fire(null),
      save: () => vscode.workspace.save(uri),
      cannotMove: () => void vscode.window.showWarningMessage(text.cannotUndo),
      sentenceFor: (error: unknown) => sentenceFor(error) ?? text.internal,
      reports,
    };
    super(uri.toString(), opened, shell, location?.cleanUp);
    this.#changes = changes;
    this.onDidChange = changes.event;
  }

  override dispose(): void {
    super.dispose();
    this.#changes.dispose();
  }
}
