import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/core/errors.ts';
import { ModelMismatchError } from '../../../src/core/learn/learn-errors.ts';
import { NetworkRunError, ProviderStartError } from '../../../src/engine/device/engine-errors.ts';
import { engineFailure, runFailure } from '../../../src/engine/engines/run-failure.ts';

describe('what a failed run says of its engine', () => {
  it.each([
    'Non-zero status code returned while running Conv node. Failed to allocate memory for requested buffer of size 4831838208',
    'Available memory of 134217728 is smaller than requested bytes of 603979776, BFCArena::AllocateRawInternal',
    'CUDA failure 2: out of memory ; GPU=0 ; hostname=node7 ; file=cuda_allocator.cc',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0',
    'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
    'GPUOutOfMemoryError: Out of memory',
    'D3D12 create buffer failed with E_OUTOFMEMORY (0x8007000E)',
    'Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
    'OOM when allocating tensor with shape[8,64,512,512] and type float on /job:localhost',
    'std::bad_alloc',
    'numbers_storage_buffers_ <= limits_.maxStorageBuffersPerShaderStage was false. Too many storage buffers in shader. Current: 17, Max is 16',
    'WebAssembly.Memory.grow(): Maximum memory size exceeded',
    'Array buffer allocation failed',
  ])('out of memory: %s', (words) => {
    expect(runFailure(new Error(words))).toBe('out-of-memory');
  });

  it.each([
    'Device lost: GPU connection was lost',
    'The device was lost.',
    'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST',
    'DXGI_ERROR_DEVICE_REMOVED (0x887A0005)',
    'CUDA failure 700: an illegal memory access was encountered ; GPU=0',
    'CUDNN failure 5003: CUDNN_STATUS_EXECUTION_FAILED_CUDART',
  ])('device lost: %s', (words) => {
    expect(runFailure(new Error(words))).toBe('device-lost');
  });

  it('of others nothing is known; what is no failure of an engine is not answered as one', () => {
    const cause = new Error('Got invalid dimensions for input: image');
    expect(engineFailure(new NetworkRunError('It could not be run.', { cause }))).toBe('other');
    expect(engineFailure(new ProviderStartError('It does not start.', { cause: new Error('std::bad_alloc') }))).toBe(
      'out-of-memory',
    );
    expect(engineFailure(new RangeError('Array buffer allocation failed'))).toBe('out-of-memory');
    for (const error of [
      new CancelledError(),
      new ModelMismatchError('Another model.'),
      new TypeError('no function'),
    ]) {
      expect(engineFailure(error)).toBeNull();
    }
  });
});
