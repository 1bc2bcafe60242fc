import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../../src/core/formats/registry.ts';
import { changeAt } from '../../../../src/node/cohort/state/cohort-change.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';

describe('a change below the folder of a cohort', () => {
  const store = new CohortStore(join('/', 'cohort'));
  const at = (...names: string[]) => changeAt(store, join(store.root, ...names));

  it('is one of its files for the ending of every format that is read', () => {
    const all = FORMATS.flatMap(({ endings, labelEndings = [], dataEndings = [] }) => [
      ...endings,
      ...labelEndings,
      ...dataEndings,
    ]);
    // The voxels of a header that is there already may come last, and make a case readable.
    expect(all).toEqual(expect.arrayContaining(['.nrrd', '.mhd', '.raw', '.zraw']));
    for (const ending of all) {
      expect(at(`case${ending}`), ending).toEqual(['files']);
      expect(at('labelsTr', `CASE${ending.toUpperCase()}`), ending).toEqual(['files']);
    }
    for (const name of ['dataset.json', 'splits.json']) expect(at(name)).toEqual(['files']);
  });

  it('is none for files that no cohort is made of', () => {
    for (const name of ['notes.txt', 'nii', 'nrrd', '._case.nii.gz', 'case.nii.part']) expect(at(name)).toEqual([]);
  });

  it('is one of its state in our own folder', () => {
    expect(changeAt(store, store.stateDir)).toEqual(['state']);
    for (const names of [['active'], ['cases', 'a.json'], ['proposals', 'a', 'x'], ['cohort.json']]) {
      expect(changeAt(store, join(store.stateDir, ...names)), names.join('/')).toEqual(['state']);
    }
    expect(changeAt(store, join(store.stateDir, 'history', 'a.nii'))).toEqual([]);
  });
});
