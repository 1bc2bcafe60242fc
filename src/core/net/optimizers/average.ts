import { add, multiply, subtract } from '../ops/arithmetic.ts';
import { given, type Optimizer } from './optimizer.ts';

/** The state vector that holds the averaged weights. Unlike moments it starts as the weights. */
export const averageName = 'average';

/**
 * An optimizer that also keeps an exponential moving average of the weights (Polyak and Juditsky 1992; warm-up as in
 * TensorFlow's `ExponentialMovingAverage`): after step t, average = d average + (1 - d) weights with d = min(decay, (1
 * + t) / (10 + t)), so that the first weights, which are random, are soon forgotten.
 *
 * It is written average + (1 - d) (weights - average): as d is near 1, its complement is the number to give exactly.
 * @param decay `[0, 1)`
 */
export function withAverage(optimizer: Optimizer, decay: number): Optimizer {
  return {
    state: [...optimizer.state, averageName],
    scalars: [...optimizer.scalars, 'averageShare'],
    scalarsAt: (step, learningRate) => ({
      ...optimizer.scalarsAt(step, learningRate),
      averageShare: 1 - Math.min(decay, (1 + step) / (10 + step)),
    }),
    update: (values) => {
      const { weights, state } = optimizer.update(values);
      const before = given(values.state, averageName);
      const change = multiply(subtract(weights, before), given(values.scalars, 'averageShare'));
      return { weights, state: { ...state, [averageName]: add(before, change) } };
    },
  };
}
