import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder, writeTree } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');

/** A STAND-IN for a Python with PyTorch: a shell script. */
function standInForPython(script: string): string {
  const python = join(writeTree(temporaryFolder(), { python: `#!/bin/sh\n${script}\n` }), 'python');
  chmodSync(python, 0o755);
  return python;
}

/** What bench/gpu.sh hands to the program that measures. A STAND-IN for a pack: that program says what it is given. */
function argumentsOf(args: readonly string[], env: NodeJS.ProcessEnv, python: string): Promise<string[]> {
  const pack = writeTree(temporaryFolder(), { 'gpu.mjs': 'console.log(JSON.stringify(process.argv.slice(2)));' });
  mkdirSync(join(pack, 'bench'));
  cpSync(join(root, 'bench/gpu.sh'), join(pack, 'bench/gpu.sh'));
  symlinkSync(process.execPath, join(pack, 'node'));
  const child = spawn('bash', [join(pack, 'bench/gpu.sh'), ...args], {
    env: { ...process.env, ...env, VOXEL_LOOP_PYTHON: python },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((settle, fail) => {
    child.once('error', fail);
    child.once('close', () => settle(JSON.parse(output)));
  });
}

const given = (name: string, args: readonly string[]) => args.slice(args.lastIndexOf(name) + 1)[0];

describe.runIf(process.platform === 'linux')('bench/gpu.sh', () => {
  it('writes where it is told to, however that is said', async () => {
    const python = standInForPython('exit 0');
    const out = async (...args: string[]) => given('--out', await argumentsOf(args, { OUT: '/given' }, python));
    expect(await out('--smoke')).toBe('/given');
    expect(await out('--out', '/named')).toBe('/named');
    expect(await out('--out=/named', '--smoke')).toBe('/named');
    expect(await argumentsOf(['--smoke'], {}, python)).toContain('--smoke');
  });

  it('counts what PyTorch takes to start, and does not wait for one that hangs', async () => {
    const slow = await argumentsOf(['--seconds', '100'], {}, standInForPython('sleep 3'));
    expect(Number(given('--seconds', slow))).toBeLessThan(99);
    const never = `case "$2" in *torch*) exec sleep 1000;; esac`;
    expect(Number(given('--seconds', await argumentsOf(['--seconds=2'], {}, standInForPython(never))))).toBe(1);
  });

  it('takes the row that is being measured down with it', async () => {
    const out = temporaryFolder();
    const pidFile = join(out, 'pid');
    // The peer, which answers nothing.
    const peer = `case "$1" in *.py) echo $$ >${pidFile}; exec sleep 1000;; esac`;
    // As `timeout` does: a group of its own, which is signalled as a whole.
    const measuring = spawn(process.execPath, ['bench/run.mjs', 'gpu', '--smoke', '--out', out], {
      cwd: root,
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, VOXEL_LOOP_PYTHON: standInForPython(peer) },
    });
    const pid = () => Number(readFileSync(pidFile, 'utf8'));
    onTestFinished(() => {
      if (isAlive(pid())) process.kill(pid(), 'SIGKILL');
    });
    await vi.waitFor(() => expect(existsSync(pidFile) && pid()).toBeGreaterThan(0), 60_000);
    process.kill(-(measuring.pid as number), 'SIGTERM');
    await vi.waitFor(() => expect(isAlive(pid())).toBe(false), 10_000);
  });
});

function isAlive(pid: number): boolean {
  // A zombie is gone: only nobody has asked how it ended.
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}
