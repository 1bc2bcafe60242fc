import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { lostMs, RunJournal, readRunHistory } from '../../../src/engine/checkpoints/run-journal.ts';
import { GuardedFolder } from '../../../src/node/files/guarded-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const place = (path: string) => ({
  runJournalPath: path,
  trainingFolder: dirname(path),
  files: new GuardedFolder(dirname(path)),
});
const started = { at: '2026-11-30T10:00:00.000Z', preset: 'auto', minutes: 10 } as const;
const step = (n: number) => ({ step: n, trainedMs: 100 * n, stepMs: 100, loss: 1 / n, learningRate: 0.1 });

describe('the journal of a run', () => {
  it('is there from its first moment, tells a step a second and every checkpoint, and outlives the process', async () => {
    const path = join(temporaryFolder(), 'training', 'run.jsonl');
    const journal = await RunJournal.start(place(path), started);
    expect((await readRunHistory(path))?.started).toEqual({ kind: 'started', ...started });
    const now = vi.spyOn(performance, 'now');
    for (let n = 1; n <= 30; n++) {
      now.mockReturnValue(100 * n);
      journal.step(step(n));
    }
    now.mockRestore();
    journal.checkpoint({ step: 20, bytes: 5, milliseconds: 7 });
    // Nothing is flushed or closed: what was told is in the file all the same.
    const history = await readRunHistory(path);
    expect(history?.steps.map((each) => each.step)).toEqual([1, 11, 21]);
    expect(history?.checkpoints).toEqual([{ kind: 'checkpoint', step: 20, bytes: 5, milliseconds: 7 }]);
    await journal.close();

    const later = await RunJournal.goOn(place(path), started);
    later.step(step(21));
    later.close();
    expect((await readRunHistory(path))?.steps.map((each) => each.step)).toEqual([1, 11, 21, 21]);
    // A run that begins has nothing to do with what another one told.
    await (await RunJournal.goOn(place(path), { ...started, at: '2026-11-30T11:00:00.000Z' })).close();
    expect((await readRunHistory(path))?.steps).toEqual([]);
  });

  it('tells what was lost since a checkpoint of the same run, and knows when it cannot', async () => {
    const path = join(temporaryFolder(), 'run.jsonl');
    const journal = await RunJournal.start(place(path), started);
    journal.step(step(50));
    await journal.close();
    const history = await readRunHistory(path);
    expect(lostMs(history, { startedAt: started.at, trainedMs: 1500 })).toBe(3500);
    expect(lostMs(history, { startedAt: started.at, trainedMs: 9999 })).toBe(0);
    expect(lostMs(history, { startedAt: 'another', trainedMs: 0 })).toBeNull();
    expect(lostMs(null, { startedAt: started.at, trainedMs: 0 })).toBeNull();
  });

  it('is read where its last line was cut off, and is no journal where it is something else', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'run.jsonl');
    const journal = await RunJournal.start(place(path), started);
    journal.step(step(3));
    await journal.close();
    appendFileSync(path, '{"kind":"step","step":9,"trai');
    expect((await readRunHistory(path))?.steps.map((each) => each.step)).toEqual([3]);
    writeFileSync(join(folder, 'kept'), readFileSync(path));
    writeFileSync(path, 'hello\n');
    expect(await readRunHistory(path)).toBeNull();
    mkdirSync(join(folder, 'a folder'));
    await expect(readRunHistory(join(folder, 'a folder'))).rejects.toThrow(/cannot be read: it is a folder/);
    expect(await readRunHistory(join(folder, 'nothing'))).toBeNull();
    if (process.platform === 'win32') return;
    // What is told must not go where a link of somebody else's folder leads.
    const outside = join(folder, 'outside');
    writeFileSync(outside, readFileSync(join(folder, 'kept')));
    symlinkSync(outside, join(folder, 'link'));
    await expect(RunJournal.goOn(place(join(folder, 'link')), started)).rejects.toMatchObject({ code: 'unsafe-path' });
    expect(readFileSync(outside)).toEqual(readFileSync(join(folder, 'kept')));
  });

  it('is removed with its folder where nothing else is in it', async () => {
    const folder = join(temporaryFolder(), 'training');
    await (await RunJournal.start(place(join(folder, 'run.jsonl')), started)).discard();
    expect(existsSync(folder)).toBe(false);
    const journal = await RunJournal.start(place(join(folder, 'run.jsonl')), started);
    writeFileSync(join(folder, 'last.checkpoint'), '');
    await journal.discard();
    expect(existsSync(join(folder, 'last.checkpoint'))).toBe(true);
  });
});
