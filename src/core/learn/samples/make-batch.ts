import { inputChannels, type Plan } from '../plan/plan.ts';
import type { StoredSlice } from '../planes/stored-slice.ts';
import { augmentSample } from './augment/augment-sample.ts';
import type { TrainingBatch } from './batch-source.ts';
import { chooseWindow } from './choose-window.ts';
import { type HardUrn, SampleDraws } from './draw-samples.ts';
import type { SampleTable } from './sample-table.ts';

/** Makes whole batches, each a function of plan, seed, table and step (see `BatchSource`). */
export class BatchMaker {
  readonly #draws: SampleDraws;
  /** The newest is last. The one before it is kept too: until the newest is in force, steps need that one. */
  #difficulties: { readonly fromStep: number; readonly hard: HardUrn | undefined }[] = [];

  /** @param read returns what a sample is made of, by index of the case and slice */
  constructor(
    private readonly plan: Plan,
    private readonly table: SampleTable,
    seed: number,
    private readonly read: (caseIndex: number, slice: number) => StoredSlice,
  ) {
    this.#draws = new SampleDraws(table, plan.batch, seed);
  }

  /** See `BatchSource.setDifficulties`. */
  setDifficulties(fromStep: number, difficulties: Float32Array): void {
    const hard = this.#draws.hardUrn(difficulties);
    const earlier = this.#difficulties.filter((known) => known.fromStep < fromStep);
    this.#difficulties = [...earlier.slice(-1), { fromStep, hard }];
  }

  /** @throws whatever `read` throws */
  batch(step: number): TrainingBatch {
    const { plan, table } = this;
    const { rows, columns } = plan.plane;
    const pixels = rows * columns;
    const channels = inputChannels(plan);
    const { size } = plan.batch;
    const input = new Float32Array(size * channels * pixels);
    const target = new Float32Array(size * pixels);
    const outside = new Uint8Array(pixels);
    const draws = this.#draws.batch(step, this.#hardAt(step));
    draws.forEach(({ sample, label, random }, place) => {
      const slice = this.read(table.caseOf[sample], table.sliceOf[sample]);
      const window = chooseWindow(slice, plan.plane, label, random);
      augmentSample(slice, window, plan, random, {
        rows,
        columns,
        input: input.subarray(place * channels * pixels, (place + 1) * channels * pixels),
        target: target.subarray(place * pixels, (place + 1) * pixels),
        outside,
      });
    });
    return {
      input: { data: input, shape: [size, channels, rows, columns] },
      target: { data: target, shape: [size, rows, columns] },
      samples: draws.map(({ sample }) => sample),
    };
  }

  #hardAt(step: number): HardUrn | undefined {
    const inForce = this.#difficulties.filter(({ fromStep }) => fromStep <= step).at(-1);
    return inForce?.hard;
  }
}

/** Returns after how many steps as many slices were drawn as there are. */
export function stepsPerEpoch(slices: number, plan: Pick<Plan, 'batch'>): number {
  return Math.max(1, Math.ceil(slices / plan.batch.size));
}
