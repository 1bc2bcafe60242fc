/** VS Code gives this to a webview, once per page load. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  /** Keeps the state while the tab is open or hidden, and over a reload; it must be JSON. */
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}
