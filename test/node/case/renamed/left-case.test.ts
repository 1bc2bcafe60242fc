import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CaseRecord, serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { carryLeftCase, findLeftCase } from '../../../../src/node/case/renamed/left-case.ts';
import { findCase } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

/** A cohort on disk, in which files are renamed while VS Code is closed. */
class World {
  readonly store: CohortStore;
  readonly read: string[] = [];

  constructor(
    files: Readonly<Record<string, string>>,
    readonly root = writeTree(temporaryFolder(), files),
  ) {
    this.store = new CohortStore(root);
  }

  at(name: string): string {
    return join(this.root, name);
  }

  rename(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    renameSync(this.at(from), this.at(to));
  }

  /** The case was saved: its record names its label file, and its image where that had been read by then. */
  async saved(id: string, labels: string, image?: string, reviewer?: string): Promise<void> {
    const record: CaseRecord = {
      version: image === undefined ? 1 : 6,
      labelsFingerprint: await fileFingerprint(this.at(labels)),
      ...(image !== undefined && { image: await this.#identity(this.at(image)) }),
      reviewAxis: 'k',
      slices: [{ state: 'edited' }],
    };
    await this.store.writeCaseRecord(id, serializeCaseRecord(record), reviewer);
  }

  /** What is found when the image is opened. */
  async find(image: string) {
    const { files } = await this.#caseOf(image);
    const fingerprint = await fileFingerprint(files.labels).catch(() => null);
    const isEmpty = fingerprint !== null && readFileSync(files.labels, 'utf8') === 'empty';
    const labels = fingerprint === null ? null : { path: files.labels, fingerprint, isEmpty };
    const identity = () => this.#identity(this.at(image));
    const { sizeBytes } = await identity();
    this.read.length = 0;
    return findLeftCase(this.store, { labels, sizeBytes, identity }, (path) => this.#fingerprint(path));
  }

  async carry(image: string): Promise<void> {
    const left = await this.find(image);
    const { files } = await this.#caseOf(image);
    if (left) await carryLeftCase(this.store, left, files, (path) => this.#fingerprint(path));
  }

  /** All files but ours that say nothing of a case. */
  get files(): string[] {
    const found = readdirSync(this.root, { recursive: true, encoding: 'utf8' });
    return found.filter((path) => statSync(this.at(path)).isFile() && !/\.git\w+$|cohort\.json$/.test(path)).sort();
  }

  async #caseOf(image: string) {
    const found = await findCase(this.at(image), this.root);
    if (found.kind !== 'image') throw new Error('It is no image.');
    return found.case;
  }

  async #identity(path: string) {
    return { fingerprint: await this.#fingerprint(path), sizeBytes: statSync(path).size };
  }

  #fingerprint(path: string): Promise<string> {
    this.read.push(path.slice(this.root.length + 1));
    return fileFingerprint(path);
  }
}

describe('an image that was renamed while VS Code was closed', () => {
  it('finds its labels under the old name by what the record says, and takes everything along', async () => {
    const world = new World({
      'a.nii': 'image of a',
      'a_seg.nii': 'labels of a',
      'a_seg.anna.nii.gz': 'of Anna',
      '.voxel-loop/reviewers/anna/a.json': 'record of Anna',
      '.voxel-loop/history/a/me.jsonl': 'history',
      'z.nii': 'image of z',
    });
    await world.saved('a', 'a_seg.nii', 'a.nii');
    await world.store.writeRecord({ ...newCohortRecord({ layout: 'side-by-side', labels: [] }), holdout: ['a'] });
    world.rename('a.nii', 'b.nii');
    expect(await world.find('z.nii')).toBeNull();
    expect(await world.find('b.nii')).toEqual({ id: 'a', labels: world.at('a_seg.nii') });
    await world.carry('b.nii');
    expect(world.files).toEqual([
      '.voxel-loop/cases/b.json',
      '.voxel-loop/history/b/me.jsonl',
      '.voxel-loop/reviewers/anna/b.json',
      'b.nii',
      'b_seg.anna.nii.gz',
      'b_seg.nii',
      'z.nii',
    ]);
    expect(readFileSync(world.at('b_seg.nii'), 'utf8')).toBe('labels of a');
    expect(await world.store.readRecord()).toMatchObject({ holdout: ['b'] });
    expect(await world.find('b.nii')).toBeNull();
  });

  // Labels of which a slice was edited and none accepted would have trained as complete.
  it('finds its review when the labels were renamed with it', async () => {
    const world = new World({
      'a.nii': 'image',
      'a_seg.nii': 'labels',
      'other.nii': 'IMAGE',
      'other_seg.nii': 'LABELS',
    });
    await world.saved('a', 'a_seg.nii');
    world.rename('a.nii', 'p/b.nii');
    // Nobody can tell whose labels these are now.
    expect(await world.find('p/b.nii')).toBeNull();
    world.rename('a_seg.nii', 'p/b_seg.nii');
    expect(await world.find('other.nii')).toBeNull();
    expect(await world.find('p/b.nii')).toEqual({ id: 'a', labels: null });
    await world.carry('p/b.nii');
    expect(world.files).toEqual([
      '.voxel-loop/cases/p__b.json',
      'other.nii',
      'other_seg.nii',
      'p/b.nii',
      'p/b_seg.nii',
    ]);
  });

  // The labels of the first person had been renamed with the image: what Anna had drawn stayed behind under the old name for good.
  it('takes along what other people drew, also where its own labels were renamed with it', async () => {
    const world = new World({
      'p/a.nii': 'image',
      'p/a_seg.nii': 'labels',
      'p/a_seg.anna.nii': 'of Anna',
      'p/a_seg.ben.nii.gz': 'of Ben, without a record',
      'p/c_seg.anna.nii': 'of another image',
      'lost/labels_seg.nii.gz': 'of Cleo',
      '.voxel-loop/reviewers/anna/p__a.json': 'record of Anna',
    });
    await world.saved('p__a', 'p/a_seg.nii', 'p/a.nii');
    await world.saved('p__a', 'lost/labels_seg.nii.gz', 'p/a.nii', 'cleo');
    world.rename('p/a.nii', 'b.nii');
    world.rename('p/a_seg.nii', 'b_seg.nii');
    await world.carry('b.nii');
    expect(world.files).toEqual([
      '.voxel-loop/cases/b.json',
      '.voxel-loop/reviewers/anna/b.json',
      '.voxel-loop/reviewers/cleo/b.json',
      'b.nii',
      'b_seg.anna.nii',
      'b_seg.ben.nii.gz',
      'b_seg.cleo.nii.gz',
      'b_seg.nii',
      'p/c_seg.anna.nii',
    ]);
  });

  it('takes nothing along where one of the names is taken', async () => {
    const world = new World({
      'a.nii': 'image',
      'a_seg.nii': 'labels',
      'a_seg.anna.nii': 'of Anna',
      '.voxel-loop/reviewers/anna/a.json': 'record of Anna',
      '.voxel-loop/history/b/me.jsonl': 'of another image that was called so',
      '.voxel-loop/history/a/me.jsonl': 'history',
    });
    await world.saved('a', 'a_seg.nii', 'a.nii');
    world.rename('a.nii', 'b.nii');
    const { files } = world;
    await expect(world.carry('b.nii')).rejects.toMatchObject({ code: 'case-name-taken' });
    expect(world.files).toEqual(files);
  });

  // A record of an earlier version names no image: each image with an empty label map was offered the review of another patient.
  it('is offered a review that names no image only for labels that tell it from all other cases', async () => {
    for (const [labels, others, expected] of [
      ['empty', 'labels of c', null],
      ['labels', 'labels', null],
      ['labels', 'LABELS', { id: 'a', labels: null }],
    ] as const) {
      const world = new World({ 'b.nii': 'image', 'b_seg.nii': labels, 'c.nii': 'other', 'c_seg.nii': others });
      await world.saved('a', 'b_seg.nii');
      expect(await world.find('b.nii')).toEqual(expected);
    }
  });

  it('of MSD finds them in the folder of labels', async () => {
    const world = new World({
      'dataset.json': '{"labels": {"0": "background", "1": "liver"}}',
      'imagesTr/a.nii.gz': 'image',
      'labelsTr/a.nii.gz': 'labels',
    });
    await world.saved('a', 'labelsTr/a.nii.gz', 'imagesTr/a.nii.gz');
    world.rename('imagesTr/a.nii.gz', 'imagesTr/b.nii.gz');
    await world.carry('imagesTr/b.nii.gz');
    expect(world.files).toEqual(['.voxel-loop/cases/b.json', 'dataset.json', 'imagesTr/b.nii.gz', 'labelsTr/b.nii.gz']);
  });

  it('gets nothing of another image, also where empty label maps are equal or the sizes are', async () => {
    const world = new World({ 'a.nii': 'image 1', 'a_seg.nii': 'empty', 'c.nii': 'image 2', 'c_seg.nii': 'empty' });
    await world.saved('a', 'a_seg.nii', 'a.nii');
    rmSync(world.at('a.nii'));
    expect(await world.find('c.nii')).toBeNull();
    rmSync(world.at('c_seg.nii'));
    expect(await world.find('c.nii')).toBeNull();
    // Drawn on by another program since: what it is nobody knows.
    writeFileSync(world.at('c.nii'), 'image 1');
    writeFileSync(world.at('a_seg.nii'), 'changed');
    expect(await world.find('c.nii')).toBeNull();
  });

  it('reads no image where every record has its case, or no record is of an image of its size', async () => {
    const world = new World({ 'a.nii': 'image', 'a_seg.nii': 'labels', 'b.nii': 'a larger image' });
    await world.saved('a', 'a_seg.nii', 'a.nii');
    expect(await world.find('b.nii')).toBeNull();
    rmSync(world.at('a.nii'));
    expect(await world.find('b.nii')).toBeNull();
    expect(world.read).toEqual([]);
  });
});
