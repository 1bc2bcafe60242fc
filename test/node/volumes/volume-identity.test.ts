import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { VolumeFileError } from '../../../src/core/volume/volume-file-error.ts';
import { imageFingerprints } from '../../../src/engine/inputs/images.ts';
import { findImage } from '../../../src/node/case/find-image.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { compareStamps, ImageFile } from '../../../src/node/volumes/image-file.ts';
import { caseLabelsFingerprint } from '../../../src/node/volumes/labels/case-labels.ts';
import { VolumeStats, volumeFingerprint } from '../../../src/node/volumes/volume-identity.ts';
import { niftiBytes } from '../../support/nifti-bytes.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

const HEADER = 'ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementDataFile = ct.raw\n';
const voxels = (value: number) => new Uint8Array(24).fill(value);

/** Two patients whose images lie on one grid, so that their headers are the same text. */
const twoPatients = () =>
  writeTree(temporaryFolder(), {
    'p1/ct.mhd': HEADER,
    'p1/ct.raw': voxels(1),
    'p2/ct.mhd': HEADER,
    'p2/ct.raw': voxels(2),
  });

describe('the identity of a volume', () => {
  it('is the fingerprint of its file where there is one, as it was always written down', async () => {
    const files = {
      'a.nii': niftiBytes(),
      'a.nii.gz': gzipSync(niftiBytes()),
      'a.mha': HEADER.replace('ct.raw', 'LOCAL') + 'x'.repeat(24),
      'a.nrrd': `NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nencoding: raw\n\n${'x'.repeat(24)}`,
      'damaged.nrrd': 'NRRD0004\n',
      'none.nii': 'version https://git-lfs.github.com/spec/v1\n',
    };
    const folder = writeTree(temporaryFolder(), files);
    for (const name of Object.keys(files)) {
      expect(await volumeFingerprint(join(folder, name)), name).toBe(await fileFingerprint(join(folder, name)));
    }
    // This text stands in the records of cohorts.
    writeFileSync(join(folder, 'b.nii'), 'image');
    expect(await volumeFingerprint(join(folder, 'b.nii'))).toBe(
      'sha256-a51447e0fc4d2ddea77d8cd429f4cffdba2ca5bd539ad980fdcb3c12397200ae',
    );
  });

  it('is that of header and voxels where those lie in other files, so that two patients are two', async () => {
    const folder = twoPatients();
    const [one, two] = [join(folder, 'p1', 'ct.mhd'), join(folder, 'p2', 'ct.mhd')];
    expect(await fileFingerprint(one)).toBe(await fileFingerprint(two));
    const before = await volumeFingerprint(one);
    expect(await volumeFingerprint(two)).not.toBe(before);
    expect(await imageFingerprints({ channels: [one] })).toEqual([before]);
    // A copy of both files is the same image.
    writeTree(folder, { 'p3/ct.mhd': HEADER, 'p3/ct.raw': voxels(1) });
    expect(await volumeFingerprint(join(folder, 'p3', 'ct.mhd'))).toBe(before);
    // What is made of the image (slices to train on, proposals) is named after it, so it is made again.
    writeFileSync(join(folder, 'p1', 'ct.raw'), voxels(3));
    expect(await imageFingerprints({ channels: [one] })).not.toEqual([before]);
  });

  it('is that of masks too', async () => {
    const folder = twoPatients();
    const labels = join(folder, 'labels.nii.gz');
    const of = (patient: string) => {
      const masks = [{ structure: '', value: 0, path: join(folder, patient, 'ct.mhd'), isLabelMap: true as const }];
      return caseLabelsFingerprint({ labels, masks }, labels);
    };
    expect(await of('p1')).not.toBe(await of('p2'));
  });

  it('is not that of files outside its folder, which are not even looked at', async () => {
    const folder = twoPatients();
    mkdirSync(join(folder, 'p4'));
    symlinkSync(join(folder, 'p1', 'ct.raw'), join(folder, 'p4', 'ct.raw'));
    writeFileSync(join(folder, 'p4', 'ct.mhd'), HEADER);
    await expect(volumeFingerprint(join(folder, 'p4', 'ct.mhd'))).rejects.toThrow(VolumeFileError);
    writeFileSync(join(folder, 'p4', 'up.mhd'), HEADER.replace('ct.raw', '../p1/ct.raw'));
    expect(await new VolumeStats().of(join(folder, 'p4', 'up.mhd'))).toHaveLength(1);
  });
});

describe('an image whose voxels lie in another file', () => {
  it('is found by its voxels, and not by a header that another patient has as well', async () => {
    const folder = twoPatients();
    const image = await ImageFile.at(join(folder, 'p1', 'ct.mhd'), volumeFingerprint);
    const identity = await image.identity();
    if (!identity) throw new Error('The image lies there.');
    expect(await findImage(folder, identity, volumeFingerprint)).toBe(image.path);
    rmSync(join(folder, 'p1'), { recursive: true });
    expect(await findImage(folder, identity, volumeFingerprint)).toBeNull();
  });

  it('has changed when its voxels have, and is as it was when they are again', async () => {
    const folder = twoPatients();
    const image = await ImageFile.at(join(folder, 'p1', 'ct.mhd'), volumeFingerprint);
    await image.identity();
    const before = image.known.stamp;
    expect(await image.look()).toBe('unchanged');
    writeFileSync(join(folder, 'p1', 'ct.raw'), Buffer.concat([voxels(7), voxels(7)]));
    expect(await image.look()).toBe('changed');
    const now = (await ImageFile.at(image.path, volumeFingerprint)).known.stamp;
    expect(compareStamps(before, now)).toBe('other');
    rmSync(join(folder, 'p1', 'ct.raw'));
    expect(await image.look()).toBe('changed');
    writeFileSync(join(folder, 'p1', 'ct.raw'), voxels(1));
    expect(await image.look()).toBe('unchanged');
  });
});
