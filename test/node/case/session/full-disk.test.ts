import { expect, it } from 'vitest';
import { bundleProgram } from '../../../support/run-bundled.ts';
import { hasSmallDisk, runOnSmallDisk } from '../../../support/small-disk.ts';

/**
 * Saves on a disk that has so many free pages left, from none to more than a save takes, and what is found afterwards: the old
 * case or the new one, whole.
 */
const PROGRAM = `
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseCaseRecord } from './src/core/cohort/records/case-record.ts';
import { VoxelLoopError } from './src/core/errors.ts';
import { fileFingerprint } from './src/node/files/file-fingerprint.ts';
import { Desk } from './test/support/case-desk.ts';

const disk = process.argv[2];
const PAGE_BYTES = 4096;
const found = { levels: 0, failed: 0, sentences: [] as string[], problems: [] as string[] };

function fill(leavesBytes: number): string {
  const filler = join(disk, 'filler');
  const file = openSync(filler, 'w');
  for (;;) {
    const { bavail, bsize } = statfsSync(disk);
    if (bavail * bsize <= leavesBytes) break;
    writeSync(file, Buffer.alloc(PAGE_BYTES));
  }
  closeSync(file);
  return filler;
}

function leftOvers(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((path) => path.endsWith('.tmp'));
}

async function tryLevel(pages: number, isFirstSave: boolean): Promise<void> {
  const root = join(disk, 'cohort');
  rmSync(root, { recursive: true, force: true });
  const desk = new Desk(root);
  const problem = (what: unknown) => found.problems.push(pages + (isFirstSave ? ' first: ' : ': ') + String(what));
  let window = await desk.open();
  if (!isFirstSave) {
    window.draw(0, 1);
    window.accept(0);
    await window.save();
  }
  const before = JSON.stringify(window.seen);
  const filler = fill(pages * PAGE_BYTES);
  window.draw(1, 3);
  window.accept(1);
  const after = JSON.stringify(window.seen);
  found.levels++;
  const error = await window.save().then(() => null, (error: unknown) => error);
  if (error !== null) {
    found.failed++;
    if (!(error instanceof VoxelLoopError)) problem('no sentence: ' + String(error));
    else if (!found.sentences.includes(error.message.replace(/^\\S+ /, ''))) found.sentences.push(error.message.replace(/^\\S+ /, ''));
  }
  const left = leftOvers(root).filter((path) => !path.endsWith('.saving.tmp'));
  if (left.length > 0) problem('left ' + left);
  rmSync(filler);
  const later = await desk.open();
  const seen = JSON.stringify(later.seen);
  if (seen !== (error === null ? after : before) && seen !== after) problem('neither old nor new: ' + seen);
  if (existsSync(desk.labels)) {
    const record = parseCaseRecord(readFileSync(desk.record, 'utf8'));
    if (record.labelsFingerprint !== null && record.labelsFingerprint !== (await fileFingerprint(desk.labels))) problem('the record speaks of other labels');
  } else if (existsSync(desk.record)) problem('a record without labels');
  // With room again, the same window saves what it could not.
  await window.save().catch(problem);
  window = await desk.open();
  if (JSON.stringify(window.seen) !== after) problem('not saved later');
  if (leftOvers(root).length > 0) problem('left in the end ' + leftOvers(root));
}

async function main(): Promise<void> {
  for (let pages = 0; pages <= 30; pages++) for (const isFirst of [true, false]) await tryLevel(pages, isFirst);
  console.log(JSON.stringify(found));
}
void main();
`;

// Where no disk can be mounted (macOS, Windows, some containers), test/node/files/full-disk.test.ts fills one that is played.
const onSmallDisk = hasSmallDisk() ? it : () => undefined;

onSmallDisk(
  'a save on a full disk is whole or never was at every level of free space, says so, and can be made later',
  () => {
    const found = JSON.parse(runOnSmallDisk(bundleProgram(PROGRAM)));
    expect(found.problems).toEqual([]);
    expect(found.levels).toBe(62);
    // Some levels are too little and some are enough.
    expect(found.failed).toBeGreaterThan(4);
    expect(found.failed).toBeLessThan(58);
    for (const sentence of found.sentences)
      expect(sentence).toMatch(/the disk is full. Free some space and try again\.$/);
  },
);
