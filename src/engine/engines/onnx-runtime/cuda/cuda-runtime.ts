import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CancelSignal } from '../../../../core/cancel.ts';
import { CancelledError } from '../../../../core/errors.ts';
import { fileAccessError } from '../../../../node/files/file-access-error.ts';
import { GuardedFolder } from '../../../../node/files/guarded-folder.ts';
import { takeLock } from '../../../../node/files/process-lock.ts';
import { userCacheFolder } from '../../../../node/files/user-cache-folder.ts';
import { thisPlatform } from '../../../device/platform.ts';
import { providersOf } from '../providers.ts';
import { CudaInstallError } from './cuda-install-error.ts';
import {
  type CudaPackage,
  cudaPackage,
  hasNativeRuntime,
  nativeRuntimeFolder,
  nativeRuntimeVersion,
} from './cuda-package.ts';
import { downloadPackage } from './download-package.ts';
import { findPublishedPackage, type PublishedPackage } from './published-package.ts';
import { unpackFiles } from './unpack.ts';

const BINARIES = join('bin', 'napi-v6', 'linux', 'x64');
const LIBRARY = 'libonnxruntime_providers_cuda.so';

export interface CudaInstallReport {
  readonly phase: 'downloading' | 'unpacking';
  /** The bytes of the download. */
  readonly doneBytes: number;
  readonly bytes: number;
}

/**
 * ONNX Runtime with CUDA, in the user's cache folder: `onnxruntime-<version>-cuda/node_modules/onnxruntime-node` is a
 * copy of the package that Voxel Loop came with (46 MB), with the downloaded libraries beside its own.
 *
 * It is a copy, because ONNX Runtime looks for its CUDA library beside itself and nowhere else; Voxel Loop's own folder
 * may be read-only, and an update replaces it. It holds the same program, so that everything else runs from it as well:
 * two of them in one process would be one, the one that was loaded first.
 */
export class CudaRuntime {
  readonly version: string;
  readonly folder: string;

  readonly #source: string;
  readonly #cacheFolder: string;

  /** @param source the installed onnxruntime-node, with onnxruntime-common beside it */
  constructor(source = nativeRuntimeFolder(), cacheFolder = userCacheFolder()) {
    this.#source = source;
    this.#cacheFolder = cacheFolder;
    this.version = nativeRuntimeVersion(source);
    this.folder = join(cacheFolder, `onnxruntime-${this.version}-cuda`);
  }

  /** Says whether ONNX Runtime has a CUDA library for this platform, and there is an ONNX Runtime to put it beside. */
  static get isPossible(): boolean {
    return providersOf(thisPlatform()).includes('cuda') && hasNativeRuntime();
  }

  get isInstalled(): boolean {
    return existsSync(this.#library);
  }

  /**
   * Says whether somebody put the library beside the one that Voxel Loop came with, as onnxruntime-node's own install
   * script does.
   */
  get isInSource(): boolean {
    return existsSync(join(this.#source, BINARIES, LIBRARY));
  }

  /** `require` starts from here to find the copy. */
  get entry(): string {
    return join(this.folder, 'package.json');
  }

  /**
   * Says what there is to download.
   * @throws CudaInstallError
   * @throws CancelledError
   */
  find(signal: CancelSignal, from: CudaPackage = cudaPackage(this.#source)): Promise<PublishedPackage> {
    return abortable(signal, (abort) => findPublishedPackage(from, abort));
  }

  /**
   * Downloads and unpacks. The folder appears whole or not at all, also when this is cancelled. Only one of several
   * processes installs at a time, whatever their versions.
   * @throws CudaInstallError
   * @throws FileAccessError
   * @throws CancelledError
   */
  async install(
    signal: CancelSignal,
    onProgress: (report: CudaInstallReport) => void,
    from: CudaPackage = cudaPackage(this.#source),
  ): Promise<void> {
    try {
      await mkdir(this.#cacheFolder, { recursive: true });
    } catch (error) {
      throw fileAccessError('write', this.folder, error);
    }
    const lock = await takeLock(join(this.#cacheFolder, 'onnxruntime-cuda.lock'), new GuardedFolder(this.#cacheFolder));
    if ('heldBy' in lock) {
      throw new CudaInstallError(
        'Another window or command is installing CUDA support: wait until it has finished, then try again.',
      );
    }
    try {
      await this.#removeLeftovers();
      const staged = this.#besides();
      await mkdir(staged);
      await abortable(signal, (abort) => this.#fill(staged, from, abort, onProgress));
      // Whoever loads from the folder at this moment finds it whole.
      if (existsSync(this.folder)) await rename(this.folder, this.#besides());
      await rename(staged, this.folder);
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? fileAccessError('write', this.folder, error) : error;
    } finally {
      await this.#removeLeftovers().catch(() => undefined);
      await lock.release();
    }
  }

  /** Puts everything of the folder into `staged`. */
  async #fill(
    staged: string,
    from: CudaPackage,
    abort: AbortSignal,
    onProgress: (report: CudaInstallReport) => void,
  ): Promise<void> {
    const published = await findPublishedPackage(from, abort);
    const archive = join(staged, 'package.zip');
    const { bytes } = published;
    const onBytes = (doneBytes: number) => onProgress({ phase: 'downloading', doneBytes, bytes });
    await downloadPackage(published, archive, abort, onBytes);
    onProgress({ phase: 'unpacking', doneBytes: bytes, bytes });
    const target = join(staged, 'node_modules', 'onnxruntime-node');
    await mkdir(target, { recursive: true });
    for (const path of ['package.json', 'dist', BINARIES]) {
      await cp(join(this.#source, path), join(target, path), { recursive: true });
    }
    const common = join(this.#source, '..', 'onnxruntime-common');
    await cp(common, join(staged, 'node_modules', 'onnxruntime-common'), { recursive: true });
    await unpackFiles(archive, from.files, join(target, BINARIES), abort);
    await rm(archive);
  }

  /**
   * Lists what the CUDA library needs and this machine does not have, by the system's own loader: of NVIDIA's driver,
   * CUDA 12 and cuDNN 9. The list is empty also where the loader cannot be asked.
   */
  async missingLibraries(): Promise<string[]> {
    const library = this.isInstalled ? this.#library : join(this.#source, BINARIES, LIBRARY);
    const found = await promisify(execFile)('ldd', [library]).catch(() => ({ stdout: '' }));
    return found.stdout.split('\n').flatMap((line) => /^\s*(\S+) => not found/.exec(line)?.[1] ?? []);
  }

  /** Returns a folder of our own beside the one that is installed. */
  #besides(): string {
    return `${this.folder}.${randomUUID().slice(0, 8)}`;
  }

  /**
   * Removes what was half done when its process ended, or has been replaced; it may run only under the lock. Whole
   * folders of other versions stay, because another Voxel Loop may run from them.
   */
  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.#cacheFolder)) {
      if (!/^onnxruntime-[\w.]+-cuda\.[0-9a-f]{8}$/.test(name)) continue;
      await rm(join(this.#cacheFolder, name), { recursive: true, force: true });
    }
  }

  get #library(): string {
    return join(this.folder, 'node_modules', 'onnxruntime-node', BINARIES, LIBRARY);
  }
}

/** Node's own work takes Node's signal. */
async function abortable<Result>(signal: CancelSignal, work: (abort: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? new CancelledError() : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Says in a few words why CUDA cannot run here. It is null where it may. This is asked before every try, because it is
 * cheap and changes with what the user installs.
 */
export async function cudaObstacle(runtime: CudaRuntime = new CudaRuntime()): Promise<string | null> {
  if (!runtime.isInstalled && !runtime.isInSource) {
    return 'its library is not installed: "Voxel Loop: Install CUDA Support" or "voxel-loop engines --install-cuda" downloads it';
  }
  const missing = await runtime.missingLibraries();
  return missing.length === 0
    ? null
    : `this machine has no ${missing.join(', ')}: install NVIDIA's driver, CUDA 12 and cuDNN 9`;
}
