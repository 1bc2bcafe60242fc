import './page.css';
import './elements/voxel-loop-editor/voxel-loop-editor.ts';
import { Editor } from './editor/editor.ts';
import { unsentStore } from './host-link/unsent-store.ts';
import { watchActivity } from './host-link/watch-activity.ts';
import { webviewPort } from './host-link/webview-port.ts';
import type { PaneKind } from './panes/pane-kind.ts';

/** Starts the page inside the editor. @param paneKinds the kinds of pane that it can show */
export function startPage(paneKinds: readonly PaneKind[]): void {
  const api = acquireVsCodeApi();
  const editor = new Editor(
    webviewPort(api),
    { load: () => api.getState(), save: (view) => api.setState(view) },
    paneKinds,
    unsentStore(() => localStorage),
  );
  window.addEventListener('pagehide', () => editor.leave());

  watchActivity(editor);
  window.addEventListener('error', (event) => editor.reportDefect(event.error ?? event.message));
  window.addEventListener('unhandledrejection', (event) => editor.reportDefect(event.reason));

  const element = document.querySelector('voxel-loop-editor') ?? document.createElement('voxel-loop-editor');
  element.paneKinds = paneKinds;
  element.editor = editor;
  if (!element.isConnected) document.body.append(element);
}
