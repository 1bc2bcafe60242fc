import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { casesToRename, followImage, type Renaming } from '../../../../src/node/case/renamed/renamed-images.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { fate, Killed, live } from '../../../support/killable-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const { killable } = await import('../../../support/killable-files.ts');
  return killable(await original<typeof import('node:fs/promises')>());
});

/** Files by path in a new folder; the content is the path. */
function cohort(...paths: readonly string[]): string {
  const root = temporaryFolder();
  for (const path of paths) write(join(root, path), path);
  return root;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** By path, what each file below the folder holds. */
function contents(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((e) => e.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !/gitignore$/.test(path));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

async function rename(root: string, from: string, to: string, agreed: readonly string[] = []): Promise<void> {
  const renaming: Renaming = { from: join(root, from), to: join(root, to) };
  const leaving = await casesToRename([renaming], () => root, agreed);
  mkdirSync(dirname(renaming.to), { recursive: true });
  renameSync(renaming.from, renaming.to);
  for (const each of leaving) await followImage(each, root);
}

const RECORDS = [
  '.voxel-loop/cases/a.json',
  '.voxel-loop/history/a/anna.jsonl',
  '.voxel-loop/proposals/a/p.proposal',
] as const;

describe('an image that is renamed', () => {
  it('takes labels, record, history and proposals along', async () => {
    const root = cohort('a.nii.gz', 'a_seg.nii.gz', 'other.nii.gz', 'other_seg.nii.gz', ...RECORDS);
    await rename(root, 'a.nii.gz', 'b.nii.gz');
    expect(contents(root)).toEqual({
      'b.nii.gz': 'a.nii.gz',
      'b_seg.nii.gz': 'a_seg.nii.gz',
      'other.nii.gz': 'other.nii.gz',
      'other_seg.nii.gz': 'other_seg.nii.gz',
      '.voxel-loop/cases/b.json': RECORDS[0],
      '.voxel-loop/history/b/anna.jsonl': RECORDS[1],
      '.voxel-loop/proposals/b/p.proposal': RECORDS[2],
    });
  });

  it('takes them into another folder of the cohort, with the suffix and ending that they had', async () => {
    const root = cohort('a.nii', 'a_mask.nii', '.voxel-loop/cases/a.json');
    await rename(root, 'a.nii', 'patients/7/b.nii');
    expect(contents(root)).toEqual({
      'patients/7/b.nii': 'a.nii',
      'patients/7/b_mask.nii': 'a_mask.nii',
      '.voxel-loop/cases/patients__7__b.json': '.voxel-loop/cases/a.json',
    });
  });

  it('makes no state folder where nobody has worked', async () => {
    const root = cohort('a.nii.gz', 'a_seg.nii.gz');
    await rename(root, 'a.nii.gz', 'b.nii.gz');
    expect(contents(root)).toEqual({ 'b.nii.gz': 'a.nii.gz', 'b_seg.nii.gz': 'a_seg.nii.gz' });
    expect(existsSync(join(root, '.voxel-loop'))).toBe(false);
  });

  it('takes what other people drew along, each under its own name', async () => {
    const root = cohort('a.nii.gz', 'a_seg.nii.gz', 'a_seg.anna.nii.gz', '.voxel-loop/reviewers/anna/a.json');
    await rename(root, 'a.nii.gz', 'b.nii.gz');
    expect(contents(root)).toEqual({
      'b.nii.gz': 'a.nii.gz',
      'b_seg.nii.gz': 'a_seg.nii.gz',
      'b_seg.anna.nii.gz': 'a_seg.anna.nii.gz',
      '.voxel-loop/reviewers/anna/b.json': '.voxel-loop/reviewers/anna/a.json',
    });
  });

  it('of nnU-Net is renamed with its labels; one channel of two leaves the case where it is', async () => {
    const names = ['imagesTr/a_0000.nii.gz', 'imagesTr/a_0001.nii.gz', 'labelsTr/a.nii.gz'];
    const root = cohort(...names, '.voxel-loop/cases/a.json', 'imagesTr/c_0000.nii.gz', 'labelsTr/c.nii.gz');
    await rename(root, 'imagesTr/c_0000.nii.gz', 'imagesTr/d_0000.nii.gz');
    expect(contents(root)).toMatchObject({ 'labelsTr/d.nii.gz': 'labelsTr/c.nii.gz' });
    await rename(root, 'imagesTr/a_0001.nii.gz', 'imagesTr/b_0001.nii.gz');
    expect(contents(root)).toMatchObject({
      'labelsTr/a.nii.gz': 'labelsTr/a.nii.gz',
      '.voxel-loop/cases/a.json': '.voxel-loop/cases/a.json',
    });
  });

  it('stays held out and stays seen', async () => {
    const root = cohort('a.nii.gz', 'a_seg.nii.gz');
    const store = new CohortStore(root);
    const record = {
      ...newCohortRecord({
        layout: 'side-by-side',
        labels: [{ value: 0, name: 'background', color: '#000000' }] as never,
      }),
    };
    await store.writeRecord({ ...record, holdout: ['a', 'm'], seen: ['a', 'x'] });
    await rename(root, 'a.nii.gz', 'z.nii.gz');
    expect(await store.readRecord()).toMatchObject({ holdout: ['m', 'z'], seen: ['x', 'z'] });
  });

  // The holdout was renamed with the first reviewer's piece, and not at all where nothing lay on the disk.
  it('stays held out with nothing on the disk yet, and under its old name where its labels cannot be moved', async () => {
    const root = cohort('a.nii.gz', 'm.nii.gz', 'm_seg.nii.gz', '.voxel-loop/cases/m.json', '.voxel-loop/cases/y.json');
    const store = new CohortStore(root);
    const record = newCohortRecord({ layout: 'side-by-side', labels: [] });
    await store.writeRecord({ ...record, holdout: ['a', 'm'], seen: [] });
    await rename(root, 'a.nii.gz', 'z.nii.gz');
    expect(await store.readRecord()).toMatchObject({ holdout: ['m', 'z'] });
    await expect(rename(root, 'm.nii.gz', 'y.nii.gz')).rejects.toMatchObject({ code: 'case-name-taken' });
    expect(await store.readRecord()).toMatchObject({ holdout: ['m', 'z'] });
  });

  it('is held out under one name at least whenever the renaming is cut off', async () => {
    for (let left = 0; left < 120; left++) {
      const root = cohort('a.nii.gz', 'a_seg.nii.gz', ...RECORDS);
      const store = new CohortStore(root);
      await store.writeRecord({ ...newCohortRecord({ layout: 'side-by-side', labels: [] }), holdout: ['a'] });
      const leaving = await casesToRename([{ from: join(root, 'a.nii.gz'), to: join(root, 'b.nii.gz') }], () => root);
      renameSync(join(root, 'a.nii.gz'), join(root, 'b.nii.gz'));
      Object.assign(fate, { left, tearsWrites: false });
      const end = await followImage(leaving[0], root).then(
        () => 'done',
        () => 'killed',
      );
      live();
      const { holdout = [] } = (await store.readRecord()) ?? {};
      if (existsSync(join(root, 'b_seg.nii.gz'))) expect(holdout, `${left}`).toContain('b');
      else expect(holdout, `${left}`).toContain('a');
      if (end === 'done') return expect(holdout).toEqual(['b']);
    }
    expect.fail('It was killed in all runs.');
  });

  // A farm of links: the label files, or their folder, are links inside the cohort.
  it('takes a link to its labels along as a link, also into another folder', async () => {
    const root = cohort('a.nii.gz', 'store/v2.nii.gz', 'sub/c.nii.gz', '.voxel-loop/cases/a.json');
    symlinkSync('store/v2.nii.gz', join(root, 'a_seg.nii.gz'));
    await rename(root, 'a.nii.gz', 'b.nii.gz');
    expect(readlinkSync(join(root, 'b_seg.nii.gz'))).toBe('store/v2.nii.gz');
    await rename(root, 'b.nii.gz', 'sub/b.nii.gz');
    expect(readlinkSync(join(root, 'sub/b_seg.nii.gz'))).toBe('../store/v2.nii.gz');
    expect(readFileSync(join(root, 'sub/b_seg.nii.gz'), 'utf8')).toBe('store/v2.nii.gz');
    expect(readFileSync(join(root, 'store/v2.nii.gz'), 'utf8')).toBe('store/v2.nii.gz');
    expect(existsSync(join(root, '.voxel-loop/cases/sub__b.json'))).toBe(true);
  });

  it('takes labels along in a linked folder in the cohort, or where the user has agreed, and in no other', async () => {
    const [root, nas] = [cohort('real/a.nii', '.voxel-loop/cases/x.json'), realpathSync(cohort('c.nii', 'c_seg.nii'))];
    symlinkSync('real', join(root, 'imagesTr'));
    writeFileSync(join(root, 'real/a_seg.nii'), 'labels');
    symlinkSync(nas, join(root, 'data'));
    await rename(root, 'imagesTr/a.nii', 'imagesTr/b.nii');
    expect(readdirSync(join(root, 'real')).sort()).toEqual(['b.nii', 'b_seg.nii']);
    await expect(rename(root, 'data/c.nii', 'data/d.nii')).rejects.toMatchObject({ code: 'unsafe-path' });
    renameSync(join(nas, 'd.nii'), join(nas, 'c.nii'));
    await rename(root, 'data/c.nii', 'data/d.nii', [nas]);
    expect(readdirSync(nas).sort()).toEqual(['d.nii', 'd_seg.nii']);
  });

  it('takes nothing where another case has the name, and says so', async () => {
    const root = cohort('a.nii.gz', 'a_seg.nii.gz', 'b_seg.nii.gz', ...RECORDS);
    const before = contents(root);
    await expect(rename(root, 'a.nii.gz', 'b.nii.gz')).rejects.toMatchObject({ code: 'case-name-taken' });
    const { 'a.nii.gz': image, ...others } = before;
    expect(contents(root)).toEqual({ ...others, 'b.nii.gz': image });
  });

  // What Anna had drawn had the new name already when the first person's record was refused it.
  it('takes nothing of other people either where another case has the name', async () => {
    const anna = ['a_seg.anna.nii.gz', '.voxel-loop/reviewers/anna/a.json'];
    const root = cohort('a.nii.gz', 'a_seg.nii.gz', ...anna, ...RECORDS, '.voxel-loop/cases/b.json');
    const { 'a.nii.gz': image, ...others } = contents(root);
    await expect(rename(root, 'a.nii.gz', 'b.nii.gz')).rejects.toMatchObject({ code: 'case-name-taken' });
    expect(contents(root)).toEqual({ ...others, 'b.nii.gz': image });
  });

  it('passes over what git has moved already', async () => {
    const root = cohort('a.nii.gz', 'a_seg.nii.gz', '.voxel-loop/cases/a.json');
    const leaving = await casesToRename([{ from: join(root, 'a.nii.gz'), to: join(root, 'b.nii.gz') }], () => root);
    for (const end of ['.nii.gz', '_seg.nii.gz']) renameSync(join(root, `a${end}`), join(root, `b${end}`));
    await followImage(leaving[0], root);
    expect(Object.keys(contents(root)).sort()).toEqual(['.voxel-loop/cases/b.json', 'b.nii.gz', 'b_seg.nii.gz']);
  });
});

it('a file that is no image is none of ours, also beside the dataset.json of another tool', async () => {
  const root = cohort('x.ts', 'a.nii.gz');
  write(join(root, 'dataset.json'), '[1, 2]');
  expect(await casesToRename([{ from: join(root, 'x.ts'), to: join(root, 'y.ts') }], () => root)).toEqual([]);
});

it('a folder that is renamed gives its cases their new names', async () => {
  const root = cohort('p1/a.nii.gz', 'p1/a_seg.nii.gz', '.voxel-loop/cases/p1__a.json', 'p10/a.nii.gz');
  await rename(root, 'p1', 'p2');
  expect(contents(root)).toEqual({
    'p2/a.nii.gz': 'p1/a.nii.gz',
    'p2/a_seg.nii.gz': 'p1/a_seg.nii.gz',
    '.voxel-loop/cases/p2__a.json': '.voxel-loop/cases/p1__a.json',
    'p10/a.nii.gz': 'p10/a.nii.gz',
  });
});

it('a killed renaming loses nothing, and leaves no labels without their record, which would count as complete', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(60), fc.boolean(), async (left, tearsWrites) => {
      const root = cohort('a.nii.gz', 'a_seg.nii.gz', ...RECORDS);
      const leaving = await casesToRename([{ from: join(root, 'a.nii.gz'), to: join(root, 'b.nii.gz') }], () => root);
      renameSync(join(root, 'a.nii.gz'), join(root, 'b.nii.gz'));
      Object.assign(fate, { left, tearsWrites });
      await followImage(leaving[0], root).catch((error) => {
        if (!(error instanceof Killed) && !(error?.cause instanceof Killed)) throw error;
      });
      live();
      const found = contents(root);
      for (const name of ['a', 'b']) {
        if (found[`${name}_seg.nii.gz`]) expect(found[`.voxel-loop/cases/${name}.json`]).toBe(RECORDS[0]);
      }
      const kept = Object.values(found);
      for (const content of ['a_seg.nii.gz', RECORDS[0], RECORDS[1]]) expect(kept).toContain(content);
    }),
    { numRuns: 60 },
  );
});
