import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { serializeSaveJournal } from '../../../../src/core/cohort/records/save-journal.ts';
import { findTrainableCases } from '../../../../src/engine/inputs/find-cases.ts';
import { findCase, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { SAVE_JOURNAL_ENDING } from '../../../../src/node/cohort/state/save-journal-file.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { textFingerprint } from '../../../../src/node/files/text-fingerprint.ts';
import { CohortOverviewReader } from '../../../../src/node/overview/cohort-overview.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const grid = tinyGrid([4, 1, 3]);
const maskOf = (subject: string, label = 'lesion') =>
  `derivatives/manual/sub-${subject}/anat/sub-${subject}_label-${label}_mask.nii`;

/** A BIDS cohort with one mask per image, and the record of an earlier version that drew on the first in place. */
class World {
  readonly root: string;
  readonly store: CohortStore;

  constructor(labels: readonly string[] = ['lesion']) {
    const two = shortVolume(grid, [1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0, 0]);
    const files = Object.fromEntries(
      ['01', '02'].flatMap((subject) => [
        [`sub-${subject}/anat/sub-${subject}_T1w.nii`, shortVolume(grid, new Int16Array(12))],
        ...labels.map((label) => [maskOf(subject, label), two] as const),
      ]),
    );
    this.root = writeTree(temporaryFolder(), { ...files, 'dataset_description.json': '{}' });
    this.store = new CohortStore(this.root);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  async record(labels: string, accepted: readonly number[]): Promise<string> {
    return serializeCaseRecord({
      version: 1,
      labelsFingerprint: await fileFingerprint(this.at(labels)),
      reviewAxis: 'k',
      slices: [0, 1, 2].map((slice) => ({ state: accepted.includes(slice) ? 'accepted' : 'edited' })),
    });
  }

  async reviewed(labels: string, accepted: readonly number[]): Promise<void> {
    await this.store.writeCaseRecord('sub-01_T1w', await this.record(labels, accepted));
  }

  /** By case: where its labels are read, and whether that is a set of masks. */
  async listed() {
    const { layout } = await listCohort(this.root);
    return layout.cases.map(({ files: { labels, masks } }) => [labels.slice(this.root.length + 1), masks?.length ?? 0]);
  }

  async opened(subject: string) {
    const found = await findCase(this.at(`sub-${subject}/anat/sub-${subject}_T1w.nii`), this.root);
    if (found.kind === 'labels-without-image') throw new Error('It is an image.');
    const { labels, masks } = found.case.files;
    return [labels.slice(this.root.length + 1), masks?.length ?? 0];
  }

  async trained() {
    const left: string[] = [];
    const found = await findTrainableCases(await listCohort(this.root), this.store, ({ id, reason }) => {
      left.push(`${id}: ${reason}`);
    });
    return { accepted: found.map(({ files, accepted }) => [files.id, accepted]), left };
  }
}

describe('the mask of a structure that an earlier version drew on in place', () => {
  it('is the label file of its case: its review counts, and its values stay what they are', async () => {
    const world = new World();
    await world.reviewed(maskOf('01'), [0]);
    const listed = [
      [maskOf('01'), 0],
      // A value must mean the same in all cases.
      [maskOf('02'), 0],
    ];
    expect(await world.listed()).toEqual(listed);
    expect([await world.opened('01'), await world.opened('02')]).toEqual(listed);
    expect(await world.trained()).toEqual({
      accepted: [
        ['sub-01_T1w', [true, false, false]],
        ['sub-02_T1w', null],
      ],
      left: [],
    });
  });

  it('is so also where the layout is known, so that only the folders of one case are looked at', async () => {
    const world = new World();
    await world.reviewed(maskOf('01'), [0]);
    const labels = [0, 1, 2].map((value) => ({ value, name: value === 1 ? 'lesion' : `l${value}`, color: '#00ff00' }));
    const record = { format: 'voxel-loop-cohort', formatVersion: 1, layout: 'bids', labels };
    writeTree(world.root, {
      '.voxel-loop/cohort.json': JSON.stringify({ ...record, holdoutSeed: 0, holdout: [], seen: [] }),
    });
    expect([await world.opened('01'), await world.opened('02')]).toEqual(await world.listed());
    expect(await world.opened('02')).toEqual([maskOf('02'), 0]);
  });

  it('is so while a save has replaced it and has not come to the record yet', async () => {
    const world = new World();
    await world.reviewed(maskOf('01'), [0]);
    const before = await world.record(maskOf('01'), [0]);
    writeFileSync(world.at(maskOf('01')), shortVolume(grid, [1, 2, 3, 0, 1, 2, 0, 0, 1, 2, 0, 0]));
    const record = await world.record(maskOf('01'), [0, 1]);
    const labelsFingerprint = await fileFingerprint(world.at(maskOf('01')));
    const path = world.store.caseRecordPath('sub-01_T1w').replace('.json', SAVE_JOURNAL_ENDING);
    writeFileSync(
      path,
      serializeSaveJournal({ labelsFingerprint, replaces: textFingerprint(before), record, history: [] }),
    );
    expect((await world.listed())[0]).toEqual([maskOf('01'), 0]);
    expect((await world.trained()).accepted[0]).toEqual(['sub-01_T1w', [true, true, false]]);
  });

  it('is one of several: the others of its case do not count, and other cases are joined', async () => {
    const world = new World(['L', 'R']);
    await world.reviewed(maskOf('01', 'L'), [2]);
    expect(await world.listed()).toEqual([
      [maskOf('01', 'L'), 0],
      ['derivatives/voxel-loop/sub-02/anat/sub-02_dseg.nii.gz', 2],
    ]);
  });

  it('is a mask where nobody worked; a review of a label file that is gone leaves its case out by name', async () => {
    const world = new World();
    const own = 'derivatives/voxel-loop/sub-01/anat/sub-01_dseg.nii.gz';
    expect((await world.listed())[0]).toEqual([own, 1]);
    writeTree(world.root, { [own]: shortVolume(grid, new Int16Array(12).fill(1)) });
    await world.reviewed(own, [0, 1, 2]);
    expect(await world.listed()).toEqual([
      [own, 0],
      ['derivatives/voxel-loop/sub-02/anat/sub-02_dseg.nii.gz', 1],
    ]);
    rmSync(world.at(own));
    expect((await world.listed())[0]).toEqual([own, 1]);
    const { accepted, left } = await world.trained();
    expect(accepted).toEqual([['sub-02_T1w', null]]);
    expect(left).toEqual([
      expect.stringMatching(/^sub-01_T1w: it was reviewed in a label file that is not there any more/),
    ]);
    const { cases } = await new CohortOverviewReader(world.store).read();
    expect(cases[0].changedOutside).toBe(true);
  });
});
