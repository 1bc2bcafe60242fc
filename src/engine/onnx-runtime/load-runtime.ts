import { VoxelLoopError } from '../../core/errors.ts';

/** The package's own module type; only `load-runtime` imports the package, and only when an engine is asked for. */
export type OnnxRuntime = typeof import('onnxruntime-node');

/** ONNX Runtime is not installed, or has no binary for this platform. */
export class RuntimeMissingError extends VoxelLoopError {
  readonly code = 'onnx-runtime-missing';
}

/**
 * Loads `onnxruntime-node`. Lazily, because it is a native library: everything that does not run a network works without it.
 * @throws RuntimeMissingError
 */
export async function loadRuntime(): Promise<OnnxRuntime> {
  try {
    const module: OnnxRuntime & { readonly default?: OnnxRuntime } = await import('onnxruntime-node');
    // A CommonJS package: its exports are on the namespace, on its default, or both, depending on the bundler.
    return 'InferenceSession' in module ? module : (module as { default: OnnxRuntime }).default;
  } catch (cause) {
    throw new RuntimeMissingError(
      `ONNX Runtime has no working binary for ${process.platform}-${process.arch}: install the build of Voxel Loop for this platform.`,
      { cause },
    );
  }
}
