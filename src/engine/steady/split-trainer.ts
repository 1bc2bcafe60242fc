import type { OptimizerState, TensorValue, Trainer } from '../../core/net/graph/network-engine.ts';

/**
 * Does each step in parts, one after the other, on a device that has not the memory for the whole batch.
 *
 * Each part is a step of the optimizer with its share of the learning rate. To first order that is the step of the
 * whole batch, whose gradient is the mean of the parts' (the linear scaling of Goyal et al. 2017, backwards). So
 * batches, steps, epochs and the schedule stay as planned; moments and averaged weights are renewed more often.
 */
export class SplitTrainer implements Trainer {
  /**
   * @param trainer its graph is of `atOnce` slices
   * @param atOnce divides the batches
   */
  constructor(
    private readonly trainer: Trainer,
    private readonly atOnce: number,
  ) {}

  async step(input: TensorValue, target: TensorValue, learningRate: number): Promise<number> {
    const [batch = 0] = input.shape;
    const parts = batch / this.atOnce;
    let sum = 0;
    for (let part = 0; part < parts; part++) {
      sum += await this.trainer.step(this.#part(input, part), this.#part(target, part), learningRate / parts);
    }
    return sum / parts;
  }

  weights(): Promise<ReadonlyMap<string, TensorValue>> {
    return this.trainer.weights();
  }

  optimizer(): Promise<OptimizerState> {
    return this.trainer.optimizer();
  }

  close(): Promise<void> {
    return this.trainer.close();
  }

  #part({ data, shape: [batch = 0, ...rest] }: TensorValue, part: number): TensorValue {
    const size = (data.length / batch) * this.atOnce;
    return { data: data.subarray(part * size, (part + 1) * size), shape: [this.atOnce, ...rest] };
  }
}

/** Returns the largest part of a batch that is at most half of what was tried. It is null where that was one slice. */
export function halfOf(atOnce: number, batch: number): number | null {
  for (let part = Math.floor(atOnce / 2); part >= 1; part--) if (batch % part === 0) return part;
  return null;
}
