import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Dialog,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { type RunningServer, startCodeServer } from '../../../scripts/harness/code-server.mjs';
import { cacheFolder, repositoryRoot } from '../../../scripts/harness/paths.mjs';
import { packageExtension } from '../../../scripts/package.mjs';

/** What lies in the workspace before VS Code opens it: content, or a copy of a file or folder (absolute path). */
export type WorkspaceFile = Uint8Array | string | { readonly copyOf: string };

export interface EditorOptions {
  /** By path in the workspace, with forward slashes. */
  readonly files: Readonly<Record<string, WorkspaceFile>>;
  /** VS Code settings of the user, on top of `quietSettings`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Size of the window; software rendering pays for every pixel. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** `working-tree` (default): the repository's folder is the extension. `packaged`: a VSIX is built and installed. */
  readonly extension?: 'working-tree' | 'packaged';
  /** Other extensions, by folder (`publisher.name-version`): their files. */
  readonly extensions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** VS Code without what distracts or depends on the day: no auto save, welcome pages, network or assistant. */
const quietSettings = {
  'files.autoSave': 'off',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.tree.enableStickyScroll': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'explorer.compactFolders': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
};

const noGallery = { serviceUrl: '', itemUrl: '', resourceUrlTemplate: '', controlUrl: '' };
const browserFlags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const defaultViewport = { width: 1440, height: 900 };

interface Machinery {
  readonly runFolder: string;
  readonly startServer: (port?: number) => Promise<RunningServer>;
  server: RunningServer;
  readonly browser: Browser;
  readonly context: BrowserContext;
}

/** One VS Code (server and browser) on one workspace, in a run folder of its own. */
export class Editor {
  #page: Page;
  /** Absolute path of the folder that is open. */
  readonly workspace: string;
  readonly #machinery: Machinery;
  readonly #console: string[] = [];

  private constructor(page: Page, workspace: string, machinery: Machinery) {
    this.#page = page;
    this.workspace = workspace;
    this.#machinery = machinery;
    this.#listen();
  }

  /** Absolute path of the user's settings. */
  get settingsFile(): string {
    return join(this.#machinery.runFolder, 'data/User/settings.json');
  }

  /** Absolute path of the folder in which the extensions lie. */
  get extensionsFolder(): string {
    return join(this.#machinery.runFolder, 'extensions');
  }

  /** The window; another one after `startAgain`. */
  get page(): Page {
    return this.#page;
  }

  #listen(): void {
    this.page.on('console', (message) => this.#console.push(`${message.type()}: ${message.text()}`));
    this.page.on('pageerror', (error) => this.#console.push(`uncaught: ${error.stack ?? error.message}`));
  }

  /** Starts VS Code and waits until its extensions are there. */
  static async start(options: EditorOptions): Promise<Editor> {
    const runFolder = mkdtempSync(join(tmpdir(), 'voxel-loop-e2e-'));
    const workspace = join(runFolder, 'workspace');
    mkdirSync(workspace);
    for (const [path, content] of Object.entries(options.files)) writeWorkspaceFile(join(workspace, path), content);
    for (const [folder, files] of Object.entries(options.extensions ?? {})) {
      for (const [path, content] of Object.entries(files)) {
        writeWorkspaceFile(join(runFolder, 'extensions', folder, path), content);
      }
    }
    const userFolder = join(runFolder, 'data/User');
    mkdirSync(userFolder, { recursive: true });
    writeFileSync(join(userFolder, 'settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }));
    const home = join(runFolder, 'home');
    mkdirSync(home);

    const vsix = options.extension === 'packaged' ? { vsix: await packageExtension() } : {};
    const startServer = (port?: number) =>
      startCodeServer(inject('codeServer'), {
        runFolder,
        ...vsix,
        ...(port !== undefined && { port }),
        asksForTrust: options.settings?.['security.workspace.trust.enabled'] === true,
        env: { HOME: home, EXTENSIONS_GALLERY: JSON.stringify(noGallery) },
      });
    const server = await startServer();
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({ executablePath: inject('chromium'), args: browserFlags });
      const context = await browser.newContext({ viewport: options.viewport ?? defaultViewport });
      const page = await context.newPage();
      const editor = new Editor(page, workspace, { runFolder, startServer, server, browser, context });
      await editor.#open();
      return editor;
    } catch (error) {
      await browser?.close();
      await server.stop();
      throw error;
    }
  }

  async #open(): Promise<void> {
    await this.page.goto(`${this.#machinery.server.origin}/?folder=${encodeURI(this.workspace)}`);
    await this.#waitUntilReady();
  }

  /**
   * Kills the whole VS Code in one moment: the server, the extension hosts, whatever they have started, and the window. Nobody
   * is asked or told.
   */
  async kill(): Promise<void> {
    const [leader] = this.#processes('entry.js');
    process.kill(-groupOf(leader), 'SIGKILL');
    await this.#machinery.server.ended;
    await this.page.close();
  }

  /** Starts VS Code again after `kill`: the same folder, user data and, as far as the browser keeps it, window. */
  async startAgain(): Promise<void> {
    const { server, startServer, context } = this.#machinery;
    // What a browser keeps is kept by address.
    this.#machinery.server = await startServer(Number(new URL(server.origin).port));
    this.#page = await context.newPage();
    this.#listen();
    await this.#open();
  }

  async #waitUntilReady(): Promise<void> {
    // A file that is opened before the extensions are registered opens as text.
    await this.page.waitForFunction(() => performance.getEntriesByName('code/didLoadExtensions').length > 0);
    // That mark can come before the contributions of the last extension are known: its commands tell.
    const input = this.page.locator('.quick-input-widget input[placeholder^="Type the name of a command"]');
    await this.page.keyboard.press('F1');
    await input.fill('>Voxel Loop: Show Log');
    await this.page.locator('.quick-input-list .monaco-list-row[aria-label^="Voxel Loop: Show Log"]').waitFor();
    await input.press('Escape');
    await input.waitFor({ state: 'hidden' });
    await this.page.locator('.explorer-folders-view .monaco-list').waitFor();
  }

  /**
   * Reloads the window; unsaved documents come back by hot exit. While VS Code has not backed all of them up yet the
   * browser asks whether to leave: then the user stays, and tries again.
   */
  async reload(): Promise<void> {
    while (await this.#isKeptFromReloading()) await this.page.waitForTimeout(500);
    await this.#waitUntilReady();
  }

  async #isKeptFromReloading(): Promise<boolean> {
    let stay: (dialog: Dialog) => void = () => undefined;
    const asked = new Promise<true>((resolve) => {
      stay = (dialog) => void dialog.dismiss().then(() => resolve(true));
    });
    this.page.on('dialog', stay);
    const reloaded = this.page.reload().then(() => false);
    // A reload that was called off fails, sooner or later.
    reloaded.catch(() => undefined);
    const kept = await Promise.race([reloaded, asked]);
    this.page.off('dialog', stay);
    return kept;
  }

  /** Clicks the file in the explorer, opening the folders above it, and waits for its tab. */
  async openFile(path: string): Promise<void> {
    const segments = path.split('/');
    for (const [depth, name] of segments.entries()) {
      const row = await this.#explorerRow(name, depth + 1);
      const isFile = depth === segments.length - 1;
      if (isFile) await this.#clickUntilActive(row, this.tab(basename(path)));
      else if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
  }

  /** Rows move while files appear, and a click then hits the neighbour. */
  async #clickUntilActive(row: Locator, tab: Locator): Promise<void> {
    const activeTab = tab.and(this.page.locator('.active'));
    for (let attempt = 0; attempt < 3; attempt++) {
      await row.click();
      const isActive = await activeTab.waitFor({ timeout: 10_000 }).then(
        () => true,
        () => false,
      );
      if (isActive) return;
    }
    await activeTab.waitFor();
  }

  async #explorerRow(name: string, level: number): Promise<Locator> {
    const list = this.page.locator('.explorer-folders-view .monaco-list');
    const label = this.page.locator('.label-name').getByText(name, { exact: true });
    const row = list.locator(`.monaco-list-row[aria-level="${level}"]`).filter({ has: label });
    // Only the rows in sight exist; a long list is paged through until the row comes by.
    await list.locator('.monaco-list-row').first().waitFor();
    const isThere = () =>
      row.waitFor({ timeout: 500 }).then(
        () => true,
        () => false,
      );
    if (await isThere()) return row;
    await list.focus();
    await this.page.keyboard.press('Home');
    for (let page = 0; page < 40 && !(await isThere()); page++) await this.page.keyboard.press('PageDown');
    return row;
  }

  tab(name: string): Locator {
    return this.page.locator(`.tab[data-resource-name="${name}"]`);
  }

  /** The tab while it has unsaved changes. */
  dirtyTab(name: string): Locator {
    return this.tab(name).and(this.page.locator('.dirty'));
  }

  /** The tab while all of its changes are saved. */
  cleanTab(name: string): Locator {
    return this.tab(name).and(this.page.locator(':not(.dirty)'));
  }

  /** The document inside the visible webview; `index` counts the visible ones in the order they were made. */
  webview(index = 0): FrameLocator {
    return this.page
      .frameLocator(`iframe.webview.ready >> visible=true >> nth=${index}`)
      .frameLocator('iframe#active-frame');
  }

  /** The document inside the visible page beside the editors that was made last (training, models, effort). */
  newestPage(): FrameLocator {
    return this.page
      .frameLocator('iframe.webview.ready:not([src*="purpose=customEditor"]) >> visible=true >> nth=-1')
      .frameLocator('iframe#active-frame');
  }

  /**
   * The document inside the visible webview that holds an element. After a reload neither the order of the webviews nor
   * what their addresses say tells which is which.
   */
  async webviewWith(selector: string): Promise<FrameLocator> {
    const frames = this.page.locator('iframe.webview.ready >> visible=true');
    for (let triesLeft = 60; triesLeft > 0; triesLeft--) {
      for (let index = 0; index < (await frames.count()); index++) {
        const found = this.webview(index);
        if (await found.locator(selector).first().isVisible()) return found;
      }
      await this.page.waitForTimeout(500);
    }
    throw new Error(`No webview in sight holds ${selector}.`);
  }

  /** Closes the tab of that title, as the middle button does. */
  async closeTab(title: string): Promise<void> {
    const tab = this.page.locator('.tab', { hasText: title });
    await tab.click({ button: 'middle' });
    await tab.waitFor({ state: 'detached' });
  }

  /** Runs the command of that title (as the palette shows it, with its category) through the command palette. */
  async palette(title: string): Promise<void> {
    // A command may ask something in the same box, under another placeholder.
    const input = this.page.locator('.quick-input-widget input[placeholder^="Type the name of a command"]');
    const rows = this.page.locator('.quick-input-list');
    const wanted = rows.locator(`.monaco-list-row:is([aria-label="${title}"], [aria-label^="${title}, "])`);
    const focused = wanted.and(rows.locator('.focused'));
    const find = async () => {
      await this.page.keyboard.press('F1');
      await input.fill(`>${title}`, { timeout: 2000 });
      await wanted.waitFor({ timeout: 10_000 });
      // By keyboard: the list moves while it fills, and a click would hit another row.
      for (let row = 0; row < 50 && (await focused.count()) === 0; row++) {
        await input.press('ArrowDown', { timeout: 2000 });
      }
      // Enter in a box that was closed meanwhile would run nothing.
      if (!(await focused.isVisible())) throw new Error(`The palette does not offer ${title}.`);
    };
    // A webview that is just being made swallows the key, or takes the focus, which closes the box again.
    for (let triesLeft = 5; ; triesLeft--) {
      try {
        await find();
        break;
      } catch (error) {
        if (triesLeft === 0) throw error;
      }
    }
    await input.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** The toasts in sight whose text contains this. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
  }

  /** The texts of the toasts in sight. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Keeps a picture as `<name>.png`; with `docs` it is also the documentation's when those are renewed. */
  async screenshot(name: string, { docs = false } = {}): Promise<string> {
    const file = join(cacheFolder, 'screenshots', `${name}.png`);
    await this.page.screenshot({ path: file });
    if (docs && process.env.VOXEL_LOOP_UPDATE_DOCS === '1') {
      const folder = join(repositoryRoot, 'docs/screenshots');
      mkdirSync(folder, { recursive: true });
      copyFileSync(file, join(folder, `${name}.png`));
    }
    return file;
  }

  /** What a failed test leaves behind: a picture, the logs of the extension host and server, the page's console. */
  async keepEvidence(testName: string): Promise<void> {
    const folder = join(cacheFolder, 'failures', testName.replace(/[^\w-]+/g, '-'));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, 'window.png') });
    writeFileSync(join(folder, 'console.log'), this.#console.join('\n'));
    const logs = join(this.#machinery.runFolder, 'data/logs');
    if (existsSync(logs)) cpSync(logs, join(folder, 'logs'), { recursive: true });
    copyFileSync(this.#machinery.server.logFile, join(folder, 'server.log'));
    console.error(`${this.extensionHostLog()}\nEvidence of the failure: ${folder}`);
  }

  /** The last lines of the log of the extension host. */
  extensionHostLog(lines = 40): string {
    const logs = join(this.#machinery.runFolder, 'data/logs');
    const files = existsSync(logs) ? readdirSync(logs, { recursive: true, encoding: 'utf8' }) : [];
    const own = files.filter((file) => basename(file) === 'remoteexthost.log').sort();
    return own
      .map((file) => readFileSync(join(logs, file), 'utf8').trimEnd().split('\n').slice(-lines).join('\n'))
      .join('\n');
  }

  /** Kills the process that runs the extensions, as a crash would, and nothing else. */
  killExtensionHost(): void {
    for (const host of this.extensionHosts()) process.kill(host, 'SIGKILL');
  }

  /** Process ids of what runs the extensions: descendants of this VS Code's server. */
  extensionHosts(): number[] {
    const [leader] = this.#processes('entry.js');
    const group = groupOf(leader);
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    return processes.filter((pid) => commandLine(pid).includes('--type=extensionHost') && groupOf(pid) === group);
  }

  /** Process ids of the extension's compute processes. */
  engines(): number[] {
    return this.#processes('engine.js');
  }

  /** Process ids of this VS Code whose command line has this word, the oldest first. */
  #processes(word: string): number[] {
    const listing = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
    const lines = listing.error ? commandLines() : listing.stdout.split('\n');
    return lines
      .filter((line) => line.includes(this.#machinery.runFolder) && line.includes(word))
      .map((line) => Number.parseInt(line, 10))
      .sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    await this.#machinery.browser.close();
    await this.#machinery.server.stop();
    rmSync(this.#machinery.runFolder, { recursive: true, force: true });
  }
}

/** The process group of a process of Linux; 0: it is gone. */
function groupOf(pid: number): number {
  try {
    // "pid (name) state parent group ...": the name may hold anything (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  } catch {
    return 0;
  }
}

/** The command line of a process of Linux; empty: it is gone. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** As `ps` prints them, where there is none. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .map((pid) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`);
}

function writeWorkspaceFile(path: string, content: WorkspaceFile): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
  else cpSync(content.copyOf, path, { recursive: true });
}

/**
 * One VS Code for all tests of the enclosing `describe`: started before them, stopped after them, and a test that
 * fails leaves its evidence.
 * @returns gives the editor inside a test
 */
export function useEditor(options: EditorOptions): () => Editor {
  let editor: Editor | undefined;
  beforeAll(async () => {
    editor = await Editor.start(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await editor?.keepEvidence(task.name);
  });
  afterAll(async () => {
    const log = editor?.extensionHostLog(Number.POSITIVE_INFINITY) ?? '';
    await editor?.close();
    // VS Code writes this for every change that it is told of a document which it does not know.
    expect(log.split('\n').filter((line) => line.includes('No custom document found'))).toEqual([]);
  });
  return () => {
    if (editor === undefined) throw new Error('The editor is there only inside a test.');
    return editor;
  };
}
