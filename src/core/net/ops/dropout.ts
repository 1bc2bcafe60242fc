import { SeededRandom } from '../../random.ts';
import { elementCount, knownShape } from '../graph/shape.ts';
import { constant, operation, scalar, type Tensor } from '../graph/tensor.ts';
import { add, greater, multiply, subtract } from './arithmetic.ts';
import { reshape, slice } from './rearrange.ts';

/** Random numbers are made from halves of 12 bits: their products stay below 2^24, which float32 counts exactly. */
const half = 2 ** 12;

/**
 * A mask takes so many keys: one for each round of mixing. With four, shares and correlations are still those of
 * chance; one is for safety.
 */
export const keysPerMask = 5;

/**
 * Makes the keys of all masks of one training step, `[masks * keysPerMask]`, odd numbers below 2^10. They follow from
 * seed and step alone, so that a run that is continued drops what it would have dropped.
 */
export function maskKeys(seed: number, step: number, masks: number): Float32Array {
  const random = new SeededRandom(seed + Math.imul(step, 0x9e3779b1));
  return Float32Array.from({ length: masks * keysPerMask }, () => 2 * random.integer(2 ** 9) + 1);
}

/**
 * Dropout (Srivastava et al. 2014), inverted: each element is 0 with probability `rate`, else divided by 1 - rate, so
 * that its mean stays. y = x mask / (1 - rate), and so dx = dy mask / (1 - rate).
 *
 * The mask is made in the graph: the element's place is encrypted with the keys, and dropped where the result is small.
 * It is a Feistel network of two 12-bit halves, (a, b) becomes (b, (a + floor(b^2 / 2^6) + b key) mod 2^12), in whole
 * numbers that float32 holds exactly and with operators that every provider has, so that the mask is the same
 * everywhere.
 *
 * @param x `[batch, channels, ...space]`
 * @param keys `[keysPerMask]`, those of this layer and step
 * @param rate `[0, 1)`
 */
export function dropout(x: Tensor, keys: Tensor, rate: number): Tensor {
  const [batch = 0, channels = 0, ...space] = knownShape(x.shape);
  const rows = batch * channels;
  const pixels = elementCount(space);
  const indices = (count: number, shape: readonly number[], of: (index: number) => number): Tensor =>
    constant(
      Float32Array.from({ length: count }, (_, index) => of(index)),
      shape,
    );
  let a = indices(rows, [rows, 1], (row) => row % half);
  let b = indices(pixels, [1, pixels], (pixel) => pixel % half);
  // The part of a place that does not fit into the halves moves keys of later rounds: by even numbers below 2^10, so
  // that they stay odd and below 2^11.
  const evenOf = (index: number, multiplier: number): number => 2 * ((Math.floor(index / half) * multiplier) % 2 ** 9);
  const moved = [
    undefined,
    rows > half ? indices(rows, [rows, 1], (row) => evenOf(row, 167)) : undefined,
    pixels > half ? indices(pixels, [1, pixels], (pixel) => evenOf(pixel, 229)) : undefined,
  ];
  for (let round = 0; round < keysPerMask; round++) {
    const own = slice(keys, [{ axis: 0, start: round, end: round + 1 }]);
    const by = moved[round];
    const key = by === undefined ? own : add(own, by);
    const squared = floor(multiply(multiply(b, b), scalar(1 / 2 ** 6)));
    [a, b] = [b, modulo(add(a, add(squared, multiply(b, key))))];
  }
  const threshold = Math.round(rate * half * half);
  // The half that was made last is mixed best.
  const number = add(multiply(b, scalar(half)), a);
  const kept = multiply(greater(number, scalar(threshold - 1)), scalar(1 / (1 - rate)));
  return multiply(x, reshape(kept, x.shape));
}

function modulo(a: Tensor): Tensor {
  return subtract(a, multiply(floor(multiply(a, scalar(1 / half))), scalar(half)));
}

/** It is not differentiated, because masks depend on no weight. */
function floor(a: Tensor): Tensor {
  return operation('Floor', [a], a.shape);
}
