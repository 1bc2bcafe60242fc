/*
 * Runs in the browser, in the page around the webview, in the place of VS Code: hands every message over to the host, which is the
 * product's and lives in the process of the tests.
 */
declare global {
  interface Window {
    /** Given by the tests. */
    toHost: (message: unknown) => Promise<void>;
    fromHost: (message: unknown) => void;
    startWebview: () => void;
  }
}

window.startWebview = () => {
  const frame = document.createElement('iframe');
  frame.src = '/webview.html';
  document.body.append(frame);
  const webview = frame.contentWindow as Window;
  window.fromHost = (message) => webview.postMessage(message, '*');
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source === webview) void window.toHost(event.data);
  });
};

export {};
