import process from 'node:process';

/** ONNX Runtime's execution providers that Voxel Loop runs networks on. */
export type Provider = 'cuda' | 'webgpu' | 'coreml' | 'directml' | 'cpu' | 'wasm';

export interface ProviderFacts {
  /** What the user reads. */
  readonly name: string;
  /** The package that has it: the native one, or the one for browsers, which is the same program compiled to WebAssembly. */
  readonly runtime: 'native' | 'wasm';
  /** As ONNX Runtime's session options call it. */
  readonly executionProvider: string;
  readonly onGpu: boolean;
  /**
   * Computes in fewer bits than float32 where it likes (TF32, float16): then agreement with the CPU is judged by what a
   * person would see, not by the last digits.
   */
  readonly reducedPrecision: boolean;
  /**
   * What becomes of nodes that it lacks, which ONNX Runtime would run on the CPU with a copy each way. `refused`: such a session does not start, so that
   * nobody wonders why it is slow; our graphs need none there (tested). `counted`: how many there are is said, because nobody has seen yet
   * whether our graphs need some, and an engine that computes right shall not be lost to one of them. `none`: it is the CPU's own.
   */
  readonly cpuNodes: 'refused' | 'counted' | 'none';
}

export const providers: Readonly<Record<Provider, ProviderFacts>> = {
  cuda: {
    ...{ name: 'ONNX Runtime CUDA', runtime: 'native', executionProvider: 'cuda' },
    ...{ onGpu: true, reducedPrecision: true, cpuNodes: 'counted' },
  },
  webgpu: {
    ...{ name: 'ONNX Runtime WebGPU', runtime: 'native', executionProvider: 'webgpu' },
    ...{ onGpu: true, reducedPrecision: false, cpuNodes: 'refused' },
  },
  coreml: {
    ...{ name: 'ONNX Runtime CoreML', runtime: 'native', executionProvider: 'coreml' },
    ...{ onGpu: true, reducedPrecision: true, cpuNodes: 'counted' },
  },
  directml: {
    ...{ name: 'ONNX Runtime DirectML', runtime: 'native', executionProvider: 'dml' },
    ...{ onGpu: true, reducedPrecision: false, cpuNodes: 'counted' },
  },
  cpu: {
    ...{ name: 'ONNX Runtime CPU', runtime: 'native', executionProvider: 'cpu' },
    ...{ onGpu: false, reducedPrecision: false, cpuNodes: 'none' },
  },
  wasm: {
    ...{ name: 'ONNX Runtime WASM', runtime: 'wasm', executionProvider: 'wasm' },
    ...{ onGpu: false, reducedPrecision: false, cpuNodes: 'none' },
  },
};

/** A machine, as far as it decides which binaries there are. */
export interface Platform {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Linux with musl's C library (Alpine), for which onnxruntime-node has no binary. */
  readonly isMusl: boolean;
}

export function thisPlatform(): Platform {
  const isMusl = process.platform === 'linux' && glibcVersion() === undefined;
  return { platform: process.platform, arch: process.arch, isMusl };
}

/** Since Node 22.13. */
type ReportWithoutNetwork = NodeJS.ProcessReport & { excludeNetwork?: boolean };

/** Only glibc's Node says which glibc it runs on. */
function glibcVersion(): string | undefined {
  const report: ReportWithoutNetwork | undefined = process.report;
  if (!report) return undefined;
  const before = report.excludeNetwork ?? false;
  // Else the names of all open connections are looked up first, and a machine without name service waits for seconds.
  report.excludeNetwork = true;
  try {
    return (report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime;
  } finally {
    report.excludeNetwork = before;
  }
}

/** By platform and architecture: what onnxruntime-node 1.30 brings, besides the CPU. CUDA's library is downloaded apart. */
const NATIVE: Readonly<Record<string, readonly Provider[]>> = {
  'linux-x64': ['cuda', 'webgpu'],
  'linux-arm64': [],
  'darwin-arm64': ['webgpu', 'coreml'],
  'win32-x64': ['webgpu', 'directml'],
  'win32-arm64': ['webgpu', 'directml'],
};

/**
 * The providers that there can be on a platform, those that are most likely fastest first. WASM is slower than the native
 * CPU provider wherever that exists, so it is the last resort.
 */
export function providersOf({ platform, arch, isMusl }: Platform): readonly Provider[] {
  const native = isMusl ? undefined : NATIVE[`${platform}-${arch}`];
  return native === undefined ? ['wasm'] : [...native, 'cpu', 'wasm'];
}
