import { cudaWords, direct3dWords, type FailureWords, metalWords, wordsOf } from '../failure-words.ts';
import type { Provider } from './providers.ts';

/** These are the words of ONNX Runtime's own allocators, which every provider has. */
const allocators: FailureWords = { outOfMemory: [/failed to allocate memory|BFCArena/i], deviceLost: [] };

/** WebGPU stands on Vulkan, Direct3D or Metal. */
const webgpu: FailureWords = {
  outOfMemory: [
    /VK_ERROR_OUT_OF_/i,
    // It says so of tensors larger than its shaders can be given, and (seen with Mesa's lavapipe) where it got no
    // buffer.
    /too many storage buffers|container_internal::raw_hash_map<>::at/i,
  ],
  deviceLost: [],
};

const webAssembly: FailureWords = { outOfMemory: [/memory\.grow|could not allocate memory/i], deviceLost: [] };

export const onnxFailureWords: Readonly<Record<Provider, FailureWords>> = {
  cuda: wordsOf(allocators, cudaWords),
  webgpu: wordsOf(allocators, webgpu, direct3dWords, metalWords),
  coreml: wordsOf(allocators, metalWords),
  directml: wordsOf(allocators, direct3dWords),
  cpu: allocators,
  wasm: wordsOf(allocators, webAssembly),
};
