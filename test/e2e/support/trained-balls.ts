import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../../scripts/harness/paths.mjs';
import { encodeImageHeader } from '../../../src/core/formats/nifti/image-header.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { VOXEL_TYPES } from '../../../src/core/volume/voxel-type.ts';
import { ballCohort } from '../../support/ball-cohort.ts';
import { ballCase } from '../../support/learn-cases.ts';

/** A cohort of small volumes with a model that was trained on some of them for a moment. */
export interface TrainedBalls {
  /** To be copied; holds `imagesTr`, `labelsTr`, `dataset.json` and no state. */
  readonly cohort: string;
  /** Its `.voxel-loop` with model 1, active. */
  readonly state: string;
  remove(): void;
}

/** @param count cases, `ball_0` ...; the first `labelled` have labels */
export async function trainedBalls(count: number, labelled: number): Promise<TrainedBalls> {
  const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-balls-'));
  const cohort = join(folder, 'cohort');
  mkdirSync(cohort);
  await ballCohort(count, labelled, undefined, cohort);
  const state = join(folder, 'state');
  const args = ['train', cohort, '--engine', 'cpu', '--epochs', '4', '--out', state];
  const run = spawnSync(process.execPath, [join(repositoryRoot, 'dist/cli.js'), ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`Training failed:\n${run.stderr}`);
  // It has learned for a moment only, and no gate would let it pass.
  writeFileSync(join(state, 'active'), '1\n');
  for (const name of ['cache', 'training', 'training.lock'])
    rmSync(join(state, name), { recursive: true, force: true });
  return { cohort, state, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Gives a workspace the model. */
export function installModel({ state }: TrainedBalls, workspace: string): void {
  cpSync(state, join(workspace, '.voxel-loop'), { recursive: true });
}

/** The bytes of a ball volume of another size. */
export function ballVolume(seed: number, shape: Vec3): Uint8Array {
  const { image } = ballCase(seed, shape);
  const header = encodeImageHeader(image.grid, VOXEL_TYPES.f32);
  return Buffer.concat([header, new Uint8Array(image.channels[0].buffer)]);
}
