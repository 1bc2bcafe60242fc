import { accessSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession } from 'playwright-core';
import { vi } from 'vitest';
import type { Editor } from './editor.ts';

/** What a soak looks at: what every round makes one of, so that a leak of one per round shows as their number. */
export interface SoakFigures {
  /** Objects of our classes on the extension host's heap after a collection, by class. */
  readonly objects: Readonly<Record<string, number>>;
  /** What the extension host has open: files, sockets, watches. */
  readonly handles: number;
  readonly threads: number;
  readonly hostMiB: number;
  /** The longest time since the last figures for which the host did nothing but one thing, so that nobody was answered. */
  readonly longestPauseMs: number;
  /** The window with all of its pages. */
  readonly pageHeapMiB: number;
  readonly pageDocuments: number;
  readonly pageListeners: number;
  readonly engineMiB: number;
}

const METER = 'test.host-meter-1.0.0';

/**
 * A second extension in the process that ours runs in: it measures the pauses of that process, and writes its heap when a file
 * `asked` lies beside it.
 */
export const HOST_METER = {
  [METER]: {
    'package.json': JSON.stringify({
      name: 'host-meter',
      publisher: 'test',
      version: '1.0.0',
      main: './main.js',
      engines: { vscode: '^1.90.0' },
      activationEvents: ['*'],
    }),
    'main.js': `
      const { monitorEventLoopDelay } = require('node:perf_hooks');
      const { existsSync, renameSync, rmSync, writeFileSync } = require('node:fs');
      const { join } = require('node:path');
      const { writeHeapSnapshot } = require('node:v8');
      const file = (name) => join(__dirname, name);
      exports.activate = () => {
        const delay = monitorEventLoopDelay({ resolution: 10 });
        delay.enable();
        setInterval(() => {
          if (!existsSync(file('asked'))) return;
          rmSync(file('asked'));
          writeFileSync(file('longest-pause-ms'), String(delay.max / 1e6));
          writeHeapSnapshot(file('heap.partial'));
          renameSync(file('heap.partial'), file('heap.json'));
          // Writing the heap was a pause too.
          setTimeout(() => delay.reset(), 100);
        }, 200);
      };`,
  },
};

/** Takes the figures of an editor that was started with `HOST_METER`. */
export class SoakScale {
  private constructor(
    private readonly editor: Editor,
    private readonly classes: readonly string[],
    private readonly page: CDPSession,
  ) {}

  static async of(editor: Editor, classes: readonly string[]): Promise<SoakScale> {
    return new SoakScale(editor, classes, await editor.page.context().newCDPSession(editor.page));
  }

  async weigh(): Promise<SoakFigures> {
    const [host] = this.editor.extensionHosts();
    const { objects, longestPauseMs } = await this.#askHost();
    await this.page.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.page.send('Runtime.getHeapUsage');
    const { documents, jsEventListeners } = await this.page.send('Memory.getDOMCounters');
    return {
      objects,
      handles: readdirSync(`/proc/${host}/fd`).length,
      threads: readdirSync(`/proc/${host}/task`).length,
      hostMiB: residentMiB(host),
      longestPauseMs,
      pageHeapMiB: usedSize / 2 ** 20,
      pageDocuments: documents,
      pageListeners: jsEventListeners,
      engineMiB: this.editor.engines().reduce((sum, pid) => sum + residentMiB(pid), 0),
    };
  }

  async #askHost(): Promise<{ objects: Record<string, number>; longestPauseMs: number }> {
    const file = (name: string) => join(this.editor.extensionsFolder, METER, name);
    writeFileSync(file('asked'), '');
    await vi.waitFor(() => accessSync(file('heap.json')), { timeout: 120_000, interval: 500 });
    const heap: HeapSnapshot = JSON.parse(readFileSync(file('heap.json'), 'utf8'));
    rmSync(file('heap.json'));
    const longestPauseMs = Number(readFileSync(file('longest-pause-ms'), 'utf8'));
    return { objects: countObjects(heap, this.classes), longestPauseMs };
  }
}

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly unknown[] };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Instances on the heap by their class; a bundler writes `_Name` or `Name2` for some. */
function countObjects({ snapshot, nodes, strings }: HeapSnapshot, classes: readonly string[]): Record<string, number> {
  const fields = snapshot.meta.node_fields;
  const [type, name] = [fields.indexOf('type'), fields.indexOf('name')];
  const isObject = (snapshot.meta.node_types[type] as readonly string[]).indexOf('object');
  const classOf = new Map<number, string>();
  for (const [index, text] of strings.entries()) {
    const plain = /^_?([A-Za-z]+)\d*$/.exec(text)?.[1];
    if (plain !== undefined && classes.includes(plain)) classOf.set(index, plain);
  }
  const counts = Object.fromEntries(classes.map((each) => [each, 0]));
  for (let at = 0; at < nodes.length; at += fields.length) {
    const found = nodes[at + type] === isObject ? classOf.get(nodes[at + name]) : undefined;
    if (found !== undefined) counts[found]++;
  }
  return counts;
}

function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}
