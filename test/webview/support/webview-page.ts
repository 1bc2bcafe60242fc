import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { ensureChromium } from '../../../scripts/harness/chromium.mjs';
import type { MessageChannelPort } from '../../../src/core/protocol/endpoint.ts';
import { type HostedCase, type HostedCaseOptions, hostCase } from '../../support/hosted-case.ts';
import { THEMES, type ThemeName } from './themes.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface PageOptions extends HostedCaseOptions {
  readonly theme?: ThemeName;
  /** Uncompressed NIfTI. */
  readonly volume: Uint8Array;
  /** Its labels, 8-bit, uncompressed NIfTI on the same grid. */
  readonly truth?: Uint8Array;
  readonly webgl?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  /** View state from an earlier visit. */
  readonly savedState?: unknown;
}

/** A webview as VS Code shows it, without VS Code: strict policy, theme variables, `acquireVsCodeApi`. */
export interface WebviewPage {
  readonly page: Page;
  readonly frame: Frame;
  /** What answers it: the product's, in this process. */
  readonly host: HostedCase;
  /** Errors of the console, uncaught errors and violations of the content security policy. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Bundles the webview and the host page once, and opens pages of them in a real browser. */
export class WebviewBench {
  readonly #pages: { close(): Promise<void> }[] = [];

  private constructor(
    private readonly browsers: Readonly<Record<'webgl' | 'plain', Browser>>,
    private readonly folder: string,
  ) {}

  /** @param entry what the page runs */
  static async start(entry = 'src/webview/main.ts'): Promise<WebviewBench> {
    const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-webview-'));
    const shared = { bundle: true, format: 'iife', target: 'chrome132', absWorkingDir: root, outdir: folder } as const;
    await Promise.all([
      build({ ...shared, entryPoints: { webview: entry } }),
      build({ ...shared, entryPoints: { host: 'test/webview/support/host-page.ts' } }),
    ]);
    const executablePath = await ensureChromium();
    const launch = (args: string[]) =>
      chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-quic', '--no-first-run', ...args] });
    const [webgl, plain] = await Promise.all([launch([]), launch(['--disable-3d-apis'])]);
    return new WebviewBench({ webgl, plain }, folder);
  }

  async open(options: PageOptions): Promise<WebviewPage> {
    const server = serve(this.folder, options);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port: serverPort } = server.address() as AddressInfo;
    const browser = options.webgl === false ? this.browsers.plain : this.browsers.webgl;
    const page = await browser.newPage({ viewport: options.size ?? { width: 1280, height: 800 } });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${serverPort}/`);
    const port = await portTo(page);
    const labels = options.labels ?? [
      { value: 1, name: 'Anterior' },
      { value: 2, name: 'Posterior' },
    ];
    // The host must listen before the webview asks.
    const host = await hostCase(port, options.volume, options.truth, { ...options, labels });
    await page.evaluate(() => window.startWebview());
    const frame = page.frames().find((each) => each.url().endsWith('/webview.html')) ?? page.frames()[1];
    await frame.waitForSelector('voxel-loop-editor');
    // VS Code gives a webview the focus when it opens.
    await page.evaluate(() => document.querySelector('iframe')?.contentWindow?.focus());
    const opened: WebviewPage = {
      page,
      frame,
      host,
      complaints,
      async close() {
        await page.close();
        server.close();
      },
    };
    this.#pages.push(opened);
    return opened;
  }

  async stop(): Promise<void> {
    for (const page of this.#pages) await page.close();
    await Promise.all(Object.values(this.browsers).map((browser) => browser.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Reads a `.nii` or `.nii.gz`. */
export function readNifti(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

/** Messages between the webview and this process keep their order, and are copied, as in VS Code. */
async function portTo(page: Page): Promise<MessageChannelPort> {
  const receivers = new Set<(message: unknown) => void>();
  await page.exposeFunction('toHost', (message: unknown) => {
    for (const receive of [...receivers]) receive(message);
  });
  let sent: Promise<unknown> = Promise.resolve();
  return {
    post: (message) => {
      sent = sent
        .then(() => page.evaluate((each) => window.fromHost(each), message))
        // Nobody reads what is told to a page that was closed.
        .catch((error) => {
          if (!page.isClosed()) throw error;
        });
    },
    listen: (receive) => {
      receivers.add(receive);
      return () => receivers.delete(receive);
    },
  };
}

function serve(folder: string, options: PageOptions): Server {
  const nonce = randomBytes(16).toString('base64');
  const files: Readonly<Record<string, () => readonly [type: string, body: string | Uint8Array] | undefined>> = {
    '/': () => ['text/html', hostHtml()],
    '/host.js': () => ['text/javascript', readFileSync(join(folder, 'host.js'))],
    '/webview.html': () => ['text/html', webviewHtml(nonce, options)],
    '/webview.js': () => ['text/javascript', readFileSync(join(folder, 'webview.js'))],
    '/webview.css': () => ['text/css', readFileSync(join(folder, 'webview.css'))],
    '/favicon.ico': () => ['image/x-icon', ''],
  };
  return createServer((request, answer) => {
    const found = files[request.url ?? '']?.();
    answer.writeHead(found ? 200 : 404, { 'content-type': found?.[0] ?? 'text/plain' });
    answer.end(found?.[1] ?? '');
  });
}

function hostHtml(): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <title>Host</title>
  <style>html, body { margin: 0; height: 100%; overflow: hidden } iframe { border: 0; width: 100%; height: 100% }</style>
  <script src="/host.js" defer></script>
</head>
<body></body>
</html>`;
}

/** The page of the extension, under its policy, with what VS Code itself puts before our script. */
function webviewHtml(nonce: string, { theme = 'dark', savedState }: PageOptions): string {
  const csp = `default-src 'none'; script-src 'nonce-${nonce}'; style-src http://127.0.0.1:*; font-src http://127.0.0.1:*; img-src http://127.0.0.1:* data: blob:`;
  const bootstrap = `
    let state = ${JSON.stringify(savedState ?? null)} ?? undefined;
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => parent.postMessage(message, '*'),
      getState: () => state,
      setState: (next) => { state = JSON.parse(JSON.stringify(next)); window.savedState = state; },
    });
    for (const [name, value] of Object.entries(${JSON.stringify(THEMES[theme])})) {
      document.documentElement.style.setProperty('--vscode-' + name, value);
    }
    window.forwardedKeys = [];
    window.addEventListener('keydown', (event) => window.forwardedKeys.push(event.key));`;
  const kind = theme === 'light' ? 'vscode-light' : theme === 'dark' ? 'vscode-dark' : 'vscode-high-contrast';
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${csp}">
  <link rel="stylesheet" href="/webview.css">
  <title>case.nii.gz</title>
  <script nonce="${nonce}">${bootstrap}</script>
</head>
<body class="${kind}">
  <voxel-loop-editor></voxel-loop-editor>
  <script type="module" nonce="${nonce}" src="/webview.js"></script>
</body>
</html>`;
}
