import * as vscode from 'vscode';
import type { DisplayConvention } from '../../../core/geometry/slice-plane.ts';
import type { HostCommand } from '../../../core/protocol/editor-contract.ts';
import { EditorHost } from '../../../node/case/host/editor-host.ts';
import type { HostServices } from '../../../node/case/host/host-services.ts';
import type { VolumeDocument } from '../document/volume-document.ts';
import type { EditorStatus } from './editor-status.ts';
import { hasFocus, takesCommand } from './takes-command.ts';
import { portOfWebview } from './webview-port.ts';

export interface EditorPanelServices {
  readonly host: HostServices;
  readonly status: EditorStatus;
  /** Runs one of the commands that an editor may ask for. It resolves when the command has ended. */
  readonly runCommand: (command: Exclude<HostCommand, 'save'>, isStillMeant: () => boolean) => Promise<void>;
}

/** One webview on a document, with the host that answers it. */
export class EditorPanel implements vscode.Disposable {
  readonly host: EditorHost;
  readonly #subscriptions: readonly vscode.Disposable[];

  /**
   * @param decide asks the question that `VolumeDocument.awaitsDecision` is about
   * @param editsKept resolves when every edit so far would outlive this process
   */
  constructor(
    readonly document: VolumeDocument,
    panel: vscode.WebviewPanel,
    { host: services, status, runCommand }: EditorPanelServices,
    decide: () => Promise<void>,
    editsKept: () => Promise<void>,
  ) {
    const host = new EditorHost(document, portOfWebview(panel.webview), services, {
      status: () => status.of(document),
      convention,
      decide,
      runCommand: async (command) => {
        if (await takesCommand(panel, document.uri)) await runCommand(command, () => hasFocus(panel, document.uri));
      },
      editsKept,
    });
    this.host = host;
    this.#subscriptions = [
      panel.onDidChangeViewState(() => {
        if (!panel.visible) host.pageHidden();
      }),
      status.onDidChange(() => void host.tellStatus()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('voxelLoop.display.convention')) host.startOver();
        if (change.affectsConfiguration('voxelLoop.reviewer.name')) host.reviewerChanged();
      }),
      // Before the workspace is trusted, git is not asked for a name.
      vscode.workspace.onDidGrantWorkspaceTrust(() => host.reviewerChanged()),
    ];
  }

  dispose(): void {
    this.host.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function convention(): DisplayConvention {
  return vscode.workspace.getConfiguration('voxelLoop').get<DisplayConvention>('display.convention', 'radiological');
}
