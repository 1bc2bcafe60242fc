import type { Tensor } from '../graph/tensor.ts';
import type { ClassScores } from '../layers/classification-head.ts';
import type { Target } from './target.ts';

/**
 * Training makes this small: it is one number for a batch, 0 at best. Ignored pixels must have no influence on its
 * value or gradient, and a batch in which everything is ignored must have a finite value and gradient zero.
 */
export type Loss = (output: ClassScores, target: Target) => Tensor;
