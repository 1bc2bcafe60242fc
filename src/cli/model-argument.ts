import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VoxelLoopError } from '../core/errors.ts';
import { PLAN_METADATA_KEY, parsePlan } from '../core/learn/plan/plan.ts';
import { readModelMetadata } from '../core/net/onnx/read-model.ts';
import { fileAccessError } from '../node/files/file-access-error.ts';
import { isThere } from '../node/files/missing-file.ts';
import { readRegularFile } from '../node/files/regular-file.ts';
import { modelsOf } from './cohort-models.ts';

/** `--model` names something in which there is no model. */
export class ModelArgumentError extends VoxelLoopError {
  readonly code = 'no-model';
}

/**
 * Finds the model that `--model` means: an ONNX file; the folder of a version; a cohort, or the folder that `train
 * --out` wrote, of which the active version is taken.
 *
 * @returns the absolute path of a `.onnx` file
 * @throws ModelArgumentError, FileAccessError, RecordError
 */
export async function findModel(argument: string): Promise<string> {
  const path = resolve(argument);
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw fileAccessError('read', path, error);
  }
  if (!isFolder) return path;
  if (await isThere(join(path, 'model.onnx'))) return join(path, 'model.onnx');
  const versions = await modelsOf(path);
  const active = await versions.active();
  if (active === null) {
    throw new ModelArgumentError(`There is no model in ${argument}: train one, or name its folder or .onnx file.`);
  }
  return join(versions.folderOf(active), 'model.onnx');
}

/**
 * The number of channels that the model takes.
 *
 * @throws FileAccessError; ModelFormatError if it is no ONNX model; ModelArgumentError, ModelMismatchError if it is
 * none of ours
 */
export async function modelChannels(path: string): Promise<number> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(path);
  } catch (error) {
    throw fileAccessError('read', path, error);
  }
  const text = readModelMetadata(bytes)[PLAN_METADATA_KEY];
  if (text === undefined) {
    throw new ModelArgumentError(
      `${path} was not made by Voxel Loop: it does not say how images are prepared for it. Choose a model.onnx that it wrote.`,
    );
  }
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // A text that is no JSON is no plan, which `parsePlan` says.
  }
  return parsePlan(json).channels.length;
}
