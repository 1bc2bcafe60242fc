import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../../src/core/cohort/records/slice-history.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { HistoryFiles } from '../../../../src/node/cohort/state/history-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const entry = (who: string, minute: number): HistoryEntry => ({
  when: new Date(Date.UTC(2026, 10, 24, 10, minute)).toISOString(),
  who,
  what: 'accepted',
  slices: [[minute, minute]],
});

describe('HistoryFiles', () => {
  it('appends to a file per person, and reads everybody’s', async () => {
    const folder = temporaryFolder();
    const files = new HistoryFiles(folder);
    expect(await files.read('case')).toEqual([]);
    await files.append('case', 'Zoë Müller', [entry('Zoë Müller', 1)]);
    await files.append('case', '../Ben\\..', [entry('Ben', 2)]);
    await files.append('case', undefined, [entry('', 3)]);
    await files.append('case', 'Zoë Müller', [entry('Zoë Müller', 4), entry('Zoë Müller', 5)]);
    await files.append('other', 'Ben', [entry('Ben', 6)]);
    await files.append('other', 'Ben', []);
    expect(readdirSync(join(folder, 'case')).sort()).toEqual(['ben.jsonl', 'unnamed.jsonl', 'zoë-müller.jsonl']);
    const minutes = (entries: readonly HistoryEntry[]) => entries.map(({ slices }) => slices[0][0]).sort();
    expect(minutes(await files.read('case'))).toEqual([1, 2, 3, 4, 5]);
    expect(minutes(await files.read('other'))).toEqual([6]);
    expect(readFileSync(join(folder, 'case/zoë-müller.jsonl'), 'utf8').split('\n')).toHaveLength(4);
  });

  it('writes no line twice, so that an interrupted save can be completed', async () => {
    const folder = temporaryFolder();
    const files = new HistoryFiles(folder);
    await files.append('case', 'Ben', [entry('Ben', 1), entry('Ben', 2)]);
    const path = join(folder, 'case/ben.jsonl');
    const whole = readFileSync(path, 'utf8');
    await files.append('case', 'Ben', [entry('Ben', 1), entry('Ben', 2)]);
    expect(readFileSync(path, 'utf8')).toBe(whole);
    // The power went while the second line was written.
    writeFileSync(path, whole.slice(0, -20));
    await files.append('case', 'Ben', [entry('Ben', 1), entry('Ben', 2)]);
    expect(await files.read('case')).toEqual([entry('Ben', 1), entry('Ben', 2)]);
  });

  it('never changes what is there: a torn line stays, and takes no other with it', async () => {
    const folder = temporaryFolder();
    const files = new HistoryFiles(folder);
    await files.append('case', 'Ben', [entry('Ben', 1)]);
    const path = join(folder, 'case/ben.jsonl');
    appendFileSync(path, '{"when":"2026-');
    const before = readFileSync(path, 'utf8');
    await files.append('case', 'Ben', [entry('Ben', 2)]);
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true);
    expect(await files.read('case')).toEqual([entry('Ben', 1), entry('Ben', 2)]);
  });

  it('keeps every line when many write at once', async () => {
    const files = new HistoryFiles(temporaryFolder());
    await files.append('case', 'Ben', [entry('Ben', 0)]);
    const more = Array.from({ length: 20 }, (_, n) => files.append('case', 'Ben', [entry('Ben', n + 1)]));
    await Promise.all(more);
    expect(await files.read('case')).toHaveLength(21);
  });

  it('says which file cannot be written', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'case'), 'in the way');
    await expect(new HistoryFiles(folder).append('case', 'Ben', [entry('Ben', 1)])).rejects.toMatchObject({
      code: 'file-access',
    });
  });

  it('merges in git without a conflict, from one person on two branches too, and loses no line', async () => {
    const root = temporaryFolder();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root, encoding: 'utf8' });
    const store = new CohortStore(root);
    git('init', '-q', '-b', 'main');
    mkdirSync(store.stateDir);
    await store.history.append('case', 'Anna', [entry('Anna', 0)]);
    git('add', '-A');
    git('commit', '-qm', 'start');
    git('checkout', '-qb', 'other');
    await store.history.append('case', 'Anna', [entry('Anna', 1)]);
    await store.history.append('case', 'Ben', [entry('Ben', 2)]);
    git('add', '-A');
    git('commit', '-qm', 'theirs');
    git('checkout', '-q', 'main');
    await store.history.append('case', 'Anna', [entry('Anna', 3)]);
    git('commit', '-qam', 'ours');
    git('merge', '-q', 'other', '-m', 'merged');
    const minutes = (await store.history.read('case')).map(({ slices }) => slices[0][0]).sort();
    expect(minutes).toEqual([0, 1, 2, 3]);
  });
});
