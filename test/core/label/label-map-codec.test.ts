import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/core/binary/byte-writer.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import {
  decodeLabelMap,
  decodeLabelMapInPieces,
  encodeLabelMap,
  encodeLabelMapInPieces,
} from '../../../src/core/label/label-map-codec.ts';
import { LabelMapFormatError } from '../../../src/core/label/label-map-errors.ts';

/** A little more than one piece. */
const SHAPE: Vec3 = [128, 128, 70];
const SIZE = 128 * 128 * 70;
const PIECE = 2 ** 20;

/** The format as its comment has it, voxel by voxel. */
function naiveBytes(labels: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writer.magic('VLLM');
  writer.byte(1);
  for (const n of SHAPE) writer.varint(n);
  for (let from = 0; from < labels.length; ) {
    let to = from;
    while (to < labels.length && labels[to] === labels[from]) to++;
    writer.varint(labels[from]);
    writer.varint(to - from);
    from = to;
  }
  return writer.finish();
}

describe('label maps as bytes', () => {
  it('are the same in pieces and at once, runs over the end of a piece included', async () => {
    const range = fc.record({
      from: fc.oneof(fc.integer({ min: PIECE - 40, max: PIECE + 10 }), fc.nat(SIZE - 60)),
      length: fc.integer({ min: 1, max: 50 }),
      label: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 12 }), async (ranges) => {
        const labels = new Uint8Array(SIZE);
        for (const { from, length, label } of ranges) labels.fill(label, from, from + length);
        const map = LabelMap.fromDense(SHAPE, labels);
        let pauses = 0;
        const pause = async () => void pauses++;
        const bytes = await encodeLabelMapInPieces(map, pause);
        expect(pauses).toBe(1);
        expect(Buffer.compare(bytes, naiveBytes(labels))).toBe(0);
        expect(Buffer.compare(bytes, encodeLabelMap(map))).toBe(0);
        const back = await decodeLabelMapInPieces(bytes, SHAPE, pause);
        expect(Buffer.compare(Uint8Array.from(back.read(0, SIZE)), labels)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('of very many runs are read with pauses, and refused in pieces as they are at once', async () => {
    const labels = Uint8Array.from({ length: SIZE }, (_, at) => (at < 300_000 ? at % 2 : 0));
    const bytes = encodeLabelMap(LabelMap.fromDense(SHAPE, labels));
    let pauses = 0;
    const pause = async () => void pauses++;
    const back = await decodeLabelMapInPieces(bytes, undefined, pause);
    expect(pauses).toBeGreaterThan(2);
    expect(Buffer.compare(Uint8Array.from(back.read(0, SIZE)), labels)).toBe(0);
    const cut = bytes.slice(0, -1);
    expect(() => decodeLabelMap(cut)).toThrow(LabelMapFormatError);
    await expect(decodeLabelMapInPieces(cut, undefined, pause)).rejects.toThrow(LabelMapFormatError);
    await expect(decodeLabelMapInPieces(bytes, [1, 2, 3], pause)).rejects.toThrow(LabelMapFormatError);
  });
});
