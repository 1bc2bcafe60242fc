/** Writes a size in whole millions of bytes. */
export function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

/**
 * Says what installing CUDA support has brought.
 * @param missing libraries of NVIDIA's driver, CUDA 12 or cuDNN 9 that were not found
 */
export function cudaInstalledSentence(missing: readonly string[]): string {
  return missing.length === 0
    ? 'CUDA support is installed. The engine is tried when it is needed next.'
    : `CUDA support is installed, but this machine has no ${missing.join(', ')}: install NVIDIA's driver, CUDA 12 and cuDNN 9 to use it.`;
}
