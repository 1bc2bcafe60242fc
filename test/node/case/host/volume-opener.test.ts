import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { locateOnDisk } from '../../../../src/node/case/host/case-location.ts';
import { VolumeOpener } from '../../../../src/node/case/host/volume-opener.ts';
import { SessionRegistry } from '../../../../src/node/case/session/session-registry.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';
import { UndoShell } from '../../../support/undo-shell.ts';
import { sharedVolumeWorker } from '../../../support/volume-worker.ts';

const volume = (shape: readonly [number, number, number]) =>
  shortVolume(tinyGrid(shape), new Int16Array(shape[0] * shape[1] * shape[2]));

/** What opens the files of a folder, as the provider of the editor does. */
function openerIn(files: Readonly<Record<string, Uint8Array | string>>) {
  const folder = join(temporaryFolder(), 'cohort');
  writeTree(folder, files);
  const worker = sharedVolumeWorker();
  const shell = new UndoShell();
  const sessions = new SessionRegistry(
    {
      labelFiles: () => worker,
      witness: {
        reviewerName: async () => undefined,
        uncountedSeconds: () => new Map(),
        counted: () => undefined,
        broughtBack: () => undefined,
      },
      reports: shell.reports,
      agreesToSave: async () => true,
      mayComplete: () => true,
      usesOfLabel: async () => ({ cases: [], unknown: 0 }),
    },
    () => ({ dispose: () => undefined }),
  );
  const opener = new VolumeOpener({
    volumes: { client: worker, memoryBudgetBytes: 2 ** 24 },
    sessions,
    note: () => undefined,
    sentenceFor: (error) => shell.sentenceFor(error),
  });
  const open = async (name: string) =>
    opener.open(await locateOnDisk(join(folder, name), folder), { progress: () => undefined });
  return { folder, open };
}

describe('opening a file in an editor', () => {
  test('joins the one session of its label file, from the image and from the label map', async () => {
    const { open, folder } = openerIn({ 'case.nii': volume([4, 3, 2]), 'case_seg.nii': volume([4, 3, 2]) });
    const image = await open('case.nii');
    const labels = await open('case_seg.nii');
    expect(image.lease?.session).toBe(labels.lease?.session);
    expect(image.lease?.session.files.labels).toBe(join(folder, 'case_seg.nii'));
    expect([image.readOnlyReason, labels.readOnlyReason]).toEqual([null, null]);
    // A label map opens with its image.
    expect(labels.file.path).toBe(join(folder, 'case.nii'));
  });

  test('shows an image whose labels cannot be read, and lets nothing be drawn over them', async () => {
    const { open } = openerIn({ 'case.nii': volume([4, 3, 2]), 'case_seg.nii': 'no label map' });
    const opened = await open('case.nii');
    expect(opened.lease).toBeNull();
    expect(opened.readOnlyReason).toMatch(/^This volume can only be looked at: \S/);
    expect(opened.volume.summary.grid.shape).toEqual([4, 3, 2]);
  });

  test('shows a channel of another size than its case, which cannot share the labels', async () => {
    const { open } = openerIn({
      'imagesTr/case_0000.nii': volume([4, 3, 2]),
      'imagesTr/case_0001.nii': volume([5, 3, 2]),
      'labelsTr/case.nii': volume([4, 3, 2]),
    });
    expect((await open('imagesTr/case_0000.nii')).readOnlyReason).toBeNull();
    const other = await open('imagesTr/case_0001.nii');
    expect(other.lease).toBeNull();
    expect(other.readOnlyReason).toMatch(/another size/);
  });

  test('shows another file of a case whose voxels run in other directions, and lets no label be mirrored', async () => {
    const straight = tinyGrid([4, 3, 2]);
    const turned = { ...straight, voxelToWorld: [1, 0, 0, 0, 0, -1, 0, 2, 0, 0, 1, 0, 0, 0, 0, 1] };
    const voxels = new Int16Array(24);
    const { open, folder } = openerIn({
      'ct.nii.gz': gzipSync(shortVolume(straight, voxels)),
      'ct.nii': shortVolume(turned, voxels),
      'same.nii.gz': gzipSync(shortVolume(straight, voxels)),
      'same.nii': shortVolume(straight, voxels),
    });
    const first = await open('ct.nii.gz');
    const second = await open('ct.nii');
    expect(first.lease?.session.files.labels).toBe(join(folder, 'ct_seg.nii.gz'));
    expect(second.lease).toBeNull();
    expect(second.readOnlyReason).toContain('ct_seg.nii.gz');
    expect(second.readOnlyReason).toContain('run in other directions');
    // Alone it may be drawn on.
    first.lease?.release();
    expect((await open('ct.nii')).readOnlyReason).toBeNull();
    // Files that lie at one place share their labels, as before.
    const same = await open('same.nii.gz');
    expect((await open('same.nii')).lease?.session).toBe(same.lease?.session);
  });

  test('shows a label map without an image, and says what is missing', async () => {
    const { open } = openerIn({ 'case_seg.nii': volume([4, 3, 2]) });
    expect(await open('case_seg.nii')).toMatchObject({
      lease: null,
      readOnlyReason: expect.stringContaining('whose image is not beside it'),
    });
  });
});
