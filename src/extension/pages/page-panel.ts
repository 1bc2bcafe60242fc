import * as vscode from 'vscode';
import type { Contract, EventName, PayloadOf } from '../../core/protocol/contract.ts';
import { Endpoint, type Handlers } from '../../core/protocol/endpoint.ts';
import { scriptedHtml } from '../editor/webview-html.ts';
import { webviewPort } from '../editor/webview-port.ts';
import { log } from '../log.ts';

/** A page of `src/webview/pages`, by the name of its element without `voxel-loop-` and `-page`. */
export type PageName = 'training' | 'models' | 'effort';

interface PageOptions<Serves extends Contract, Calls extends Contract> {
  readonly page: PageName;
  readonly title: string;
  readonly extensionUri: vscode.Uri;
  /** What the host answers and hears. */
  readonly serves: Serves;
  readonly handlers: Handlers<Serves>;
  /** What the page answers and hears. */
  readonly calls: Calls;
}

/**
 * A tab that shows one of our pages. At most one per `SinglePage`: opening again brings it to the front. The page asks for
 * its state whenever it is loaded (VS Code throws hidden pages away), and is told what changes while it is there.
 */
export class SinglePage<Serves extends Contract, Calls extends Contract> implements vscode.Disposable {
  #open: { readonly panel: vscode.WebviewPanel; readonly endpoint: Endpoint<Serves, Calls> } | undefined;

  constructor(private readonly options: PageOptions<Serves, Calls>) {}

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  show(column: vscode.ViewColumn = vscode.ViewColumn.Beside): void {
    if (this.#open) {
      this.#open.panel.reveal(undefined, true);
      return;
    }
    const { page, title, extensionUri, serves, handlers, calls } = this.options;
    const panel = vscode.window.createWebviewPanel(
      `voxelLoop.${page}`,
      title,
      { viewColumn: column, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] },
    );
    const endpoint = new Endpoint(webviewPort(panel.webview), serves, handlers, calls, (error) =>
      log().error(error, error.cause ?? ''),
    );
    this.#open = { panel, endpoint };
    panel.onDidDispose(() => {
      endpoint.close();
      this.#open = undefined;
    });
    panel.webview.html = scriptedHtml(panel.webview, extensionUri, {
      title,
      element: `voxel-loop-${page}-page`,
      bundle: 'pages',
    });
  }

  /** Tells the page, if it is open. */
  emit<E extends EventName<Calls>>(name: E, payload: PayloadOf<Calls, E>): void {
    this.#open?.endpoint.emit(name, payload);
  }

  dispose(): void {
    this.#open?.panel.dispose();
  }
}
