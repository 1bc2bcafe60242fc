import type { InferenceSession } from 'onnxruntime-common';
import { expect, it } from 'vitest';
import type { OnnxRuntime } from '../../../src/engine/onnx-runtime/load-runtime.ts';
import type { Provider } from '../../../src/engine/onnx-runtime/providers.ts';
import { createSession } from '../../../src/engine/onnx-runtime/session.ts';

/** A FAKE runtime: what these providers do with the option can be seen on machines that have them alone. */
async function optionsOf(provider: Provider): Promise<InferenceSession.SessionOptions | undefined> {
  let seen: InferenceSession.SessionOptions | undefined;
  const create = async (_: Uint8Array, options: InferenceSession.SessionOptions) => {
    seen = options;
    return {};
  };
  const runtime = { InferenceSession: { create } } as unknown as OnnxRuntime;
  await createSession(runtime, new Uint8Array(), { provider });
  return seen;
}

it.each([
  ['webgpu', true],
  ['cuda', true],
  ['directml', true],
  // Made for graphs in pieces.
  ['coreml', false],
  // With it, their own sessions would not start.
  ['cpu', false],
  ['wasm', false],
] as const)('whether nodes of %s may go to the CPU without a word: refused %s', async (provider, isRefused) => {
  const { extra } = (await optionsOf(provider)) ?? {};
  expect(extra).toEqual(isRefused ? { session: { disable_cpu_ep_fallback: '1' } } : undefined);
});
