import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';
import type { VsCodeApi } from './vscode-api.ts';

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
