import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';

/** VS Code gives this to a webview, once per page load. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  /** Keeps the state while the tab is open or hidden, and over a reload; it must be JSON. */
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}

/** The channel to the extension host. VS Code delivers the host's messages as `message` events of the window. */
export function webviewPort(api: Pick<VsCodeApi, 'postMessage'>, target: Window = window): MessageChannelPort {
  return {
    post: (message) => api.postMessage(message),
    listen(receive) {
      const onMessage = (event: MessageEvent<unknown>) => receive(event.data);
      target.addEventListener('message', onMessage);
      return () => target.removeEventListener('message', onMessage);
    },
  };
}
