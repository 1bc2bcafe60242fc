import { diceAndCrossEntropy } from './dice-cross-entropy.ts';
import { focalTversky } from './focal-tversky.ts';
import type { Loss } from './loss.ts';
import { oneMinusIou } from './one-minus-iou.ts';
import { oneMinusPrecision } from './one-minus-precision.ts';
import { softDice } from './soft-dice.ts';

/** Every loss by the name that plans use. */
export const losses = {
  'soft-dice': softDice,
  'dice-ce': diceAndCrossEntropy,
  'one-minus-precision': oneMinusPrecision,
  'one-minus-iou': oneMinusIou,
  'focal-tversky': focalTversky,
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;
