import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { casesToRename, followImage } from '../../../../src/node/case/renamed/renamed-images.ts';
import { WaysBack } from '../../../../src/node/case/renamed/ways-back.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A cohort whose image `from` was renamed, labels and all, and how it would go back. */
async function renamed(ways: WaysBack, root: string, from: string, to: string): Promise<void> {
  const renaming = { from: join(root, from), to: join(root, to) };
  const [leaving] = await casesToRename([renaming], () => root);
  renameSync(renaming.from, renaming.to);
  const back = leaving && (await followImage(leaving, root));
  if (!back) throw new Error('The image is no case.');
  await ways.remember(renaming.to, back);
}

async function goBack(ways: WaysBack, root: string, image: string): Promise<void> {
  for (const back of await ways.take(join(root, image))) {
    const forth = await followImage(back, root);
    if (forth) await ways.remember(back.newImage, forth);
  }
}

function cohort(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, '.voxel-loop'));
  writeFileSync(join(root, 'a.nii.gz'), 'patient 1');
  writeFileSync(join(root, 'a_seg.nii.gz'), 'labels of patient 1');
  return root;
}

describe('the way back of an image that was renamed', () => {
  it('is that of the image: one that is called the same later gets no labels of another patient', async () => {
    const root = cohort();
    const ways = new WaysBack();
    await renamed(ways, root, 'a.nii.gz', 'b.nii.gz');
    rmSync(join(root, 'b.nii.gz'));
    writeFileSync(join(root, 'a.nii.gz'), 'patient 2');
    await goBack(ways, root, 'a.nii.gz');
    expect(existsSync(join(root, 'a_seg.nii.gz'))).toBe(false);
    expect(readFileSync(join(root, 'b_seg.nii.gz'), 'utf8')).toBe('labels of patient 1');
  });

  it('is gone by undoing one rename after the other, and by doing them again', async () => {
    const root = cohort();
    const ways = new WaysBack();
    const moves = ['a', 'b', 'c', 'b', 'a', 'b', 'c'].map((name) => `${name}.nii.gz`);
    await renamed(ways, root, moves[0] as string, moves[1] as string);
    await renamed(ways, root, moves[1] as string, moves[2] as string);
    for (let n = 3; n < moves.length; n++) {
      renameSync(join(root, moves[n - 1] as string), join(root, moves[n] as string));
      await goBack(ways, root, moves[n] as string);
      const labels = join(root, (moves[n] as string).replace('.nii', '_seg.nii'));
      expect(readFileSync(labels, 'utf8')).toBe('labels of patient 1');
    }
  });
});
