import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { encodeImageHeader } from '../../../../src/core/formats/nifti/image-header.ts';
import type { VoxelGrid } from '../../../../src/core/geometry/grid.ts';
import { VOXEL_TYPES } from '../../../../src/core/volume/voxel-type.ts';
import { listAround, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import {
  describeLabelMapPair,
  findLabelMapQuestion,
  writeAnswer,
} from '../../../../src/node/cohort/cases/label-map-question.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { lookAtPair } from '../../../../src/node/volumes/labels/label-map-pair.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const grid = tinyGrid([6, 4, 2]);
const voxels = 48;
const labels = Array.from({ length: voxels }, (_, n) => n % 3);
const greys = Array.from({ length: voxels }, (_, n) => 37 * n - 200);
const image = shortVolume(grid, greys);
const mask = shortVolume(grid, labels);

function floats(values: readonly number[], of: VoxelGrid = grid): Uint8Array {
  return Buffer.concat([encodeImageHeader(of, VOXEL_TYPES.f32), new Uint8Array(Float32Array.from(values).buffer)]);
}

/** What is asked of a cohort, and which pairs were looked into. */
async function asked(root: string) {
  const looked: string[] = [];
  const listing = await listCohort(root);
  const record = await readRecord(root);
  const question = await findLabelMapQuestion(listing, record, (pair) => {
    looked.push(pair.map((path) => path.slice(root.length + 1)).join(' + '));
    return lookAtPair(pair);
  });
  return { listing, question, looked };
}

const readRecord = (root: string) => new CohortStore(root).readRecord();

const scans = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      [`scan-${n}.nii`, image],
      [`roi-${n}.nii`, mask],
    ]).flat(),
  );

describe('the question whether an image is the label map of another (issue 11, 22)', () => {
  it('is asked of one pair for all that are named so; a yes pairs them all', async () => {
    const root = writeTree(temporaryFolder(), scans(4));
    const { listing, question, looked } = await asked(root);
    expect(looked).toEqual(['roi-0.nii + scan-0.nii']);
    expect(question?.pairs.map(({ image }) => basename(image))).toEqual([0, 1, 2, 3].map((n) => `scan-${n}.nii`));
    expect(question && describeLabelMapPair(root, question.pair)).toBe(
      'roi-0 holds 3 whole numbers (0, 1, 2) on the grid of scan-0',
    );
    if (!question) return;
    await writeAnswer(listing, question.pattern, true);
    expect(JSON.parse(readFileSync(join(root, '.voxel-loop/cohort.json'), 'utf8'))).toMatchObject({
      namePatterns: [{ channels: ['scan-{case:digits}'], labels: ['roi-{case:digits}'] }],
    });
    const after = await asked(root);
    expect(after.listing.layout.cases.map(({ files: { id }, labelled }) => [id, labelled])).toEqual(
      ['scan-0', 'scan-1', 'scan-2', 'scan-3'].map((id) => [id, true]),
    );
    expect(after.question).toBeNull();
    expect(after.looked).toEqual([]);
  });

  it('is asked where nothing is drawn in the first label maps, or they cannot be read', async () => {
    const empty = shortVolume(grid, new Int16Array(voxels));
    const root = writeTree(temporaryFolder(), { ...scans(5), 'roi-0.nii': empty, 'roi-1.nii': 'no volume' });
    const { question, looked } = await asked(root);
    expect(looked).toEqual(['roi-0.nii + scan-0.nii', 'roi-1.nii + scan-1.nii', 'roi-2.nii + scan-2.nii']);
    expect(question?.pair.labels).toBe(join(root, 'roi-2.nii'));
    expect(question?.pairs).toHaveLength(5);
    // A cohort of images only is not read through.
    const images = Object.fromEntries(Object.keys(scans(9)).map((name) => [name, image]));
    expect((await asked(writeTree(temporaryFolder(), images))).looked).toHaveLength(3);
  });

  it('is not asked again after a no, and another kind of pair is', async () => {
    const root = writeTree(temporaryFolder(), { ...scans(2), 'lesion-0.nii': mask });
    for (const name of ['roi', 'lesion']) {
      const { listing, question } = await asked(root);
      expect(question?.pattern.labels).toEqual([`${name}-{case:digits}`]);
      if (question) await writeAnswer(listing, question.pattern, false);
    }
    expect((await asked(root)).question).toBeNull();
    expect((await listCohort(root)).layout.cases.map(({ labelled }) => labelled)).not.toContain(true);
  });

  it('counts all pairs of very many files, and finds the one that it is asked about', async () => {
    const names = Array.from({ length: 1500 }, (_, n) => [`scan-${n}.nii`, `roi-${n}.nii`]).flat();
    const root = writeTree(temporaryFolder(), Object.fromEntries(names.map((name) => [name, ''])));
    for (const n of [0, 1499]) writeTree(root, { [`scan-${n}.nii`]: image, [`roi-${n}.nii`]: mask });
    const { question, looked, listing } = await asked(root);
    expect(question?.pairs).toHaveLength(1500);
    expect(looked).toHaveLength(1);
    const about = join(root, 'roi-1499.nii');
    expect((await findLabelMapQuestion(listing, null, lookAtPair, about))?.pair.labels).toBe(about);
  });

  it('keeps what the record says beside the answer', async () => {
    const root = writeTree(temporaryFolder(), scans(1));

    const store = new CohortStore(root);
    const kept = { ...newCohortRecord({ layout: 'side-by-side', labels: [] }), holdout: ['scan-0'], seen: ['x'] };
    await store.writeRecord(kept);
    const { listing, question } = await asked(root);
    if (question) await writeAnswer(listing, question.pattern, true);
    expect(await store.readRecord()).toMatchObject({ holdout: ['scan-0'], seen: ['x'], namePatterns: [{}] });
  });

  it('can be about one file, with a look at its own folder only', async () => {
    const root = writeTree(temporaryFolder(), { ...scans(3), 'other/scan-7.nii': image, 'other/roi-7.nii': mask });
    const around = await listAround(join(root, 'roi-2.nii'));
    const question = await findLabelMapQuestion(around, null, lookAtPair, join(root, 'roi-2.nii'));
    expect(question?.pair).toMatchObject({ labels: join(root, 'roi-2.nii'), image: join(root, 'scan-2.nii') });
    expect(around.layout.cases).toHaveLength(6);
  });

  it.each([
    [
      'an image and a mask of another grid',
      { 'scan-0.nii': image, 'roi-0.nii': shortVolume(tinyGrid([4, 4, 3]), labels) },
    ],
    [
      'of another place',
      { 'scan-0.nii': image, 'roi-0.nii': shortVolume(tinyGrid([6, 4, 2], [1, 1, 1], [9, 0, 0]), labels) },
    ],
    ['two label maps of an image that is not there', { 'roi-0.nii': mask, 'lesion-0.nii': mask }],
    ['two images', { 't1-0.nii': image, 'flair-0.nii': image }],
    [
      'an empty label map and another one',
      { 'roi-0.nii': shortVolume(grid, Array(voxels).fill(0)), 'lesion-0.nii': mask },
    ],
    ['an image and one of one value', { 'scan-0.nii': image, 'roi-0.nii': shortVolume(grid, Array(voxels).fill(1)) }],
    ['one that cannot be read', { 'scan-0.nii': image, 'roi-0.nii': 'version https://git-lfs.github.com/spec/v1\n' }],
    ['what is paired', { 'scan-0.nii': image, 'scan-0_seg.nii': mask }],
  ])('is not asked where there are %s', async (_, files) => {
    expect((await asked(writeTree(temporaryFolder(), files))).question).toBeNull();
  });

  it('is never about an image with continuous values, and never about two grids', async () => {
    const root = temporaryFolder();
    const value = fc.oneof(fc.integer({ min: -3, max: 60 }), fc.float({ min: -5, max: 5, noNaN: true }));
    const shape = fc.constantFrom(grid, tinyGrid([6, 4, 2], [1, 1, 2]), tinyGrid([4, 6, 2]));
    const file = fc.record({ values: fc.array(value, { minLength: voxels, maxLength: voxels }), shape });
    // Most are no label maps by chance, so one is made of a few values as often as not.
    const few = fc.record({
      values: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: voxels, maxLength: voxels }),
      shape,
    });
    let proposed = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(file, few), fc.oneof(file, few), async (one, other) => {
        writeTree(root, { 'a-0.nii': floats(one.values, one.shape), 'b-0.nii': floats(other.values, other.shape) });
        const pair = await lookAtPair([join(root, 'a-0.nii'), join(root, 'b-0.nii')]);
        const [ofOne, ofOther] = [one, other].map(({ values }) => {
          const different = new Set(Float32Array.from(values));
          const isImage = different.size > 32 || [...different].some((v) => !Number.isInteger(v) || v < 0);
          return isImage ? 'image' : different.size > 1 ? 'labels' : 'neither';
        });
        const isSameGrid = one.shape === other.shape;
        expect(pair !== null).toBe(isSameGrid && [ofOne, ofOther].sort().join() === 'image,labels');
        if (!pair) return;
        proposed++;
        expect(pair.labels.endsWith('a-0.nii')).toBe(ofOne === 'labels');
        const held = new Set(Float32Array.from(ofOne === 'labels' ? one.values : other.values));
        expect(pair.values).toEqual([...held].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
    expect(proposed).toBeGreaterThan(5);
  });
});
