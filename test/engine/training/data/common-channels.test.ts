import { expect, it } from 'vitest';
import { chooseSets } from '../../../../src/engine/training/data/choose-sets.ts';
import { listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

/** Three cases of four channels and one of one channel, all labelled. */
async function leftOutBeside(dataset: string) {
  const volume = shortVolume(tinyGrid([4, 4, 4]), new Int16Array(64).fill(1));
  const stems = ['a', 'b', 'c'].flatMap((id) => ['flair', 't1', 't1ce', 't2', 'seg'].map((what) => `${id}_${what}`));
  const volumes = [...stems, 'stray', 'stray_seg'].map((stem) => [`${stem}.nii`, volume]);
  const root = writeTree(temporaryFolder(), { 'dataset.json': dataset, ...Object.fromEntries(volumes) });
  const leftOut: string[] = [];
  const listing = await listCohort(root);
  const { cases } = await chooseSets(listing, new CohortStore(root), { fold: undefined, seed: 1 }, ({ id }) => {
    leftOut.push(id);
  });
  return { kept: cases.map(({ files }) => files.id), leftOut };
}

it('leaves out the one case with other channels where a dataset.json names labels and no channels', async () => {
  const labels = '"labels":{"background":0,"tumour":1}';
  expect(await leftOutBeside(`{${labels}}`)).toEqual({ kept: ['a', 'b', 'c'], leftOut: ['stray'] });
  // What it does name decides.
  expect(await leftOutBeside(`{"channel_names":{"0":"CT"},${labels}}`)).toEqual({
    kept: ['stray'],
    leftOut: ['a', 'b', 'c'],
  });
});
