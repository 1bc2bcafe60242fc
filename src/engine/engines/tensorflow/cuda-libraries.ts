import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/**
 * libtensorflow 2.9 opens these by itself when it looks for a GPU: the driver's library, then CUDA 11's and cuDNN 8's.
 */
const LINUX = {
  driver: 'libcuda.so.1',
  toolkit: [
    ...['libcudart.so.11.0', 'libcublas.so.11', 'libcublasLt.so.11', 'libcufft.so.10', 'libcurand.so.10'],
    ...['libcusolver.so.11', 'libcusparse.so.11', 'libcudnn.so.8'],
  ],
};
const WINDOWS = {
  driver: 'nvcuda.dll',
  toolkit: [
    ...['cudart64_110.dll', 'cublas64_11.dll', 'cublasLt64_11.dll', 'cufft64_10.dll', 'curand64_10.dll'],
    ...['cusolver64_11.dll', 'cusparse64_11.dll', 'cudnn64_8.dll'],
  ],
};

export interface MissingLibraries {
  readonly driver: string | null;
  readonly toolkit: readonly string[];
}

/** Says which of CUDA's libraries the system does not find. */
export function missingCudaLibraries(): MissingLibraries {
  const { driver, toolkit } = process.platform === 'win32' ? WINDOWS : LINUX;
  return {
    driver: isThere(driver) ? null : driver,
    toolkit: toolkit.filter((library) => !isThere(library)),
  };
}

function isThere(library: string): boolean {
  if (process.platform === 'win32') {
    return (process.env.PATH ?? '')
      .split(delimiter)
      .some((folder) => folder !== '' && existsSync(join(folder, library)));
  }
  // This is the system's own search: LD_LIBRARY_PATH, the loader's cache, its default folders. No such library is an
  // addon of Node, so it throws either way; only the words tell.
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    return !(error instanceof Error && error.message.includes('cannot open shared object file'));
  }
}
