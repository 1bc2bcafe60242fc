import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../../../src/core/label/label-map-codec.ts';
import { labelTableFrom } from '../../../src/core/label/table/label-table.ts';
import { DisconnectedError, RemoteError } from '../../../src/core/protocol/endpoint.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import {
  VolumeWorkerClient,
  type VolumeWorkerDiedError,
} from '../../../src/node/volume-worker/volume-worker-client.ts';
import { niftiBytes } from '../../support/nifti-bytes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startVolumeWorker } from '../../support/volume-worker.ts';

const SHAPE = [160, 120, 150] as const;
const COUNT = 160 * 120 * 150;
const VOXELS = Int16Array.from({ length: COUNT }, (_, n) => n % 1000);
const IMAGE = niftiBytes({ dimensions: SHAPE, voxels: new Uint8Array(VOXELS.buffer), slope: 2, intercept: 5 });
const BUDGET = { memoryBudgetBytes: 1 << 30 };
const WHERE = { plane: 'axial', index: 7, timeIndex: 0, convention: 'neurological' } as const;
const TABLE = labelTableFrom([
  { value: 3, name: 'liver' },
  { value: -9, name: 'tumour' },
]);

function saveImage(name = 'case.nii.gz', bytes: Uint8Array = IMAGE): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(bytes, { level: 1 }) : bytes);
  return path;
}

describe('the volume worker', () => {
  it('opens a volume and serves its slices and statistics', async () => {
    const worker = startVolumeWorker();
    const fractions: number[] = [];
    const volume = await worker.open(saveImage(), { ...BUDGET, onProgress: (fraction) => fractions.push(fraction) });
    expect(volume.summary).toMatchObject({
      name: 'case.nii.gz',
      dimensions: SHAPE,
      sliceFormat: 'i16',
      orientation: 'RAS',
      scaling: { slope: 2, intercept: 5 },
    });
    const slice = await worker.slice(volume, WHERE);
    expect(slice).toMatchObject({ format: 'i16', columns: 160, rows: 120 });
    // Neurological and RAS: columns along i, rows against j.
    const pixels = new Int16Array(slice.data.buffer);
    expect(pixels[3 + 160 * 2]).toBe(VOXELS[3 + 160 * (117 + 120 * 7)]);
    const { statistics, window } = await worker.statistics(volume, 0);
    expect(statistics).toMatchObject({ min: 5, max: 2003, notFinite: 0 });
    expect(window.width).toBeGreaterThan(1900);
    await worker.loaded(volume);
    await expect.poll(() => fractions.at(-1)).toBe(1);
    await worker.close(volume);
    await expect(worker.slice(volume, WHERE)).rejects.toMatchObject({ code: 'no-such-volume' });
  });

  it('writes and reads label files', async () => {
    const worker = startVolumeWorker();
    const imagePath = saveImage();
    const path = join(temporaryFolder(), 'case_seg.nii.gz');
    const labelMap = new LabelMap(SHAPE);
    labelMap.fill(1000, 500, 1);
    labelMap.fill(COUNT - 1, 1, 2);
    const encoded = encodeLabelMap(labelMap);
    const kept = encoded.slice();
    const image = await worker.open(imagePath, BUDGET);
    // The image's file is not asked again.
    rmSync(imagePath);
    const { fingerprint } = await worker.writeLabels(path, { header: image.header, labels: encoded, table: TABLE });
    expect(fingerprint).toBe(await fileFingerprint(path));

    const read = await worker.readLabels(path, { table: TABLE, grid: image.summary.grid });
    expect(read).toMatchObject({ table: TABLE, fingerprint, warnings: [] });
    expect(Buffer.compare(read.labels, kept)).toBe(0);
    expect(decodeLabelMap(read.labels).count(1)).toBe(500);
    const unknown = await worker.readLabels(path);
    expect(unknown.table.map((entry) => entry.value)).toEqual([0, -9, 3]);
  });

  it('refuses labels of another shape, and warns of labels elsewhere in space', async () => {
    const worker = startVolumeWorker();
    const { summary } = await worker.open(saveImage(), BUDGET);
    const smaller = saveImage('small_seg.nii', niftiBytes({ dimensions: [3, 3, 3] }));
    await expect(worker.readLabels(smaller, { grid: summary.grid })).rejects.toMatchObject({
      code: 'label-map-shape',
      message: expect.stringContaining('small_seg.nii has 3 x 3 x 3 voxels and its image 160 x 120 x 150'),
    });
    const srow = [1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0];
    const moved = saveImage(
      'moved_seg.nii',
      niftiBytes({ dimensions: SHAPE, srow, voxels: new Uint8Array(2 * COUNT) }),
    );
    const { warnings } = await worker.readLabels(moved, { grid: summary.grid });
    expect(warnings).toEqual([expect.stringContaining('elsewhere in space')]);
  });

  it('answers with the code and the sentence of what went wrong', async () => {
    const worker = startVolumeWorker();
    const error = await worker.open(saveImage('noise.nii', new Uint8Array(500)), BUDGET).catch((reason) => reason);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: 'volume-unknown',
      message: expect.stringMatching(/^This is not a NIfTI file/),
    });
    await expect(worker.fingerprint('/nowhere/none.nii')).rejects.toMatchObject({ code: 'file-access' });
  });

  it('serves what is there of a damaged file and rejects the rest', async () => {
    const worker = startVolumeWorker();
    const path = saveImage();
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 2000));
    const volume = await worker.open(path, BUDGET);
    expect((await worker.slice(volume, WHERE)).columns).toBe(160);
    await expect(worker.slice(volume, { ...WHERE, index: 149 })).rejects.toMatchObject({ code: 'volume-truncated' });
    await expect(worker.loaded(volume)).rejects.toMatchObject({ code: 'volume-truncated' });
  });

  it('cancels requests, and those of a volume that is closed', async () => {
    const worker = startVolumeWorker();
    const path = saveImage();
    const volume = await worker.open(path, BUDGET);
    const cancel = new CancelSource();
    const loading = worker.loaded(volume, cancel.signal);
    const reading = worker.statistics(volume, 0, cancel.signal);
    cancel.cancel();
    // Either was first; what counts is that both are answered.
    for (const request of [loading, reading]) {
      const outcome = await request.then(
        () => 'answered',
        (error: unknown) => error,
      );
      expect(outcome === 'answered' || outcome instanceof CancelledError).toBe(true);
    }
    const last = worker.slice(volume, { ...WHERE, index: 149 }).catch((error: unknown) => error);
    await worker.close(volume);
    await last;
  });

  it('rejects what is pending when it is disposed', async () => {
    const worker = startVolumeWorker();
    const pending = worker.open(saveImage(), BUDGET);
    const outcome = expect(pending).rejects.toThrow(DisconnectedError);
    await worker.dispose();
    await outcome;
    await worker.dispose();
  });

  it('takes a request that breaks the contract for a defect of the caller', async () => {
    const worker = startVolumeWorker();
    await expect(worker.open(saveImage(), { memoryBudgetBytes: -1 })).rejects.toMatchObject({ code: 'protocol' });
  });

  it('tells everybody when the thread dies', async () => {
    const program = join(temporaryFolder(), 'dies.cjs');
    writeFileSync(program, "require('node:worker_threads').parentPort.once('message', () => process.exit(3));");
    let died: VolumeWorkerDiedError | undefined;
    const worker = new VolumeWorkerClient(program, (error) => {
      died = error;
    });
    await expect(worker.open('any.nii', BUDGET)).rejects.toMatchObject({ code: 'volume-worker-died' });
    expect(died?.code).toBe('volume-worker-died');
    await expect(worker.open('any.nii', BUDGET)).rejects.toMatchObject({ code: 'volume-worker-died' });
    await worker.dispose();
  });
});
