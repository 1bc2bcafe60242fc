import './page.css';
import './elements/voxel-loop-editor/voxel-loop-editor.ts';
import { Editor } from './editor/editor.ts';
import { unsentStore } from './host-link/unsent-store.ts';
import { watchActivity } from './host-link/watch-activity.ts';
import { webviewPort } from './host-link/webview-port.ts';

const api = acquireVsCodeApi();
const editor = new Editor(
  webviewPort(api),
  { load: () => api.getState(), save: (view) => api.setState(view) },
  unsentStore(() => localStorage),
);
window.addEventListener('pagehide', () => editor.leave());

watchActivity(editor);
window.addEventListener('error', (event) => editor.reportDefect(event.error ?? event.message));
window.addEventListener('unhandledrejection', (event) => editor.reportDefect(event.reason));

const element = document.querySelector('voxel-loop-editor') ?? document.createElement('voxel-loop-editor');
element.editor = editor;
if (!element.isConnected) document.body.append(element);
