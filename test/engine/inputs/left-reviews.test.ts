import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { newCohortRecord } from '../../../src/core/cohort/records/cohort-record.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { findTrainableCases } from '../../../src/engine/inputs/find-cases.ts';
import { LeftReviews } from '../../../src/engine/inputs/left-reviews.ts';
import { listCohort } from '../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { writeLabelVolume } from '../../../src/node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../../../src/node/volumes/read-volume.ts';
import { volumeFingerprint } from '../../../src/node/volumes/volume-identity.ts';
import { BALL_SHAPE, type BallCohort, ballCohort } from '../../support/ball-cohort.ts';
import { BALL_LABELS } from '../../support/learn-cases.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

/** A cohort of two labelled cases, in which files are renamed while VS Code is closed. */
class World {
  readonly store: CohortStore;

  private constructor(readonly cohort: BallCohort) {
    this.store = new CohortStore(cohort.root);
  }

  static async make(): Promise<World> {
    return new World(await ballCohort(2));
  }

  /** A case was reviewed, of which two slices were accepted. */
  async reviewed(id: string, knowsImage: boolean): Promise<void> {
    const image = this.cohort.image(id);
    const identity = { fingerprint: await fileFingerprint(image), sizeBytes: statSync(image).size };
    const record = serializeCaseRecord({
      version: knowsImage ? 6 : 1,
      labelsFingerprint: await fileFingerprint(this.cohort.labels(id)),
      ...(knowsImage && { image: identity }),
      reviewAxis: 'k',
      slices: Array.from({ length: BALL_SHAPE[2] }, (_, k) => ({ state: k < 2 ? 'accepted' : 'edited' })),
    });
    await this.store.writeCaseRecord(id, record);
  }

  rename(from: string, to: string): void {
    renameSync(this.cohort.image(from), this.cohort.image(to));
    renameSync(this.cohort.labels(from), this.cohort.labels(to));
  }

  async writeEmptyLabels(id: string): Promise<void> {
    const image = await readVolumeHeader(this.cohort.image(id));
    await writeLabelVolume(this.cohort.labels(id), { image, labelMap: new LabelMap(BALL_SHAPE), table: BALL_LABELS });
  }

  async trained() {
    const left: string[] = [];
    const cases = await findTrainableCases(await listCohort(this.cohort.root), this.store, ({ id, reason }) => {
      left.push(`${id}: ${reason}`);
    });
    return { cases: cases.map(({ files }) => files.id), left };
  }
}

describe('image and labels that were renamed while VS Code was closed', () => {
  it.each([true, false])(
    'do not train as complete without the review that was left (it names the image: %s)',
    async (knowsImage) => {
      const world = await World.make();
      await world.reviewed('ball_1', knowsImage);
      world.rename('ball_1', 'new_name');
      expect(await world.trained()).toEqual({
        cases: ['ball_0'],
        left: [
          'new_name: its labels are those of case ball_1 under another name, and the review of that case was left behind. Open the image and choose "Carry Along"; if that is not offered, accept its slices there and save.',
        ],
      });
    },
  );

  it('do not train where the labels were changed as well: the image is known', async () => {
    const world = await World.make();
    await world.reviewed('ball_1', true);
    world.rename('ball_1', 'new_name');
    writeFileSync(world.cohort.labels('new_name'), readFileSync(world.cohort.labels('ball_0')));
    const { cases, left } = await world.trained();
    expect(cases).toEqual(['ball_0']);
    expect(left).toEqual([expect.stringMatching(/^new_name: its image is that of case ball_1/)]);
  });

  it('do not train what was held out, also where somebody reviewed it under its new name', async () => {
    const world = await World.make();
    await world.store.writeRecord({ ...newCohortRecord({ layout: 'msd', labels: [] }), holdout: ['ball_1'] });
    await world.reviewed('ball_1', true);
    world.rename('ball_1', 'new_name');
    await world.reviewed('new_name', true);
    const { cases, left } = await world.trained();
    expect(cases).toEqual(['ball_0']);
    expect(left).toEqual([expect.stringMatching(/^new_name: .*held out to judge models/)]);
  });

  it('train once they were reviewed under the new name, if nothing was held out', async () => {
    const world = await World.make();
    await world.reviewed('ball_1', true);
    world.rename('ball_1', 'new_name');
    await world.reviewed('new_name', true);
    expect(await world.trained()).toEqual({ cases: ['ball_0', 'new_name'], left: [] });
  });
});

it('trains on empty labels although a case with as empty ones was removed: they are all alike', async () => {
  const world = await World.make();
  for (const id of ['ball_0', 'ball_1']) await world.writeEmptyLabels(id);
  await world.reviewed('ball_1', true);
  for (const path of [world.cohort.image('ball_1'), world.cohort.labels('ball_1')]) rmSync(path);
  expect(await fileFingerprint(world.cohort.labels('ball_0'))).toBe(
    JSON.parse(readFileSync(world.store.caseRecordPath('ball_1'), 'utf8')).labelsFingerprint,
  );
  expect(await world.trained()).toEqual({ cases: ['ball_0'], left: [] });
});

// The header of an image whose voxels lie in another file says as little of a patient as the size of a file does.
it('do not keep another patient from training whose image has the same header', async () => {
  const header = 'ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementDataFile = ct.raw\n';
  const root = writeTree(temporaryFolder(), {
    'p1/ct.mhd': header,
    'p1/ct.raw': 'a'.repeat(24),
    'p2/ct.mhd': header,
    'p2/ct.raw': 'b'.repeat(24),
  });
  const store = new CohortStore(root);
  const fingerprint = await volumeFingerprint(join(root, 'p1', 'ct.mhd'));
  const image = { fingerprint, sizeBytes: header.length };
  const slices = [{ state: 'accepted' as const }];
  const record = serializeCaseRecord({ version: 6, labelsFingerprint: null, reviewAxis: 'k', slices, image });
  await store.writeCaseRecord('p1__ct', record);
  renameSync(join(root, 'p1', 'ct.mhd'), join(root, 'p1', 'renamed.mhd'));
  const listing = await listCohort(root);
  const left = await LeftReviews.read(store, listing);
  const reasonFor = (id: string) => {
    const found = listing.layout.cases.find(({ files }) => files.id === id);
    if (!found) throw new Error(`${id} is a case.`);
    const { files } = found;
    return left.reasonAgainst({ files, record: null, labelsPath: files.labels, labelsFingerprint: null });
  };
  expect(await reasonFor('p2__ct')).toBeNull();
  expect(await reasonFor('p1__renamed')).toContain('its image is that of case p1__ct');
});
