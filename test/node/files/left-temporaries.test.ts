import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GuardedFolder } from '../../../src/node/files/guarded-folder.ts';
import { removeLeftTemporaries } from '../../../src/node/files/left-temporaries.ts';
import { hostCode, parseTemporaryName, temporaryName } from '../../../src/node/files/temporary-names.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY_MS = 24 * 3_600_000;
const RANDOM = '0123456789ab';

async function left(names: Readonly<Record<string, number>>): Promise<string[]> {
  const folder = temporaryFolder();
  for (const [name, ageMs] of Object.entries(names)) {
    writeFileSync(join(folder, name), 'x');
    const touched = new Date(Date.now() - ageMs);
    utimesSync(join(folder, name), touched, touched);
  }
  await removeLeftTemporaries(new GuardedFolder(folder), [join(folder, 'a_seg.nii.gz'), join(folder, 'a.json')]);
  return readdirSync(folder).sort();
}

describe('temporary files that a killed process left', () => {
  it('say what they were to become and who wrote them', () => {
    expect(parseTemporaryName(temporaryName('/x/a_seg.nii.gz'))).toEqual({
      target: 'a_seg.nii.gz',
      writer: { pid: process.pid, host: hostCode() },
    });
    // As they were called before they said who writes them.
    expect(parseTemporaryName(`.a_seg.nii.gz.${RANDOM}.tmp`)).toEqual({ target: 'a_seg.nii.gz', writer: null });
    expect(parseTemporaryName('.a_seg.nii.gz.tmp')).toBeNull();
    expect(parseTemporaryName('a_seg.nii.gz')).toBeNull();
    expect(basename(temporaryName('a'))).not.toBe(temporaryName('a'));
  });

  it('go when the process is dead, and stay while it lives', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    const kept = `.a_seg.nii.gz.${child.pid}-${hostCode()}-${RANDOM}.tmp`;
    const names = { [kept]: 60_000, [`.a_seg.nii.gz.${dead.pid}-${hostCode()}-${RANDOM}.tmp`]: 60_000 };
    expect(await left(names)).toEqual([kept]);
  });

  it('go after a day whoever wrote them: another machine, or an earlier version that did not say', async () => {
    const fresh = [`.a_seg.nii.gz.1-00000000-${RANDOM}.tmp`, `.a_seg.nii.gz.${RANDOM}.tmp`];
    expect(await left(Object.fromEntries(fresh.map((name) => [name, DAY_MS / 2])))).toEqual(fresh.sort());
    expect(await left(Object.fromEntries(fresh.map((name) => [name, 2 * DAY_MS])))).toEqual([]);
  });

  it('of this process are what it writes now, unless they are older than it is', async () => {
    const name = `.a.json.${process.pid}-${hostCode()}-${RANDOM}.tmp`;
    expect(await left({ [name]: 0 })).toEqual([name]);
    expect(await left({ [name]: process.uptime() * 1000 + 60_000 })).toEqual([]);
  });

  it('are the only files that go: not those of other targets, and nothing that only looks alike', async () => {
    const others = [
      ...[
        'a_seg.nii.gz',
        'a.json',
        '.a_seg.nii.gz.tmp',
        `.a_seg.nii.gz.${RANDOM}.tmp.bak`,
        `a_seg.nii.gz.${RANDOM}.tmp`,
      ],
      `.b_seg.nii.gz.${RANDOM}.tmp`,
    ].sort();
    expect(await left(Object.fromEntries(others.map((name) => [name, 9 * DAY_MS])))).toEqual(others);
  });
});
