export { view } from '../webview/view.ts';
