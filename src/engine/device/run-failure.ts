import { VoxelLoopError } from '../../core/errors.ts';
import { NetworkRunError, NotANumberError, ProviderStartError } from './engine-errors.ts';

/**
 * What a failed run says of its engine. `out-of-memory`: fewer slices at once may still go. `device-lost`: nothing will
 * go there any more. `not-a-number`: it ran, to no result. `other`: nobody knows.
 */
export type RunFailure = 'out-of-memory' | 'device-lost' | 'not-a-number' | 'other';

/** Failures are told by the runtimes' own words, because none of them gives codes that JavaScript would see. */
const OUT_OF_MEMORY: readonly RegExp[] = [
  // These are the words of ONNX Runtime's allocators, of C++'s, and of what CUDA, Vulkan, Direct3D and Metal say below
  // it.
  /failed to allocate memory|bad_alloc|BFCArena/i,
  /out[ _-]?of[ _-]?memory|insufficient memory|8007000E|STATUS_ALLOC_FAILED|DEVICE_ALLOCATION_FAILED/i,
  /VK_ERROR_OUT_OF_|cudaErrorMemoryAllocation/i,
  // ONNX Runtime's WebGPU says so of tensors larger than its shaders can be given, and (seen with Mesa's lavapipe)
  // where it got no buffer.
  /too many storage buffers|container_internal::raw_hash_map<>::at/i,
  // Some runtimes name the tensor that did not fit.
  /\bOOM when allocating|RESOURCE_EXHAUSTED/i,
  // These are WebAssembly's and JavaScript's own words.
  /array buffer allocation failed|memory\.grow|could not allocate memory/i,
];
const DEVICE_LOST: readonly RegExp[] = [
  // WebGPU, Vulkan and Direct3D say so.
  /device (was |is )?(lost|removed|hung)|lost (the )?device|DEVICE_LOST|DEVICE_REMOVED|DEVICE_HUNG|887A000[567]/i,
  // After an error that is not about memory a CUDA context can do nothing any more.
  /CUDA (failure|error)|cudaError|CUBLAS|CUDNN/i,
  /MTLCommandBufferError|GPU (hang|timeout|was reset)/i,
];

/** Says what the words of an error mean. */
export function runFailure(error: unknown): RunFailure {
  const words = error instanceof Error ? `${error.name} ${error.message}` : String(error);
  if (OUT_OF_MEMORY.some((pattern) => pattern.test(words))) return 'out-of-memory';
  return DEVICE_LOST.some((pattern) => pattern.test(words)) ? 'device-lost' : 'other';
}

/**
 * Says what an error that came out of an engine means. It is null where it is no failure of the engine (it was
 * cancelled, the model is wrong, or we have a defect).
 */
export function engineFailure(error: unknown): RunFailure | null {
  if (error instanceof NotANumberError) return 'not-a-number';
  if (error instanceof NetworkRunError || error instanceof ProviderStartError) return runFailure(error.cause);
  if (error instanceof VoxelLoopError) return null;
  // The engine may not wrap its library's errors; an error that is unknown here is more likely ours.
  const failure = runFailure(error);
  return failure === 'other' ? null : failure;
}

/**
 * Says whether the same may go another time: memory that is short now, or a device that is gone, says nothing of what
 * an engine can do.
 */
export function isPassing(error: unknown): boolean {
  const failure = engineFailure(error);
  return failure === 'out-of-memory' || failure === 'device-lost';
}
