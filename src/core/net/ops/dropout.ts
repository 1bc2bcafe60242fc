import { SeededRandom } from '../../random.ts';
import { elementCount, knownShape } from '../shape.ts';
import { constant, operation, scalar, type Tensor } from '../tensor.ts';
import { add, greater, multiply, subtract } from './arithmetic.ts';
import { reshape, slice } from './rearrange.ts';

/** Random numbers are made from halves of 12 bits: their products stay below 2^24, which float32 counts exactly. */
const half = 2 ** 12;

/** Odd, below 2^11, one for each round of mixing; together with the keys they decide the mask. */
const multipliers = [1103, 1619, 1471, 1877, 1231] as const;

/** How many keys a mask takes. */
export const keysPerMask = multipliers.length;

/**
 * The keys of all masks of one training step, `[masks * keysPerMask]`, whole numbers in `[0, 2^12)`: they follow from seed and step alone, so that a run that is continued
 * drops what it would have dropped.
 */
export function maskKeys(seed: number, step: number, masks: number): Float32Array {
  const random = new SeededRandom(seed + Math.imul(step, 0x9e3779b1));
  return Float32Array.from({ length: masks * keysPerMask }, () => random.integer(half));
}

/**
 * Dropout (Srivastava et al. 2014), inverted: each element is 0 with probability `rate`, else divided by 1 - rate, so that its mean stays. y = x mask / (1 - rate), and
 * so dx = dy mask / (1 - rate).
 *
 * The mask is made in the graph: the element's place is encrypted with the keys, and dropped where the result is small. It is a Feistel network of two
 * 12-bit halves, (a, b) becomes (b, (a + floor((b + key) multiplier / 2^6)) mod 2^12), in whole numbers that float32 holds exactly and with operators that every provider
 * has: the same mask everywhere.
 *
 * @param x `[batch, channels, ...space]`
 * @param keys `[keysPerMask]`, of this layer and step
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
  // What does not fit into the halves moves the first keys.
  const overflow = [
    indices(rows, [rows, 1], (row) => (Math.floor(row / half) * 1663) % half),
    indices(pixels, [1, pixels], (pixel) => (Math.floor(pixel / half) * 2477) % half),
  ];
  const exceeds = [rows > half, pixels > half];
  multipliers.forEach((multiplier, round) => {
    let key = slice(keys, [{ axis: 0, start: round, end: round + 1 }]);
    if (exceeds[round]) key = modulo(add(key, overflow[round] as Tensor));
    const mixed = floor(multiply(add(b, key), scalar(multiplier / 2 ** 6)));
    [a, b] = [b, modulo(add(a, mixed))];
  });
  const threshold = Math.round(rate * half * half);
  const number = add(multiply(a, scalar(half)), b);
  const kept = multiply(greater(number, scalar(threshold - 1)), scalar(1 / (1 - rate)));
  return multiply(x, reshape(kept, x.shape));
}

function modulo(a: Tensor): Tensor {
  return subtract(a, multiply(floor(multiply(a, scalar(1 / half))), scalar(half)));
}

/** Not differentiated: masks depend on no weight. */
function floor(a: Tensor): Tensor {
  return operation('Floor', [a], a.shape);
}
