import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as v from 'valibot';

/** What onnxruntime-node says of the libraries that its npm package is too small for. */
export interface CudaPackage {
  /** Address of the index of the package feed (NuGet's V3 protocol). */
  readonly feed: string;
  readonly name: string;
  readonly version: string;
  /** Paths in the package of the files that CUDA takes. */
  readonly files: readonly string[];
}

/** The content of `script/install-metadata.js` of onnxruntime-node, which its own install script goes by. */
const installMetadata = v.object({
  manifests: v.record(v.string(), v.record(v.string(), v.object({ package: v.string(), path: v.string() }))),
  packages: v.record(
    v.string(),
    v.object({ name: v.string(), versions: v.array(v.object({ feed: v.string(), version: v.string() })) }),
  ),
  feeds: v.record(v.string(), v.object({ type: v.string(), index: v.pipe(v.string(), v.url()) })),
});

/**
 * One of these loads CUDA, and ONNX Runtime loads it through the other. TensorRT's library lies in the package too, and
 * is not needed.
 */
const LIBRARIES = /\/libonnxruntime_providers_(cuda|shared)\.so$/;

/**
 * Returns the folder of the installed onnxruntime-node.
 * @throws if it is not installed
 */
export function nativeRuntimeFolder(): string {
  return dirname(createRequire(__filename).resolve('onnxruntime-node/package.json'));
}

/**
 * Says whether there is a native runtime. The packages of Voxel Loop for platforms that it has no library for come
 * without it.
 */
export function hasNativeRuntime(): boolean {
  try {
    nativeRuntimeFolder();
    return true;
  } catch {
    return false;
  }
}

/** @param folder that of onnxruntime-node */
export function nativeRuntimeVersion(folder: string): string {
  return v.parse(v.object({ version: v.string() }), createRequire(__filename)(join(folder, 'package.json'))).version;
}

/**
 * Returns the package that belongs to an installed onnxruntime-node, by its own account: libraries of another version
 * would not load.
 * @throws ValiError if it says so in another way than version 1.30 does
 */
export function cudaPackage(folder: string): CudaPackage {
  const metadata = v.parse(installMetadata, createRequire(__filename)(join(folder, 'script', 'install-metadata.js')));
  const files = Object.values(metadata.manifests['linux/x64:cuda12'] ?? {}).filter(({ path }) => LIBRARIES.test(path));
  const found = metadata.packages[files[0]?.package ?? ''];
  const version = found?.versions[0];
  const feed = metadata.feeds[version?.feed ?? ''];
  if (!found || !version || feed?.type !== 'nuget') throw new Error('onnxruntime-node names no package for CUDA 12.');
  return { feed: feed.index, name: found.name, version: version.version, files: files.map(({ path }) => path) };
}
