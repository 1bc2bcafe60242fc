import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thirdPartyNotices } from '../../scripts/package.mjs';
import { repositoryRoot } from '../gates/run-gate.ts';

const packages = join(repositoryRoot, 'node_modules');
/** What is built into a library leaves the paths of its sources there, by the name of its folder. */
const SOURCE_FOLDER = /_deps[/\\]([A-Za-z0-9_.-]+)-src/g;
/** As the notices name what lies in those folders. */
const NAMES: Readonly<Record<string, string>> = {
  abseil_cpp: 'abseil-cpp',
  dawn: 'dawn',
  microsoft_wil: 'microsoft/wil',
  onnx: 'onnx',
  protobuf: 'protocolbuffers/protobuf',
  re2: 'google/re2',
};

describe('the notices in the package', () => {
  const notices = thirdPartyNotices([]);
  const headings = new Set(notices.split(/\r?\n/));

  it.each([
    ['onnxruntime-node', 'bin/napi-v6/linux/x64/libonnxruntime.so.1'],
    ['onnxruntime-node', 'bin/napi-v6/win32/x64/onnxruntime.dll'],
    ['onnxruntime-node', 'bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib'],
    ['onnxruntime-web', 'dist/ort-wasm-simd-threaded.wasm'],
  ])('name what the library of %s links in: %s', (name, file) => {
    const library = readFileSync(join(packages, name, file), 'latin1');
    const linked = [...new Set([...library.matchAll(SOURCE_FOLDER)].map(([, folder]) => folder))];
    expect(linked).not.toEqual([]);
    for (const folder of linked) expect(headings, folder).toContain(NAMES[folder] ?? folder);
  });

  it('name what leaves no path behind, and what lies beside the library on Windows', () => {
    for (const name of [
      'Eigen',
      'google/flatbuffers',
      'nlohmann/json',
      'Microsoft GSL',
      'pytorch/cpuinfo',
      'KleidiAI',
    ]) {
      expect(headings).toContain(name);
    }
    expect(headings).toContain('google/XNNPACK');
    expect(notices).toContain('DirectML.dll');
    expect(notices).toContain('dxcompiler.dll');
  });

  it('are those of the version that ships', () => {
    const { version } = JSON.parse(readFileSync(join(packages, 'onnxruntime-node/package.json'), 'utf8'));
    expect(notices).toContain(`The libraries of onnxruntime-node and onnxruntime-web ${version} contain what follows.`);
  });
});
