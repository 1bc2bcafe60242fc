import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { VoxelLoopError } from '../../core/errors.ts';
import type { TensorFlow } from './operators.ts';

/** TensorFlow.js is not where the settings say, or its library does not load. */
export class TensorFlowMissingError extends VoxelLoopError {
  readonly code = 'tensorflow-missing';
}

/** The packages that bring TensorFlow itself, the one for GPUs first. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/**
 * Loads TensorFlow.js from a folder that holds its package in `node_modules`.
 * @throws TensorFlowMissingError
 */
export function loadTensorFlow(folder: string): {
  readonly tf: TensorFlow;
  readonly name: string;
  readonly onGpu: boolean;
} {
  const required = createRequire(join(folder, 'package.json'));
  const found = PACKAGES.find((name) => {
    try {
      required.resolve(name);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) {
    throw new TensorFlowMissingError(
      `There is no ${PACKAGES[0]} in ${folder}: run "Voxel Loop: Install TensorFlow GPU Engine", or name the folder where it is in the settings.`,
    );
  }
  restoreRemovedFunctions();
  try {
    const tf = required(found) as TensorFlow;
    return { tf, name: found === PACKAGES[0] ? 'TensorFlow GPU' : 'TensorFlow CPU', onGpu: found === PACKAGES[0] };
  } catch (cause) {
    throw new TensorFlowMissingError(
      `${found} does not load here: it needs libtensorflow, which it downloads when it is installed, and for a GPU CUDA 11.2 and cuDNN 8.1 on Linux or Windows.`,
      { cause },
    );
  }
}

/** tfjs-node 4.22 calls functions that Node 23 took away. */
function restoreRemovedFunctions(): void {
  const old = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: typeof Array.isArray };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
