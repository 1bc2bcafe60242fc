import type { Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import { diceAndCrossEntropy } from './dice-cross-entropy.ts';
import { focalTversky } from './focal-tversky.ts';
import { oneMinusIou } from './one-minus-iou.ts';
import { oneMinusPrecision } from './one-minus-precision.ts';
import { softDice } from './soft-dice.ts';
import type { Target } from './target.ts';

/**
 * Training makes this small: it is one number for a batch, 0 at best. Ignored pixels must have no influence on its
 * value or gradient, and a batch in which everything is ignored must have a finite value and gradient zero.
 */
export type Loss = (output: ClassScores, target: Target) => Tensor;

/** Every loss by the name that plans and the CLI use. A new loss is a file here and a line in this table. */
export const losses = {
  'soft-dice': softDice,
  'dice-ce': diceAndCrossEntropy,
  'one-minus-precision': oneMinusPrecision,
  'one-minus-iou': oneMinusIou,
  'focal-tversky': focalTversky,
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;
