import { SeededRandom } from '../../random.ts';
import type { Plan } from '../plan/plan.ts';
import { mixSeeds } from './mix-seeds.ts';
import type { SampleTable } from './sample-table.ts';
import { shuffledIndex } from './shuffled-index.ts';

/** What is drawn for one place in a batch. */
export interface SampleDraw {
  /** An index into the table. */
  readonly sample: number;
  /** The label that it was drawn to show. It is null where it was drawn for no label. */
  readonly label: number | null;
  /** A generator for this place alone: whatever else is random about the sample comes from it. */
  readonly random: SeededRandom;
}

/** Keeps the streams of random numbers apart. */
const STREAM = { any: 1, label: 2, ofLabel: 3, hard: 4, place: 5 } as const;

/** One kind of draw is drawn from this: samples with the sum of weights up to and with each. */
interface Urn {
  /** Without these it is all samples in order. */
  readonly samples?: Int32Array;
  readonly cumulative: Float64Array;
}

/**
 * Decides which slices each batch shows, as a function of the seed and the step alone. The places of a batch are drawn
 * to show a label (each label equally often), among what the network gets wrong, or from all slices, in the plan's
 * shares.
 *
 * Each kind of draw goes through its slices in a shuffled order and begins anew, shuffled otherwise, when it is
 * through; weights stretch or shrink each slice's part of a round.
 */
export class SampleDraws {
  readonly #all: Urn;
  readonly #labels: readonly { readonly label: number; readonly urn: Urn }[];

  constructor(
    private readonly table: SampleTable,
    private readonly plan: Pick<Plan['batch'], 'size' | 'foregroundShare' | 'hardShare'>,
    private readonly seed: number,
  ) {
    this.#all = { cumulative: cumulate(table.weightOf) };
    this.#labels = table.byLabel.map(({ label, samples }) => ({
      label,
      urn: { samples, cumulative: cumulate(samples, (sample) => table.weightOf[sample]) },
    }));
  }

  /**
   * Returns what the hard share is drawn from. It is undefined where nothing is hard.
   * @param difficulties see `BatchSource`
   */
  hardUrn(difficulties: Float32Array): HardUrn | undefined {
    const { weightOf } = this.table;
    const cumulative = cumulate(difficulties, (difficulty, sample) =>
      difficulty > 0 && Number.isFinite(difficulty) ? difficulty * weightOf[sample] : 0,
    );
    return (cumulative.at(-1) ?? 0) > 0 ? { cumulative } : undefined;
  }

  /** Returns the places of the batch of `step`, in order. */
  batch(step: number, hard: HardUrn | undefined): SampleDraw[] {
    const { size, foregroundShare, hardShare } = this.plan;
    // Shares are kept over the steps: a share of a tenth of four slices is one slice in every second or third batch.
    const showing = this.#labels.length > 0 ? foregroundShare : 0;
    const difficult = hard ? Math.min(hardShare, 1 - showing) : 0;
    const drawnUntil = (share: number, until: number) => Math.round(until * size * share);
    const draws: SampleDraw[] = [];
    const place = () => new SeededRandom(mixSeeds(this.seed, STREAM.place, step, draws.length));
    for (let k = drawnUntil(showing, step); k < drawnUntil(showing, step + 1); k++) {
      const random = place();
      draws.push({ ...this.#drawLabel(k, random), random });
    }
    for (let k = drawnUntil(difficult, step); hard && k < drawnUntil(difficult, step + 1); k++) {
      if (draws.length === size) break;
      const random = place();
      draws.push({ sample: this.#draw(hard, STREAM.hard, k, random), label: null, random });
    }
    const before = step * size - drawnUntil(showing, step) - drawnUntil(difficult, step);
    for (let k = Math.max(0, before); draws.length < size; k++) {
      const random = place();
      draws.push({ sample: this.#draw(this.#all, STREAM.any, k, random), label: null, random });
    }
    return draws;
  }

  #drawLabel(k: number, random: SeededRandom): { sample: number; label: number } {
    const labels = this.#labels;
    const round = Math.floor(k / labels.length);
    const key = mixSeeds(this.seed, STREAM.label, round);
    const { label, urn } = labels[shuffledIndex(k % labels.length, labels.length, key)];
    return { sample: this.#draw(urn, STREAM.ofLabel + label * 8, round, random), label };
  }

  /**
   * Makes draw `k` of a stream: every draw of a round has a cell of its own, a random number is taken in it, and the
   * sample whose part that falls into is drawn.
   */
  #draw({ samples, cumulative }: Urn, stream: number, k: number, random: SeededRandom): number {
    const count = cumulative.length;
    const key = mixSeeds(this.seed, stream, Math.floor(k / count));
    const cell = shuffledIndex(k % count, count, key);
    const index = firstAbove(cumulative, ((cell + random.uniform()) / count) * cumulative[count - 1]);
    return samples ? samples[index] : index;
  }
}

export type HardUrn = Urn;

function cumulate<T extends Float32Array | Int32Array>(
  values: T,
  weight: (value: number, index: number) => number = (value) => value,
): Float64Array {
  const cumulative = new Float64Array(values.length);
  let sum = 0;
  values.forEach((value, index) => {
    sum += weight(value, index);
    cumulative[index] = sum;
  });
  return cumulative;
}

/** Returns the first index whose element is above `value`, or the last where rounding leaves none. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
