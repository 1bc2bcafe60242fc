import * as v from 'valibot';
import { count } from '../../basic-schemas.ts';

/** ONNX Runtime's library for NVIDIA graphics cards, which is too large to come with Voxel Loop. */
export const cudaSupport = v.variant('state', [
  /** It exists for Linux on x64 alone, and not with the C library of Alpine. */
  v.strictObject({ state: v.literal('impossible') }),
  v.strictObject({ state: v.literal('installed'), folder: v.string() }),
  /** `bytes` is the size of the download. */
  v.strictObject({ state: v.literal('absent'), folder: v.string(), bytes: count }),
]);
export type CudaSupport = v.InferOutput<typeof cudaSupport>;

export const cudaInstallProgress = v.strictObject({
  phase: v.picklist(['downloading', 'unpacking']),
  doneBytes: count,
  bytes: count,
});
export type CudaInstallProgress = v.InferOutput<typeof cudaInstallProgress>;

export const cudaInstallResult = v.strictObject({
  folder: v.string(),
  /** Libraries of NVIDIA's driver, CUDA 12 or cuDNN 9 that this machine does not have. */
  missing: v.array(v.string()),
});
export type CudaInstallResult = v.InferOutput<typeof cudaInstallResult>;
