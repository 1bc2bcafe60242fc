import type { InferenceSession } from 'onnxruntime-common';
import { NetworkRunError, ProviderStartError } from '../../device/engine-errors.ts';
import type { OnnxRuntime } from './load-runtime.ts';
import { type Provider, providers } from './providers.ts';

export interface SessionSettings {
  readonly provider: Provider;
  /** The threads of one operator. Without it ONNX Runtime chooses, which gives one per core. */
  readonly threads?: number;
  /** These outputs stay where the provider has them. */
  readonly onDevice?: readonly string[];
  /** A profile (Chrome trace JSON) is written to files whose names start so. */
  readonly profilePrefix?: string;
}

/** Only errors are worth a line on stderr: warnings are about how ONNX Runtime optimises. */
const errorsOnly = 3;

/** @throws ProviderStartError */
export async function createSession(
  runtime: OnnxRuntime,
  model: Uint8Array,
  { provider, threads, onDevice = [], profilePrefix }: SessionSettings,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [providers[provider].executionProvider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    logSeverityLevel: errorsOnly,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    ...(providers[provider].cpuNodes === 'refused' ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
    ...(provider === 'webgpu' && onDevice.length > 0
      ? {
          preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer'])) as Record<
            string,
            'gpu-buffer'
          >,
        }
      : {}),
  };
  try {
    return await runtime.InferenceSession.create(model, options);
  } catch (cause) {
    throw new ProviderStartError(
      `${providers[provider].name} does not start here: choose another engine in the settings.`,
      { cause },
    );
  }
}

/**
 * @param outputs places for the results; without it they are new
 * @throws NetworkRunError
 */
export async function runSession(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  outputs?: InferenceSession.FetchesType,
): Promise<InferenceSession.ReturnType> {
  try {
    return await (outputs === undefined ? session.run(feeds) : session.run(feeds, outputs));
  } catch (cause) {
    throw new NetworkRunError(
      'The network could not be run: the image may be too large for the memory of this machine.',
      { cause },
    );
  }
}
