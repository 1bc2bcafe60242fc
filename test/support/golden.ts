import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads `test/golden/<name>`. A missing golden file fails the test: it is never made up. Its path begins where tests and
 * benches are run from, the root of the repository, because a bench is bundled and lies elsewhere than this file.
 */
export function readGolden<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(join('test', 'golden', name), 'utf8')) as Shape;
}

/** A tensor in a golden file: float32, little-endian, base64. */
export interface EncodedTensor {
  readonly shape: readonly number[];
  readonly float32: string;
}

export function decodeTensor({ shape, float32 }: EncodedTensor): { shape: readonly number[]; data: Float32Array } {
  const bytes = Uint8Array.from(Buffer.from(float32, 'base64'));
  return { shape, data: new Float32Array(bytes.buffer) };
}
