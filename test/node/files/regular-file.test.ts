import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readModelFile } from '../../../src/engine/inputs/model-file.ts';
import { OpenSliceFile } from '../../../src/engine/loader/slice-file.ts';
import { readProposalFacts } from '../../../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { HistoryFiles } from '../../../src/node/cohort/state/history-files.ts';
import { FileAccessError } from '../../../src/node/files/file-access-error.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { bytesIfThere } from '../../../src/node/files/missing-file.ts';
import { readRegularFile, readTextFile } from '../../../src/node/files/regular-file.ts';
import { CohortOverviewReader } from '../../../src/node/overview/cohort-overview.ts';
import { readLabelVolume } from '../../../src/node/volumes/labels/label-volume.ts';
import { readVolume, readVolumeHeader } from '../../../src/node/volumes/read-volume.ts';
import { openVolume } from '../../../src/node/volumes/served/open-volume.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../support/tiny-volume.ts';

/** Windows has none of these. */
const canMakePipes = process.platform !== 'win32';

function namedPipe(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

/** All that opens files of others, each of which waited for ever for the writer of a pipe. */
const readers: readonly [string, (path: string) => unknown][] = [
  ['the header of a volume', readVolumeHeader],
  ['a volume', (path) => readVolume(path)],
  ['a volume to show', (path) => openVolume(path, { memoryBudgetBytes: 1 << 20 })],
  ['a label file', (path) => readLabelVolume(path)],
  ['a fingerprint', (path) => fileFingerprint(path)],
  ['a proposal', readProposalFacts],
  ['a model', readModelFile],
  ['a backup', bytesIfThere],
  ['a text', readTextFile],
  ['prepared slices', async (path) => new OpenSliceFile(path)],
];

describe.runIf(canMakePipes)('what is no file', () => {
  it.each(readers)('is refused with a sentence where %s is to be read: a named pipe', async (_, read) => {
    const path = namedPipe(join(temporaryFolder(), 'x.nii.gz'));
    await expect(read(path)).rejects.toThrow('x.nii.gz cannot be read: it is a named pipe, not a file. Choose a file.');
    await expect(read(path)).rejects.toBeInstanceOf(FileAccessError);
  });

  it('is refused with a sentence: a socket, a device, a folder', async () => {
    const path = join(temporaryFolder(), 'x.nii.gz');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(readVolumeHeader(path)).rejects.toThrow('it is a socket, not a file.');
    await expect(readVolumeHeader('/dev/zero')).rejects.toThrow('it is a device, not a file.');
    await expect(readVolumeHeader(temporaryFolder())).rejects.toThrow('it is a folder.');
  });

  it('is refused with a sentence in a history', async () => {
    const folder = writeTree(temporaryFolder(), { 'a/nothing.txt': '' });
    namedPipe(join(folder, 'a/ben.jsonl'));
    await expect(new HistoryFiles(folder).read('a')).rejects.toThrow('it is a named pipe, not a file.');
  });

  it('does not keep the cases of a cohort from being listed', async () => {
    const image = shortVolume(tinyGrid([2, 2, 2]), [1, 2, 3, 4, 5, 6, 7, 8]);
    const root = writeTree(temporaryFolder(), {
      'a.nii': image,
      'b.nii': image,
      'b_seg.nii': image,
      'c.nii': image,
      'c_seg.nii': image,
      '.voxel-loop/cases/nothing.txt': '',
      '.voxel-loop/proposals/a/nothing.txt': '',
    });
    namedPipe(join(root, 'x.nii.gz'));
    namedPipe(join(root, 'a_seg.nii.gz'));
    namedPipe(join(root, '.voxel-loop/cases/b.json'));
    namedPipe(join(root, '.voxel-loop/proposals/a/1-m-i-k.vlp'));
    const { cases } = await new CohortOverviewReader(new CohortStore(root)).read();
    expect(cases.map(({ files }) => files.id)).toEqual(['a', 'b', 'c']);
    expect(JSON.stringify(cases.find(({ files }) => files.id === 'b')?.state)).toContain(
      'it is a named pipe, not a file',
    );
  });
});

describe('readRegularFile', () => {
  it('refuses a longer file than it may be before it reads it', async () => {
    const root = writeTree(temporaryFolder(), { 'a.json': 'x'.repeat(100) });
    expect((await readRegularFile(join(root, 'a.json'), 100)).length).toBe(100);
    await expect(readRegularFile(join(root, 'a.json'), 99)).rejects.toMatchObject({ systemCode: 'TOO_LONG' });
    expect(existsSync(join(root, 'a.json'))).toBe(true);
  });

  it('tells a missing file by the error of the system, as its callers ask', async () => {
    await expect(readTextFile(join(temporaryFolder(), 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
