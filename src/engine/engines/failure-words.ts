/**
 * The words by which a runtime says why a run failed. None of the runtimes gives codes that JavaScript would see, so
 * every engine brings the words of what it runs on.
 */
export interface FailureWords {
  /** Fewer slices at once may still go. */
  readonly outOfMemory: readonly RegExp[];
  /** Nothing will go on the device any more. */
  readonly deviceLost: readonly RegExp[];
}

/** All words of several runtimes, for an engine that stands on more than one. */
export function wordsOf(...runtimes: readonly FailureWords[]): FailureWords {
  return {
    outOfMemory: runtimes.flatMap(({ outOfMemory }) => outOfMemory),
    deviceLost: runtimes.flatMap(({ deviceLost }) => deviceLost),
  };
}

/** What CUDA and its libraries say, whichever runtime calls them. */
export const cudaWords: FailureWords = {
  outOfMemory: [/STATUS_ALLOC_FAILED|DEVICE_ALLOCATION_FAILED|cudaErrorMemoryAllocation/i],
  // After an error that is not about memory a CUDA context can do nothing any more.
  deviceLost: [/CUDA (failure|error)|cudaError|CUBLAS|CUDNN/i],
};

export const direct3dWords: FailureWords = {
  outOfMemory: [/8007000E/i],
  deviceLost: [/887A000[567]/i],
};

export const metalWords: FailureWords = {
  outOfMemory: [/insufficient memory/i],
  deviceLost: [/MTLCommandBufferError|GPU (hang|timeout|was reset)/i],
};
