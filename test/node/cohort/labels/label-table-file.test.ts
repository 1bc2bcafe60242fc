import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelTableFrom } from '../../../../src/core/label/table/label-table.ts';
import { contradictingNames } from '../../../../src/node/cohort/labels/label-table-file.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

const TABLE = labelTableFrom(
  [1, 2, 3, 4, 5, 6, 7].map((value) => ({ value, name: value === 7 ? 'label 7' : `organ ${value}` })),
);

describe('names that contradict those of the cohort', () => {
  it('are looked for in the dseg.tsv of the same name, and none is counted that nobody has named here', async () => {
    const root = writeTree(temporaryFolder(), {
      'sub-01_dseg.tsv': 'index\tname\n1\tORGAN 1\n2\tliver\n7\tspleen\n9\tkidney\n',
      // Of another case.
      'sub-02_dseg.tsv': 'index\tname\n1\tliver\n',
    });
    const sentences = await contradictingNames(join(root, 'sub-01_dseg.nii.gz'), TABLE);
    expect(sentences).toEqual([expect.stringMatching(/^sub-01_dseg\.tsv names label 2 "liver" \(here "organ 2"\): /)]);
  });

  it('cannot be told where the file is damaged, which is told', async () => {
    const root = writeTree(temporaryFolder(), { 'x_dseg.tsv': 'no columns' });
    expect(await contradictingNames(join(root, 'x_dseg.nii'), TABLE)).toEqual([
      expect.stringContaining('x_dseg.tsv has no columns'),
    ]);
  });

  it('are counted where they are many', async () => {
    const rows = [1, 2, 3, 4, 5, 6].map((value) => `${value}\tother ${value}`);
    const root = writeTree(temporaryFolder(), { 'x_dseg.tsv': ['index\tname', ...rows].join('\n') });
    const [sentence] = await contradictingNames(join(root, 'x_dseg.nii'), TABLE);
    expect(sentence).toContain('label 5 "other 5" (here "organ 5") and 1 more otherwise: the names here count.');
  });
});
