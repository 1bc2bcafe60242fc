import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ballCohort } from '../support/ball-cohort.ts';
import { contentsOf } from '../support/folder-contents.ts';
import { buildCli, cli } from './cli-process.ts';

/** A cohort whose folder leads elsewhere by a link, and what lies there. */
async function linkedCohort(linked: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'voxel-loop-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [home, root] = [join(folder, 'home'), join(folder, 'cohort')];
  mkdirSync(join(home, 'Documents'), { recursive: true });
  writeFileSync(join(home, 'Documents/thesis.txt'), 'precious');
  // Even what is called as a run of ours is.
  mkdirSync(join(home, 'cafe0001'));
  writeFileSync(join(home, 'cafe0001/results.csv'), 'precious');
  mkdirSync(root);
  await ballCohort(4, 4, undefined, root);
  mkdirSync(join(root, '.voxel-loop', linked, '..'), { recursive: true });
  symlinkSync(home, join(root, '.voxel-loop', linked));
  return { home, root };
}

const TRAIN = ['--epochs', '1', '--preset', 'seed', '--engine', 'cpu'];

describe.skipIf(process.platform === 'win32')('training on a folder that leads elsewhere by a link', () => {
  beforeAll(buildCli);

  it('deletes and writes nothing where training/snapshot leads, and says what to do', async () => {
    const { home, root } = await linkedCohort('training/snapshot');
    const before = contentsOf(home);
    const { code, stderr } = await cli('train', root, ...TRAIN);
    expect(contentsOf(home)).toBe(before);
    expect(code).toBe(1);
    expect(stderr).toMatch(/training\/snapshot is a link to .*put the file or folder itself in the place of the link/);
  });

  it('uses a cache on another disk, and touches nothing there but slices that it made', async () => {
    const { home, root } = await linkedCohort('cache');
    const stale = join(home, `${'0'.repeat(40)}.slices`);
    writeFileSync(stale, 'of an earlier plan');
    const theirs = (path: string) => path.endsWith('.slices');
    const before = contentsOf(home, theirs);
    const { code, stderr } = await cli('train', root, ...TRAIN);
    expect(stderr).not.toMatch(/link/);
    expect(code).toBe(0);
    expect(contentsOf(home, theirs)).toBe(before);
    const slices = readdirSync(home).filter(theirs);
    expect(slices.length).toBeGreaterThan(2);
    expect(slices).not.toContain(`${'0'.repeat(40)}.slices`);
  });

  it('is refused where the whole state, the models or the folder of trainings lead elsewhere', async () => {
    for (const linked of ['models', 'training', '']) {
      const { home, root } = await linkedCohort(linked === '' ? 'x' : linked);
      if (linked === '') {
        rmSync(join(root, '.voxel-loop'), { recursive: true });
        symlinkSync(home, join(root, '.voxel-loop'));
      }
      const before = contentsOf(home);
      const { code, stderr } = await cli('train', root, ...TRAIN);
      expect(contentsOf(home), linked).toBe(before);
      expect(code, linked).toBe(1);
      expect(stderr, linked).toMatch(/is a link to/);
    }
  });
});
