import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderWatch } from '../../../src/node/files/folder-watch.ts';

describe('a folder watch', () => {
  let root: string;
  let watch: FolderWatch | undefined;
  let heard: Set<string>;
  let looksEverywhere: number;

  async function start(enters: (folder: string) => boolean = () => true): Promise<void> {
    watch = new FolderWatch(root, enters, (path) => {
      if (path === undefined) looksEverywhere++;
      else heard.add(relative(root, path));
    });
    await watch.ready;
  }
  const write = (path: string, text = 'x') => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const hears = (path: string) => expect.poll(() => [...heard], { timeout: 10_000 }).toContain(path);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'voxel-loop-watch-'));
    heard = new Set();
    looksEverywhere = 0;
  });
  afterEach(() => {
    watch?.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('misses nothing in folders that are made at once, then or later', async () => {
    await start();
    for (let round = 0; round < 30; round++) {
      write(`state-${round}/proposals/a/first`);
      await hears(`state-${round}/proposals/a/first`);
      write(`state-${round}/proposals/b/second`);
      await hears(`state-${round}/proposals/b/second`);
    }
  });

  it('tells of what is made, changed and deleted in the folders that were there', async () => {
    write('sub/file');
    await start();
    heard.clear();
    for (const act of [() => write('sub/file', 'y'), () => rmSync(join(root, 'sub/file')), () => write('sub/other')]) {
      heard.clear();
      act();
      await expect.poll(() => heard.size, { timeout: 10_000 }).toBeGreaterThan(0);
    }
    await hears('sub/other');
  });

  it('follows a folder that is moved in, and one that takes the place of another', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'voxel-loop-watch-outside-'));
    mkdirSync(join(outside, 'sub/deep'), { recursive: true });
    writeFileSync(join(outside, 'sub/deep/file'), 'x');
    write('sub/deep/old');
    await start();
    const before = looksEverywhere;
    rmSync(join(root, 'sub'), { recursive: true });
    renameSync(join(outside, 'sub'), join(root, 'sub'));
    await hears('sub/deep/file');
    expect(looksEverywhere).toBeGreaterThan(before);
    write('sub/deep/later');
    await hears('sub/deep/later');
    rmSync(outside, { recursive: true });
  });

  it('says to look everywhere when a folder is moved away with all that is in it', async () => {
    write('sub/deep/file');
    await start();
    const before = looksEverywhere;
    const away = `${root}-away`;
    renameSync(join(root, 'sub'), away);
    await expect.poll(() => looksEverywhere, { timeout: 10_000 }).toBeGreaterThan(before);
    heard.clear();
    writeFileSync(join(away, 'deep/file'), 'not ours any more');
    write('file');
    await hears('file');
    expect([...heard]).toEqual(['file']);
    rmSync(away, { recursive: true });
  });

  it('follows links to folders, and leaves alone what it shall not enter', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'voxel-loop-watch-outside-'));
    symlinkSync(outside, join(root, 'linked'));
    write('node_modules/x');
    await start((folder) => !folder.includes('node_modules'));
    write('node_modules/y');
    writeFileSync(join(outside, 'file'), 'x');
    await hears('linked/file');
    expect([...heard]).not.toContain('node_modules/y');
    rmSync(outside, { recursive: true });
  });

  it('hears nothing once it is closed', async () => {
    write('sub/file');
    await start();
    watch?.close();
    heard.clear();
    write('sub/file', 'y');
    write('sub/new/file');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...heard]).toEqual([]);
  });
});
