import * as vscode from 'vscode';
import type { Contract, EventName, PayloadOf } from '../../core/protocol/contract.ts';
import { Endpoint, type Handlers } from '../../core/protocol/endpoint.ts';
import { scriptedHtml } from '../editor/page/webview-html.ts';
import { portOfWebview } from '../editor/page/webview-port.ts';
import { log } from '../platform/log.ts';

/** A page of `src/webview/pages`, by the name of its element without `voxel-loop-` and `-page`. */
export type PageName = 'training' | 'models' | 'effort';

interface PageOptions<Serves extends Contract, Calls extends Contract> {
  readonly page: PageName;
  readonly title: string;
  readonly extensionUri: vscode.Uri;
  /** The messages that the host answers and hears. */
  readonly serves: Serves;
  readonly handlers: Handlers<Serves>;
  /** The messages that the page answers and hears. */
  readonly calls: Calls;
  /** The page came back with its window, which was reloaded or opened again, and needs what it showed before. */
  readonly onReturn?: () => void;
}

/**
 * A tab that shows one of our pages. There is at most one per `SinglePage`: opening it again brings it to the front.
 * The page asks for its state whenever it is loaded (VS Code throws hidden pages away), and is told of changes while it
 * is there. A page that was open when its window was reloaded comes back in its place:
 * `onWebviewPanel:voxelLoop.<page>` in package.json starts the extension for that.
 */
export class SinglePage<Serves extends Contract, Calls extends Contract> implements vscode.Disposable {
  #open: { readonly panel: vscode.WebviewPanel; readonly endpoint: Endpoint<Serves, Calls> } | undefined;

  readonly #serializer: vscode.Disposable;

  constructor(private readonly options: PageOptions<Serves, Calls>) {
    this.#serializer = vscode.window.registerWebviewPanelSerializer(viewType(options.page), {
      deserializeWebviewPanel: async (panel) => {
        // If a command has opened a page meanwhile, that one is the page.
        if (this.#open) return panel.dispose();
        this.#fill(panel);
        options.onReturn?.();
      },
    });
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  show(column: vscode.ViewColumn = vscode.ViewColumn.Beside): void {
    if (this.#open) {
      this.#open.panel.reveal(undefined, true);
      return;
    }
    const { page, title } = this.options;
    this.#fill(vscode.window.createWebviewPanel(viewType(page), title, { viewColumn: column, preserveFocus: true }));
  }

  #fill(panel: vscode.WebviewPanel): void {
    const { page, title, extensionUri, serves, handlers, calls } = this.options;
    panel.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
    const endpoint = new Endpoint(portOfWebview(panel.webview), serves, handlers, calls, (error) =>
      log().error(error, error.cause ?? ''),
    );
    this.#open = { panel, endpoint };
    panel.onDidDispose(() => {
      endpoint.close();
      if (this.#open?.panel === panel) this.#open = undefined;
    });
    panel.webview.html = scriptedHtml(panel.webview, extensionUri, {
      title,
      element: `voxel-loop-${page}-page`,
      bundle: 'pages',
    });
  }

  /** Sends an event to the page, if it is open. */
  emit<E extends EventName<Calls>>(name: E, payload: PayloadOf<Calls, E>): void {
    this.#open?.endpoint.emit(name, payload);
  }

  /**
   * The panel itself stays: it comes back when the extension starts again, and VS Code closes it where the extension is
   * removed.
   */
  dispose(): void {
    this.#serializer.dispose();
    this.#open?.endpoint.close();
  }
}

function viewType(page: PageName): string {
  return `voxelLoop.${page}`;
}
