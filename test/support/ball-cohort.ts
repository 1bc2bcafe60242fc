import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImageHeader } from '../../src/core/formats/nifti/image-header.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { VOXEL_TYPES } from '../../src/core/volume/voxel-type.ts';
import { writeLabelVolume } from '../../src/node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../../src/node/volumes/read-volume.ts';
import { BALL_LABELS, ballCase } from './learn-cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const BALL_SHAPE: Vec3 = [24, 20, 8];

export interface BallCohort {
  readonly root: string;
  image(id: string): string;
  labels(id: string): string;
}

/**
 * An MSD cohort of `ballCase`s on disk: `ball_0` ... The first `labelled` have label maps. Without a `splits.json`
 * unless `val` names held-out cases.
 */
export async function ballCohort(
  count: number,
  labelled = count,
  val?: readonly string[],
  root = temporaryFolder(),
): Promise<BallCohort> {
  const image = (id: string) => join(root, 'imagesTr', `${id}.nii`);
  const labels = (id: string) => join(root, 'labelsTr', `${id}.nii`);
  mkdirSync(join(root, 'imagesTr'));
  mkdirSync(join(root, 'labelsTr'));
  const names = Object.fromEntries(BALL_LABELS.map(({ name, value }) => [name, value]));
  const ids = Array.from({ length: count }, (_, index) => `ball_${index}`);
  writeFileSync(
    join(root, 'dataset.json'),
    JSON.stringify({ channel_names: { 0: 'noise' }, labels: names, file_ending: '.nii' }),
  );
  if (val) {
    const train = ids.filter((id) => !val.includes(id));
    writeFileSync(join(root, 'splits.json'), JSON.stringify({ train, val }));
  }
  for (const [index, id] of ids.entries()) {
    const { image: volume, truth } = ballCase(100 + index, BALL_SHAPE);
    const header = encodeImageHeader(volume.grid, VOXEL_TYPES.f32);
    writeFileSync(image(id), Buffer.concat([header, new Uint8Array(volume.channels[0].buffer)]));
    if (index >= labelled) continue;
    const labelMap = LabelMap.fromDense(BALL_SHAPE, Uint8Array.from(truth.classes));
    await writeLabelVolume(labels(id), { image: await readVolumeHeader(image(id)), labelMap, table: BALL_LABELS });
  }
  return { root, image, labels };
}
