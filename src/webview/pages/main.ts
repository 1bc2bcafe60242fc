import './page.css';
import './effort/effort-page.ts';
import './training/training-page.ts';
import './models/models-page.ts';
import { webviewPort } from '../host-link/webview-port.ts';
import type { Page } from './page.ts';

/** The page that the host put into the body gets its channel: it asks for its state by itself. */
const page = document.body.firstElementChild as (Element & Page) | null;
if (page) page.port = webviewPort(acquireVsCodeApi());
