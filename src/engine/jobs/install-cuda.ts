import type { CancelSignal } from '../../core/cancel.ts';
import type { CudaInstallProgress, CudaInstallResult, CudaSupport } from '../../core/protocol/engine/cuda-support.ts';
import { CudaInstallError } from '../engines/onnx-runtime/cuda/cuda-install-error.ts';
import { CudaRuntime } from '../engines/onnx-runtime/cuda/cuda-runtime.ts';

/**
 * @throws CudaInstallError if the package feed cannot be asked
 * @throws CancelledError
 */
export async function findCudaSupport(signal: CancelSignal): Promise<CudaSupport> {
  if (!CudaRuntime.isPossible) return { state: 'impossible' };
  const runtime = new CudaRuntime();
  const { folder } = runtime;
  if (runtime.isInstalled) return { state: 'installed', folder };
  return { state: 'absent', folder, bytes: (await runtime.find(signal)).bytes };
}

/** Progress is told so many times. */
const REPORTS = 200;

/**
 * @throws CudaInstallError
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function installCudaSupport(
  signal: CancelSignal,
  progress: (report: CudaInstallProgress) => void,
): Promise<CudaInstallResult> {
  if (!CudaRuntime.isPossible) {
    throw new CudaInstallError(
      'CUDA support exists for Linux on x64 (glibc) alone: other engines run here, see Show Engines.',
    );
  }
  const runtime = new CudaRuntime();
  let told = -1;
  await runtime.install(signal, (report) => {
    const step = Math.floor((REPORTS * report.doneBytes) / report.bytes);
    if (step === told && report.phase === 'downloading') return;
    told = step;
    progress(report);
  });
  return { folder: runtime.folder, missing: await runtime.missingLibraries() };
}
