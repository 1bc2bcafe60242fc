import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import util from 'node:util';
import {
  findTensorFlow,
  TensorFlowError,
  type TensorFlowPackage,
} from '../../../node/engines/tensorflow/tensorflow-package.ts';
import { missingCudaLibraries } from './cuda-libraries.ts';
import type { TensorFlow } from './operators.ts';

/**
 * Loads TensorFlow.js from where the user installed it. It returns that package's own tfjs-core, because tensors of
 * another one would be strangers to its backend.
 *
 * @param folder the package, or a folder that it was installed into
 * @param threads the threads of the CPU, taken the first time only, for the whole process; without it all cores
 * @throws TensorFlowError with one sentence for each way to fail
 */
export function loadTensorFlow(folder: string, threads?: number): TensorFlow {
  const found = findTensorFlow(folder);
  prepareProcess(found, threads);
  const tf = load(found);
  if (found.isForGpu && !isOnGpu(tf)) throw new TensorFlowError('no-gpu', whyNoGpu());
  return tf;
}

function load({ folder, name }: TensorFlowPackage): TensorFlow {
  let words: string;
  try {
    const tf = createRequire(join(folder, 'package.json'))(folder) as TensorFlow;
    if (tf.getBackend() === 'tensorflow') return tf;
    words = 'its backend does not start';
  } catch (error) {
    words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
  throw new TensorFlowError('broken', `${name} in ${folder} does not load (${words}): install it again.`);
}

/** Says whether it computes on a GPU, which is a matter of TensorFlow's backend alone. */
function isOnGpu(tf: TensorFlow): boolean {
  return (tf.backend() as { readonly isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}

function whyNoGpu(): string {
  const { driver, toolkit } = missingCudaLibraries();
  if (driver !== null) return `TensorFlow finds no NVIDIA driver (${driver}): it needs one, CUDA 11.2 and cuDNN 8.1.`;
  if (toolkit.length > 0) {
    return `TensorFlow finds no GPU because the system does not find ${listed(toolkit)}: install CUDA 11.2 and cuDNN 8.1 where it does.`;
  }
  return 'TensorFlow finds no GPU although CUDA 11 and cuDNN 8 are there: its own words in the log say why.';
}

function listed(libraries: readonly string[]): string {
  const [first = '', ...others] = libraries;
  return others.length === 0 ? first : `${first} and ${others.length} more of CUDA 11 and cuDNN 8`;
}

function prepareProcess({ folder }: TensorFlowPackage, threads: number | undefined): void {
  replaceRemovedFunctions();
  const { env } = process;
  // TensorFlow reads these once, when it starts. Two processes of ours may want the GPU, so neither takes all of its
  // memory.
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // Warnings name the library that is missing; what is below them says which instructions the processor has.
  env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  if (threads !== undefined) env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  // The package's install script puts tensorflow.dll beside the addon only where Node's newest N-API is the addon's.
  if (process.platform === 'win32') env.PATH = `${join(folder, 'deps', 'lib')}${delimiter}${env.PATH ?? ''}`;
}

/**
 * Puts back functions of `util` that tfjs-node 4.22 calls and newer Nodes do not have: `isNullOrUndefined` is gone
 * since Node 23.
 */
function replaceRemovedFunctions(): void {
  const functions = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  functions.isNullOrUndefined ??= (value) => value === null || value === undefined;
  functions.isArray ??= Array.isArray;
}
