import { join } from 'node:path';
import * as v from 'valibot';
import type { TrainingSlices } from '../../../core/learn/prediction/training-slices.ts';
import type { GuardedFolder } from '../../files/guarded-folder.ts';
import { readRecordFile } from '../../files/record-file.ts';

/** The file lies in the folder of a model version, beside `model.onnx`. */
const NAME = 'training-slices.json';
const numbers = v.array(v.number());

/**
 * `training-slices.json` describes a few hundred training slices by a few numbers each (see `TrainingSlices`). No image
 * can be made of them.
 */
const trainingSlicesFile = v.looseObject({
  format: v.literal('voxel-loop-training-slices'),
  formatVersion: v.literal(1),
  features: v.array(v.string()),
  scale: numbers,
  typicalDistance: v.number(),
  slices: v.array(numbers),
});

/**
 * Reads the training slices of the model version in this folder.
 *
 * @returns null if it has none
 * @throws RecordError if the file is damaged; FileAccessError
 */
export async function readTrainingSlices(modelFolder: string): Promise<TrainingSlices | null> {
  return readRecordFile(trainingSlicesFile, join(modelFolder, NAME));
}

/** @param files the guarded folder through which the file is written. @throws UnsafePathError, FileAccessError */
export function writeTrainingSlices(files: GuardedFolder, modelFolder: string, known: TrainingSlices): Promise<void> {
  const { features, scale, typicalDistance, slices } = known;
  return files.saveRecord(join(modelFolder, NAME), {
    format: 'voxel-loop-training-slices',
    formatVersion: 1,
    features,
    scale,
    typicalDistance,
    slices,
  });
}
