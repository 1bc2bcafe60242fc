import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureChromium } from '../../../scripts/harness/chromium.mjs';
import { THEMES, type ThemeName } from './themes.ts';

const root = resolve(import.meta.dirname, '../../..');
const NONCE = 'bench';

/** A page of `src/webview/pages` without VS Code: strict policy, theme variables, and the test as its host. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of the console, uncaught errors and violations of the content security policy. */
  readonly complaints: readonly string[];
  /** Answers the page's first request. */
  answer(result: unknown): Promise<void>;
  /** Tells the page of an event. */
  emit(name: string, payload: unknown): Promise<void>;
  /** Events that the page told its host. */
  told(): Promise<{ readonly name: string; readonly payload: unknown }[]>;
}

/** Bundles the pages once, and opens them in a real browser. */
export class PageBench {
  private constructor(
    private readonly browser: Browser,
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<PageBench> {
    const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-pages-'));
    await build({
      bundle: true,
      format: 'iife',
      target: 'chrome132',
      absWorkingDir: root,
      entryPoints: ['src/webview/pages/main.ts'],
      outfile: join(folder, 'pages.js'),
    });
    const server = createServer((request, response) => {
      const [path, query] = (request.url ?? '').split('?');
      if (path === '/page.html') {
        const [name, theme] = (query ?? '').split(',');
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(pageHtml(name, theme as ThemeName));
      } else if (path === '/pages.js' || path === '/pages.css') {
        response.writeHead(200, { 'content-type': path.endsWith('css') ? 'text/css' : 'text/javascript' });
        response.end(readFileSync(join(folder, path.slice(1))));
      } else {
        response.writeHead(path === '/favicon.ico' ? 204 : 404);
        response.end();
      }
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const browser = await chromium.launch({
      executablePath: await ensureChromium(),
      args: ['--no-sandbox', '--disable-quic', '--no-first-run'],
    });
    return new PageBench(browser, folder, server);
  }

  /** @param name of the page: `training` for `<voxel-loop-training-page>` */
  async open(name: string, theme: ThemeName, size = { width: 760, height: 1000 }): Promise<OpenPage> {
    const page = await this.browser.newPage({ viewport: size });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/page.html?${name},${theme}`);
    const post = (message: unknown) => page.evaluate((sent) => window.postMessage(sent), message);
    const sent = () => page.evaluate(() => window.sentToHost as Sent[]);
    return {
      page,
      complaints,
      answer: async (result) => {
        const request = (await sent()).find(({ kind }) => kind === 'request');
        if (!request) throw new Error('The page asked for nothing.');
        await post({ kind: 'result', id: request.id, result });
      },
      emit: (event, payload) => post({ kind: 'event', name: event, payload }),
      told: async () =>
        (await sent())
          .filter(({ kind }) => kind === 'event')
          .map(({ name: of, payload }) => ({ name: of ?? '', payload })),
    };
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Sent {
  readonly kind: string;
  readonly id?: number;
  readonly name?: string;
  readonly payload?: unknown;
}

function pageHtml(name: string, theme: ThemeName): string {
  const policy = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src http://127.0.0.1:*; img-src http://127.0.0.1:* data: blob:`;
  const bootstrap = `
    window.sentToHost = [];
    window.hostIsSilent = false;
    const hear = (message) => {
      if (message.kind !== 'ping') window.sentToHost.push(message);
      else if (!window.hostIsSilent) window.postMessage({ kind: 'pong' });
    };
    window.acquireVsCodeApi = () => ({ postMessage: hear });
    for (const [name, value] of Object.entries(${JSON.stringify(THEMES[theme])})) {
      document.documentElement.style.setProperty('--vscode-' + name, value);
    }`;
  const kind = theme === 'light' ? 'vscode-light' : theme === 'dark' ? 'vscode-dark' : 'vscode-high-contrast';
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <link rel="stylesheet" href="/pages.css">
  <title>${name}</title>
  <script nonce="${NONCE}">${bootstrap}</script>
</head>
<body class="${kind}">
  <voxel-loop-${name}-page></voxel-loop-${name}-page>
  <script type="module" nonce="${NONCE}" src="/pages.js"></script>
</body>
</html>`;
}

declare global {
  interface Window {
    sentToHost: unknown[];
    /** The host gives no signs of life any more. */
    hostIsSilent: boolean;
  }
}
