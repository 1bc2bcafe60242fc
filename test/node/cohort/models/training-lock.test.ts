import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { lockTraining } from '../../../../src/node/cohort/models/training-lock.ts';
import { bundleProgram, runProgram } from '../../../support/run-bundled.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const TOKEN = '0b5f4d9e-3a67-4f4c-9a0e-1f3f0a4d2c11';

function writeLock(folder: string, owner: { pid: number; host?: string; started?: string }): string {
  const path = join(folder, 'training.lock');
  writeFileSync(path, JSON.stringify({ token: TOKEN, host: hostname(), since: '2026-01-01T00:00:00Z', ...owner }));
  return path;
}

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid as number;
}

describe('lockTraining', () => {
  it('lets one train at a time, and the next after the release', async () => {
    const folder = temporaryFolder();
    const lock = await lockTraining(folder);
    await expect(lockTraining(folder)).rejects.toMatchObject({ code: 'training-locked' });
    await lock.release();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    await (await lockTraining(folder)).release();
  });

  it('respects a living process and takes over from it when it is dead', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    writeLock(folder, { pid: child.pid as number });
    await expect(lockTraining(folder)).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await lockTraining(folder)).release();
  });

  it.runIf(process.platform === 'linux')('takes over from one that was killed and nobody has buried', async () => {
    const folder = temporaryFolder();
    // The shell's child ends, and what the shell becomes never asks for it.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'latin1')).toMatch(/\) Z /);
    writeLock(folder, { pid });
    await (await lockTraining(folder)).release();
    parent.kill('SIGKILL');
  });

  it.runIf(process.platform === 'linux')('takes over from a dead one whose id another process has by now', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const path = writeLock(folder, { pid: child.pid as number, started: '1' });
    const lock = await lockTraining(folder);
    // What it writes down itself is the truth: nobody else takes it.
    const { started } = JSON.parse(readFileSync(path, 'utf8'));
    const own = readFileSync('/proc/self/stat', 'latin1');
    expect(own.slice(own.lastIndexOf(')')).split(' ')).toContain(started);
    await lock.release();
    const after = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    writeLock(folder, { pid: child.pid as number, started: after.slice(after.lastIndexOf(')') + 2).split(' ')[19] });
    await expect(lockTraining(folder)).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
  });

  it('takes over what was locked before the machine started, whoever has the process id by now', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const path = writeLock(folder, { pid: child.pid as number });
    const bootedMs = Date.now() - uptime() * 1000;
    const lastSign = (ms: number) => utimesSync(path, new Date(ms), new Date(ms));
    // It was there after the start, though the clock said otherwise when it was taken.
    lastSign(bootedMs + 1000);
    await expect(lockTraining(folder)).rejects.toThrow(`process ${child.pid}`);
    // Too near to the start to tell.
    lastSign(bootedMs - 2000);
    await expect(lockTraining(folder)).rejects.toThrow(`process ${child.pid}`);
    lastSign(bootedMs - 60_000);
    await (await lockTraining(folder)).release();
  });

  it('takes over from a dead predecessor with our own process id (containers)', async () => {
    const folder = temporaryFolder();
    writeLock(folder, { pid: process.pid });
    await (await lockTraining(folder)).release();
  });

  it('respects another machine as long as its heart beats', async () => {
    const folder = temporaryFolder();
    const path = writeLock(folder, { pid: 1, host: 'another-machine' });
    await expect(lockTraining(folder)).rejects.toThrow(/another-machine/);
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(path, longAgo, longAgo);
    await (await lockTraining(folder)).release();
  });

  it('respects a lock that is being written and takes over one that never was', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'training.lock');
    writeFileSync(path, '');
    await expect(lockTraining(folder)).rejects.toMatchObject({ code: 'training-locked' });
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(path, longAgo, longAgo);
    await (await lockTraining(folder)).release();
  });

  it('never removes a lock that is not its own', async () => {
    const folder = temporaryFolder();
    const lock = await lockTraining(folder);
    const path = writeLock(folder, { pid: process.ppid });
    await lock.release();
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(TOKEN);
  });

  /** A lock whose heart beats when it is told to. */
  async function beatingLock() {
    const set = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearInterval');
    onTestFinished(() => void vi.restoreAllMocks());
    const folder = temporaryFolder();
    const lock = await lockTraining(folder);
    const path = join(folder, 'training.lock');
    const [beat] = set.mock.lastCall as unknown as [() => Promise<void>];
    const isFresh = () => statSync(path).mtimeMs > 0;
    const growOld = () => utimesSync(path, 0, 0);
    return { lock, folder, path, beat, cleared, isFresh, growOld };
  }

  it.runIf(process.platform !== 'win32')('beats on when the lock could not be reached for a while', async () => {
    const { lock, folder, path, beat, cleared, isFresh, growOld } = await beatingLock();
    renameSync(path, `${path}.aside`);
    symlinkSync(path, path);
    await beat();
    // Whatever it may have left under way has ended by then.
    for (let turn = 0; turn < 20; turn++) await stat(folder);
    rmSync(path);
    renameSync(`${path}.aside`, path);
    growOld();
    await beat();
    await expect.poll(isFresh).toBe(true);
    expect(cleared).not.toHaveBeenCalled();
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it('stops beating where the lock was removed, or is another one by now, which it leaves as it is', async () => {
    const removed = await beatingLock();
    rmSync(removed.path);
    await removed.beat();
    await expect.poll(() => removed.cleared.mock.calls.length).toBe(1);
    vi.restoreAllMocks();

    const { folder, beat, cleared, isFresh, growOld } = await beatingLock();
    writeLock(folder, { pid: 1, host: 'another-machine' });
    growOld();
    await beat();
    await expect.poll(() => cleared.mock.calls.length).toBe(1);
    expect(isFresh()).toBe(false);
  });

  it('lets one of many takers of a stale lock win, in one process and in several', async () => {
    const folder = temporaryFolder();
    const program = bundleProgram(`
      import { lockTraining } from './src/node/cohort/models/training-lock.ts';
      lockTraining(process.argv[2]).then(
        () => { process.stdout.write('won'); setTimeout(() => {}, 1500); },
        (error) => process.stdout.write(error.code),
      );
    `);
    writeLock(folder, { pid: await deadPid() });
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => runProgram(program, [folder])));
    expect(outcomes.map(({ stdout }) => stdout).sort()).toEqual([...Array(5).fill('training-locked'), 'won']);

    writeLock(folder, { pid: await deadPid() });
    const tries = await Promise.allSettled(Array.from({ length: 30 }, () => lockTraining(folder)));
    const winners = tries.flatMap((tried) => (tried.status === 'fulfilled' ? [tried.value] : []));
    expect(winners).toHaveLength(1);
    await winners[0].release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
