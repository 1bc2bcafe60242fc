import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { isUntouchedPrediction } from '../../../../src/node/volumes/labels/prediction-mark.ts';
import { writeLabelVolume } from '../../../../src/node/volumes/labels/write-label-volume.ts';
import { BALL_LABELS } from '../../../support/learn-cases.ts';
import { niftiBytes } from '../../../support/nifti-bytes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const image = parseNiftiHeader(niftiBytes({ dimensions: [80, 70, 60], voxels: new Uint8Array(1) }));
const labelMap = new LabelMap([80, 70, 60]);
labelMap.fill(1000, 300_000, 1);
const content = { image, labelMap, table: BALL_LABELS };

describe('isUntouchedPrediction', () => {
  it.each(['a.nii', 'a.nii.gz'])('is true until a voxel changes, whoever writes the file: %s', async (name) => {
    const path = join(temporaryFolder(), name);
    const open = (bytes: Buffer) => (name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    const close = (bytes: Buffer) => (name.endsWith('.gz') ? gzipSync(bytes, { level: 1 }) : bytes);
    await writeLabelVolume(path, { ...content, isPrediction: true });
    expect(await isUntouchedPrediction(path)).toBe(true);
    const bytes = open(readFileSync(path));
    writeFileSync(path, close(bytes));
    expect(await isUntouchedPrediction(path)).toBe(true);
    bytes[bytes.length - 1] = 2;
    writeFileSync(path, close(bytes));
    expect(await isUntouchedPrediction(path)).toBe(false);
    // What a person saves here is theirs, even if nothing was changed.
    await writeLabelVolume(path, content);
    expect(await isUntouchedPrediction(path)).toBe(false);
  });

  it('does not change what is read', async () => {
    const path = join(temporaryFolder(), 'a.nii.gz');
    await writeLabelVolume(path, { ...content, isPrediction: true });
    const read = await readLabelVolume(path, { table: BALL_LABELS });
    expect(read.header.grid).toEqual(image.grid);
    expect(read.labelMap.count(1)).toBe(300_000);
  });

  it('is false for what is no label file, and fails for what cannot be read', async () => {
    const path = join(temporaryFolder(), 'a.nii.gz');
    writeFileSync(path, 'notes of a person');
    expect(await isUntouchedPrediction(path)).toBe(false);
    await writeLabelVolume(path, { ...content, isPrediction: true });
    writeFileSync(path, readFileSync(path).subarray(0, 200));
    expect(await isUntouchedPrediction(path)).toBe(false);
    await expect(isUntouchedPrediction(`${path}.none`)).rejects.toMatchObject({ code: 'file-access' });
  });
});
