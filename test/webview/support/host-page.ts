/*
 * Runs in the browser, in the page around the webview, in the place of VS Code. What the driver of the tests may do is
 * `window.host`.
 */
import { createHost, type HostOptions, type TestHost } from './core-host.ts';

declare global {
  interface Window {
    host: TestHost;
    startHost: (options: HostOptions) => Promise<void>;
  }
}

/** undefined: the test has no such file. */
async function bytesOf(url: string): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  return bytes.length > 0 ? bytes : undefined;
}

window.startHost = async (options) => {
  const volume = await bytesOf('/volume.nii');
  if (!volume) throw new Error('There is no volume.');
  const truth = await bytesOf('/truth.nii');
  const frame = document.createElement('iframe');
  frame.src = '/webview.html';
  // The host must listen before the webview asks.
  document.body.append(frame);
  const webview = frame.contentWindow as Window;
  window.host = createHost(volume, truth, options, {
    post: (message) => webview.postMessage(message, '*'),
    listen(receive) {
      const listener = (event: MessageEvent<unknown>) => {
        if (event.source === webview) receive(event.data);
      };
      window.addEventListener('message', listener);
      return () => window.removeEventListener('message', listener);
    },
  });
};
