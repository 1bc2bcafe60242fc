import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { slicing } from '../../../../src/core/learn/plan/plan.ts';
import { bodyBox } from '../../../../src/core/learn/planes/body-box.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan } from '../../../../src/core/learn/planning/make-plan.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { readVolume } from '../../../../src/node/volumes/read-volume.ts';
import { hasSharedData, sharedDataFolder } from '../../../support/shared-data.ts';

async function realCase(image: string, labels: string) {
  const volume = await readVolume(join(sharedDataFolder, image), { timeIndex: 0 });
  const { labelMap, table } = await readLabelVolume(join(sharedDataFolder, labels), { table: [] });
  const classes = new Int16Array(labelMap.voxelCount);
  labelMap.forEachRun(0, labelMap.voxelCount, (label, start, length) => {
    classes.fill(label, start, start + length);
  });
  const given = { image: { grid: volume.grid, channels: [volume.data] }, truth: { classes } };
  return { ...given, table, found: caseFingerprint(given.image, given.truth, table.length) };
}

const request = { preset: 'auto', channelNames: ['image'], cores: 2, onGpu: false, memoryBytes: 2 ** 34 } as const;

describe.skipIf(!hasSharedData('abdomen-ct'))('an abdomen CT', () => {
  it('is known by its Hounsfield units; no label lies outside its body, however it is sliced', async () => {
    const { image, table, found } = await realCase('abdomen-ct/ct.nii.gz', 'abdomen-ct/organs.nii.gz');
    const plan = makePlan({ ...request, labels: table, cases: [found] });
    expect(plan.channels[0].normalization).toMatchObject({ kind: 'window' });
    const { normalization } = plan.channels[0];
    if (normalization.kind === 'window') {
      // Soft tissue with contrast medium, some bone and gut.
      expect(normalization.low).toBeGreaterThan(-1100);
      expect(normalization.low).toBeLessThan(0);
      expect(normalization.high).toBeGreaterThan(150);
      expect(normalization.high).toBeLessThan(2000);
    }
    for (const as of slicing.options) expect(found.sliced[as].labelledOutsideBody).toBe(0);
    const { from: min, to: max } = bodyBox(image);
    const share = [0, 1, 2].reduce((product, axis) => (product * (max[axis] - min[axis])) / image.grid.shape[axis], 1);
    expect(share).toBeGreaterThan(0.5);
  });
});

describe.skipIf(!hasSharedData('hippocampus'))('an MRI crop', () => {
  it('is normalised by itself and not cropped further', async () => {
    const of = (id: string) => realCase(`hippocampus/imagesTr/${id}.nii.gz`, `hippocampus/labelsTr/${id}.nii.gz`);
    const { image, table, found } = await of('hippocampus_001');
    const plan = makePlan({ ...request, labels: table, cases: [found] });
    expect(plan.channels[0].normalization).toEqual({ kind: 'z-score' });
    expect(plan.crop).toBe('none');
    expect(bodyBox(image)).toEqual({ from: [0, 0, 0], to: image.grid.shape });
    expect(plan.plane).toMatchObject({ kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1 });
  });
});
