/** What VS Code gives a webview, once per page load. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  /** Kept while the tab is open, hidden, or restored after a reload; must be JSON. */
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}
