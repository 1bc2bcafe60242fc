import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../../src/core/learn/training/checkpoint-codec.ts';

const tensor = (...values: number[]) => ({ data: Float32Array.from(values), shape: [values.length] });

const checkpoint: Checkpoint = {
  run: { plan: { labels: ['größe', '🫀', 'a\u2028b'] }, seed: 7 },
  state: {
    step: 12,
    fraction: 1 / 3,
    trainedMs: 1234.5,
    weights: new Map([['up/1', { data: Float32Array.of(1, -2.5, 3e-8, 0), shape: [2, 2] }]]),
    optimizer: { step: 12, moments: new Map([['mean', tensor(0.1, 0.2, Number.MIN_VALUE, 4)]]) },
    losses: [0.1 + 0.2, 1e-300],
    curve: [
      { step: 6, loss: 0.5, tuneDice: null, learningRate: 1e-3 },
      { step: 12, loss: 0.25, tuneDice: 2 / 3, learningRate: 1e-4 },
    ],
    best: {
      step: 6,
      tuneDice: null,
      weights: new Map([['up/1', { data: Float32Array.of(4, 3, 2, 1), shape: [4, 1] }]]),
    },
    evaluationsSinceBest: 1,
    difficulties: [
      { fromStep: 6, values: Float32Array.of(0, Number.NaN, 1) },
      { fromStep: 14, values: Float32Array.of(1, 2, 3) },
    ],
  },
};

function file(of: Checkpoint): Uint8Array {
  return encodeCheckpoint(of);
}

describe('a checkpoint', () => {
  it('comes back as it was, from bytes at any address', () => {
    const bytes = file(checkpoint);
    expect(decodeCheckpoint(bytes)).toEqual(checkpoint);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeCheckpoint(shifted.subarray(1))).toEqual(checkpoint);
  });

  it('of a run without evaluation has no best', () => {
    const young: Checkpoint = {
      ...checkpoint,
      state: { ...checkpoint.state, best: null, difficulties: [], curve: [] },
    };
    expect(decodeCheckpoint(file(young))).toEqual(young);
  });

  it('is refused when cut off at any byte, when longer, and when it is something else', () => {
    const bytes = file(checkpoint);
    const refused = expect.objectContaining({ code: 'model-mismatch' });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrowError(refused);
    }
    expect(() => decodeCheckpoint(Uint8Array.of(...bytes, 0))).toThrowError(refused);
    expect(() => decodeCheckpoint(bytes.map((byte, at) => (at === 9 ? 33 : byte)))).toThrowError(refused);
    expect(() => decodeCheckpoint(new Uint8Array(100))).toThrowError(refused);
  });
});
