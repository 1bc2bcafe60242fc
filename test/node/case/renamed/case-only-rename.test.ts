import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { isOneFile } from '../../../../src/node/case/renamed/move-case.ts';
import { casesToRename, followImage } from '../../../../src/node/case/renamed/renamed-images.ts';
import { WaysBack } from '../../../../src/node/case/renamed/ways-back.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const { caseless } = await import('../../../support/caseless-files.ts');
  return caseless(await original<typeof import('node:fs/promises')>());
});

/** By path, what each file below the folder holds. */
function contents(root: string): Record<string, string> {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((e) => e.isFile());
  const paths = found.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !/\.git\w+$/.test(path));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

async function rename(root: string, from: string, to: string): Promise<void> {
  const leaving = await casesToRename([{ from: join(root, from), to: join(root, to) }], () => root);
  renameSync(join(root, from), join(root, to));
  for (const each of leaving) await followImage(each, root);
}

/** macOS and Windows, where `Scan` and `scan` are one name. */
describe('an image of which only the case of the name is changed, where the system ignores case', () => {
  // Its own lock was waited for, then its own label file was "of another case", and its record would have been deleted.
  it('takes labels, record, history, proposals and what others drew along', async () => {
    const root = writeTree(temporaryFolder(), {
      'Scan.nii': 'image',
      'Scan_seg.nii.gz': 'labels',
      'Scan_seg.anna.nii.gz': 'of Anna',
      '.voxel-loop/cases/Scan.json': 'record',
      '.voxel-loop/reviewers/anna/Scan.json': 'record of Anna',
      '.voxel-loop/history/Scan/me.jsonl': 'history',
      '.voxel-loop/proposals/Scan/p.proposal': 'proposal',
    });
    await rename(root, 'Scan.nii', 'scan.nii');
    expect(contents(root)).toEqual({
      'scan.nii': 'image',
      'scan_seg.nii.gz': 'labels',
      'scan_seg.anna.nii.gz': 'of Anna',
      '.voxel-loop/cases/scan.json': 'record',
      '.voxel-loop/reviewers/anna/scan.json': 'record of Anna',
      '.voxel-loop/history/scan/me.jsonl': 'history',
      '.voxel-loop/proposals/scan/p.proposal': 'proposal',
    });
  });

  it('takes them along in a folder that is spelled otherwise, and with a second change beside the case', async () => {
    const root = writeTree(temporaryFolder(), {
      'P1/a.nii': 'image',
      'P1/a_seg.nii.gz': 'labels',
      '.voxel-loop/cases/P1__a.json': 'record',
    });
    await rename(root, 'P1', 'p1');
    expect(contents(root)).toEqual({
      'p1/a.nii': 'image',
      'p1/a_seg.nii.gz': 'labels',
      '.voxel-loop/cases/p1__a.json': 'record',
    });
  });

  it('takes the name of no other case that is spelled otherwise', async () => {
    const root = writeTree(temporaryFolder(), {
      'a.nii': 'image',
      'a_seg.nii.gz': 'labels',
      'B_seg.nii.gz': 'of another',
      '.voxel-loop/cases/a.json': 'record',
    });
    await expect(rename(root, 'a.nii', 'b.nii')).rejects.toMatchObject({ code: 'case-name-taken' });
    expect(contents(root)).toMatchObject({ 'a_seg.nii.gz': 'labels', 'B_seg.nii.gz': 'of another' });
  });
});

it('goes back where the renaming is undone', async () => {
  const root = writeTree(temporaryFolder(), { 'Scan.nii': 'image', 'Scan_seg.nii.gz': 'labels' });
  const at = (name: string) => join(root, name);
  const [leaving] = await casesToRename([{ from: at('Scan.nii'), to: at('scan.nii') }], () => root);
  renameSync(at('Scan.nii'), at('scan.nii'));
  const back = await followImage(leaving, root);
  const ways = new WaysBack();
  if (back) await ways.remember(at('scan.nii'), back);
  renameSync(at('scan.nii'), at('Scan.nii'));
  for (const each of await ways.take(at('Scan.nii'))) await followImage(each, root);
  expect(Object.keys(contents(root)).sort()).toEqual(['Scan.nii', 'Scan_seg.nii.gz']);
});

it('two names are one file where they differ in case alone and lead to one', async () => {
  const root = writeTree(temporaryFolder(), { 'Scan.nii': '1', 'other.nii': '2' });
  const at = (name: string) => join(root, name);
  expect(await isOneFile(at('Scan.nii'), at('sCAN.nii'))).toBe(true);
  expect(await isOneFile(at('Scan.nii'), at('other.nii'))).toBe(false);
  expect(await isOneFile(at('gone.nii'), at('Gone.nii'))).toBe(false);
});
