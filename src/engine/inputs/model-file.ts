import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ModelMismatchError } from '../../core/learn/learn-errors.ts';
import { PLAN_METADATA_KEY, type Plan, parsePlan } from '../../core/learn/plan/plan.ts';
import { readModelMetadata } from '../../core/net/onnx/read-model.ts';
import { fileAccessError } from '../../node/files/file-access-error.ts';
import { readRegularFile } from '../../node/files/regular-file.ts';

/** A version's number has this key in its ONNX metadata. */
export const VERSION_METADATA_KEY = 'voxel_loop_version';

/** A model that predicts: the ONNX file and the plan that it carries. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly plan: Plan;
  /** Its number in its cohort. It is 0 where it has none. */
  readonly version: number;
  /** The name that the user reads: "model 3", or the file's name. */
  readonly name: string;
  /** The hash of the bytes, in hexadecimal. */
  readonly hash: string;
}

/**
 * @param path a `.onnx` file, or the folder of a model version that holds a `model.onnx`
 * @throws FileAccessError
 * @throws ModelFormatError if it is no ONNX model
 * @throws ModelMismatchError if it is none of ours
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  let file = path;
  let bytes: Uint8Array;
  try {
    if ((await stat(path)).isDirectory()) file = join(path, 'model.onnx');
    // This is a plain array because a Buffer's `slice` is a view, and readers of models want copies.
    bytes = new Uint8Array(await readRegularFile(file));
  } catch (error) {
    throw fileAccessError('read', file, error);
  }
  const metadata = readModelMetadata(bytes);
  const text = metadata[PLAN_METADATA_KEY];
  if (text === undefined) {
    throw new ModelMismatchError(
      `${basename(file)} was not made by Voxel Loop: it does not say how images are prepared for it. Choose a model.onnx that it wrote.`,
    );
  }
  const version = Number(metadata[VERSION_METADATA_KEY] ?? 0);
  return {
    path: file,
    bytes,
    plan: parsePlan(parseJson(text)),
    version: Number.isSafeInteger(version) ? version : 0,
    name: version > 0 ? `model ${version}` : basename(file),
    hash: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Parses JSON. A text that is none is no plan either, and `parsePlan` says so. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
