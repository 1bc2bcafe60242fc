import { readFileSync } from 'node:fs';

/** Reads `test/golden/<name>`. A missing golden file fails the test: it is never made up. */
export function readGolden<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8')) as Shape;
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
