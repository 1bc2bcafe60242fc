import './page.css';
import './effort/effort-page.ts';
import './training/training-page.ts';
import './models/models-page.ts';
import { webviewPort } from '../host-link/webview-port.ts';
import { HostWatch } from '../session/host-watch.ts';
import type { Page } from './page.ts';

/** The page that the host put into the body gets its channel, and then asks for its state by itself. */
const page = document.body.firstElementChild as (Element & Page) | null;
if (page) {
  const port = webviewPort(acquireVsCodeApi());
  page.port = port;
  const silence = document.createElement('p');
  silence.setAttribute('role', 'alert');
  silence.className = 'host-silence';
  silence.textContent =
    "VS Code's extension host does not answer: what is shown here may be old, and its buttons do nothing. If this stays, close the tab and open it again.";
  const watch: HostWatch = new HostWatch(
    () => port.post({ kind: 'ping' }),
    () => {
      if (watch.answers) silence.remove();
      else document.body.prepend(silence);
    },
  );
  port.listen(() => watch.heard());
  watch.start();
}
