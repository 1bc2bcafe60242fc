import type { Tensor } from '../tensor.ts';
import { concatenate } from './rearrange.ts';

/** All offsets inside a kernel, the last axis fastest. */
export function tapsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, offset) => [...tap, offset])),
    [[]],
  );
}

/** Joins few at a time: a GPU shader may bind only 8 storage buffers in the worst case. */
export function joinInGroups(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length <= groupSize) return concatenate(parts, axis);
  const joined: Tensor[] = [];
  for (let i = 0; i < parts.length; i += groupSize) joined.push(concatenate(parts.slice(i, i + groupSize), axis));
  return joinInGroups(joined, axis);
}

const groupSize = 7;
