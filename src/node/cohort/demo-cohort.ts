import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { stringifyRecord } from '../../core/cohort/records/cohort-record.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { OWN_FORMAT } from '../../core/formats/registry.ts';
import { LabelMap } from '../../core/label/label-map.ts';
import { makePhantomCase, PHANTOM_LABELS, type PhantomCase } from '../../core/phantom/phantom-case.ts';
import { VOXEL_TYPES } from '../../core/volume/voxel-type.ts';
import { saveBytesAtomically } from '../files/atomic-save.ts';
import { fileAccessError } from '../files/file-access-error.ts';
import { isMissing } from '../files/missing-file.ts';
import { writeTextAtomically } from '../files/record-file.ts';
import { writeLabelVolume } from '../volumes/labels/write-label-volume.ts';

/** The folder that the demo should go to is not empty. */
export class FolderNotEmptyError extends VoxelLoopError {
  readonly code = 'folder-not-empty';
}

/**
 * The eight labelled cases are enough to train on at once (two of them judge); a few others are left to predict,
 * correct and learn from.
 */
const LABELLED = 8;
const UNLABELLED = 4;

const README = `# A made-up cohort

Twelve CT scans of abdomens that never existed, made by a program (\`voxel-loop demo\`). Each liver has vessels and two
to six tumours. They are for trying Voxel Loop; scores on them say nothing about real patients.

- \`case_01\` to \`case_08\` have labels beside them (\`case_01_seg.nii.gz\`: 1 liver, 2 tumour).
- \`case_09\` to \`case_12\` wait for you: open one, retrain, predict, correct.
`;

export interface DemoOptions {
  /** Another seed makes other patients. */
  readonly seed: number;
  readonly signal?: CancelSignal | undefined;
  readonly onCase?: (done: number, all: number) => void;
}

export interface DemoCohort {
  readonly cases: number;
  readonly labelled: number;
}

/**
 * Makes the case of the demo with this number, from 0 on, together with its true labels (which the files of unlabelled
 * cases lack).
 */
export function demoCase(seed: number, index: number): PhantomCase {
  return makePhantomCase(seed * 1000 + index);
}

/** The id for index 0 is `case_01`. */
export function demoCaseId(index: number): string {
  return `case_${String(index + 1).padStart(2, '0')}`;
}

/**
 * Writes the demo cohort into `folder`, which is made where it is missing: images and labels side by side, which a
 * newcomer understands most easily, a `dataset.json` that names the labels, and a README.
 *
 * @throws FolderNotEmptyError, FileAccessError, CancelledError
 */
export async function writeDemoCohort(folder: string, options: DemoOptions): Promise<DemoCohort> {
  await makeEmptyFolder(folder);
  const cases = LABELLED + UNLABELLED;
  for (let index = 0; index < cases; index++) {
    throwIfCancelled(options.signal);
    await writeCase(join(folder, demoCaseId(index)), demoCase(options.seed, index), index < LABELLED);
    options.onCase?.(index + 1, cases);
  }
  const labels = Object.fromEntries(PHANTOM_LABELS.map(({ name, value }) => [name, value]));
  const dataset = {
    name: 'Voxel Loop demo (synthetic)',
    channel_names: { 0: 'CT' },
    labels,
    numTraining: LABELLED,
    file_ending: '.nii.gz',
  };
  await writeTextAtomically(join(folder, 'dataset.json'), stringifyRecord(dataset));
  await writeTextAtomically(join(folder, 'README.md'), README);
  return { cases, labelled: LABELLED };
}

async function writeCase(path: string, made: PhantomCase, labelled: boolean): Promise<void> {
  const header = OWN_FORMAT.writing.imageHeader(made.grid, VOXEL_TYPES.i16);
  const voxels = new Uint8Array(made.image.buffer, made.image.byteOffset, made.image.byteLength);
  const file = Buffer.concat([header, voxels]);
  await saveBytesAtomically(`${path}.nii.gz`, await promisify(gzip)(file));
  if (!labelled) return;
  const labelMap = LabelMap.fromDense(made.grid.shape, made.labels);
  await writeLabelVolume(`${path}_seg.nii.gz`, {
    image: OWN_FORMAT.writing.readGeometry(header),
    labelMap,
    table: PHANTOM_LABELS,
  });
}

async function makeEmptyFolder(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (!isMissing(error)) throw fileAccessError('write', folder, error);
    names = [];
  }
  if (names.length > 0) {
    throw new FolderNotEmptyError(`The folder ${folder} is not empty: choose a new one for the demo.`);
  }
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileAccessError('write', folder, error);
  }
}
