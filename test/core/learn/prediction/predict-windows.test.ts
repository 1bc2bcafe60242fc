import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MirrorAxis, Plan, Slicing } from '../../../../src/core/learn/plan/plan.ts';
import { predictionMemoryBytes } from '../../../../src/core/learn/plan/training-memory.ts';
import type { PlaneSource } from '../../../../src/core/learn/planes/plane-source.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan } from '../../../../src/core/learn/planning/make-plan.ts';
import { planMirrorings } from '../../../../src/core/learn/prediction/mirroring.ts';
import { predictSlices } from '../../../../src/core/learn/prediction/predict-slices.ts';
import { predictionWindows } from '../../../../src/core/learn/prediction/tiles.ts';
import type { Predictor } from '../../../../src/core/net/graph/network-engine.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { BALL_LABELS, ballCase } from '../../../support/learn-cases.ts';

const { image, truth } = ballCase(1);
const made = makePlan({
  preset: 'auto',
  labels: BALL_LABELS,
  channelNames: ['image'],
  cores: 2,
  onGpu: false,
  memoryBytes: 2 ** 34,
  cases: [caseFingerprint(image, truth, 3)],
});

interface PlanChanges {
  readonly rows: number;
  readonly columns: number;
  readonly window: 'whole' | 'tiles';
  readonly mirror?: readonly MirrorAxis[];
  readonly slicing?: Slicing;
  readonly neighbours?: number;
  readonly channels?: number;
}

function planWith({
  rows,
  columns,
  window,
  mirror = [],
  slicing = 'axial',
  neighbours = 0,
  channels = 1,
}: PlanChanges): Plan {
  return {
    ...made,
    slicing,
    neighbours,
    channels: Array.from({ length: channels }, () => made.channels[0]),
    plane: { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows, columns },
    prediction: { ...made.prediction, window, mirror: [...mirror] },
  };
}

/** Planes of noise. */
class NoisePlanes implements PlaneSource {
  readonly neighbourStep = 1;
  readonly planes: Float32Array[];

  constructor(
    readonly slices: number,
    readonly channels: number,
    readonly rows: number,
    readonly columns: number,
    seed: number,
  ) {
    const random = new SeededRandom(seed);
    this.planes = Array.from({ length: slices }, () =>
      Float32Array.from({ length: channels * rows * columns }, () => random.uniform(0, 1)),
    );
  }

  readPlane(slice: number, target: Float32Array, offset: number): void {
    target.set(this.planes[slice], offset);
  }
}

/** Class c of pixel (row, column): any function of the input as the network sees it. */
type Rule = (input: (channel: number, row: number, column: number) => number, row: number, column: number) => number;

/** A "network" of three classes: `rule`, its square, and the rest. */
function predictorOf(rule: Rule, batches: number[] = []): Predictor {
  return {
    predict: async ({ data, shape }) => {
      const [batch, channels, rows, columns] = shape;
      batches.push(batch * rows * columns);
      const pixels = rows * columns;
      const output = new Float32Array(batch * 3 * pixels);
      for (let b = 0; b < batch; b++) {
        const input = (channel: number, row: number, column: number) =>
          row < 0 || column < 0 || row >= rows || column >= columns
            ? 0
            : data[(b * channels + channel) * pixels + row * columns + column];
        for (let pixel = 0; pixel < pixels; pixel++) {
          const value = rule(input, Math.floor(pixel / columns), pixel % columns);
          output.set([1 - value], (b * 3 + 0) * pixels + pixel);
          output.set([value - value ** 2], (b * 3 + 1) * pixels + pixel);
          output.set([value ** 2], (b * 3 + 2) * pixels + pixel);
        }
      }
      return { data: output, shape: [batch, 3, rows, columns] };
    },
    close: async () => undefined,
  };
}

async function predictAll(source: PlaneSource, plan: Plan, predictor: Predictor): Promise<Float32Array[][]> {
  const found: Float32Array[][] = [];
  const all = Array.from({ length: source.slices }, (_, slice) => slice);
  for await (const { slice, planeProbabilities } of predictSlices(source, all, plan, predictor)) {
    found[slice] = planeProbabilities.map((plane) => Float32Array.from(plane));
  }
  return found;
}

function expectClose(found: readonly Float32Array[], expected: readonly ArrayLike<number>[]): void {
  found.forEach((plane, label) => {
    const worst = plane.reduce((most, value, pixel) => Math.max(most, Math.abs(value - expected[label][pixel])), 0);
    expect(worst).toBeLessThan(1e-5);
  });
}

const extent = fc.integer({ min: 1, max: 40 });
const tile = fc.integer({ min: 1, max: 4 }).map((blocks) => blocks * 4);

describe('predictionWindows', () => {
  it('cover the plane with tiles that overlap by half and stay inside where they can', () => {
    fc.assert(
      fc.property(extent, extent, tile, tile, (rows, columns, tileRows, tileColumns) => {
        const plan = planWith({ rows: tileRows, columns: tileColumns, window: 'tiles' });
        const windows = predictionWindows({ rows, columns }, plan);
        const covered = new Set<string>();
        for (const window of windows) {
          expect([window.rows, window.columns]).toEqual([tileRows, tileColumns]);
          for (let row = 0; row < tileRows; row++) {
            for (let column = 0; column < tileColumns; column++) {
              covered.add(`${row + window.rowStart} ${column + window.columnStart}`);
            }
          }
        }
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) expect(covered.has(`${row} ${column}`)).toBe(true);
        }
        const starts = [...new Set(windows.map(({ rowStart }) => rowStart))];
        expect(starts.length === 1).toBe(rows <= tileRows);
        if (rows < tileRows) return;
        expect([starts[0], starts.at(-1)]).toEqual([0, rows - tileRows]);
        for (let n = 1; n < starts.length; n++)
          expect(starts[n] - starts[n - 1]).toBeLessThanOrEqual(tileRows / 2 + 0.5);
      }),
    );
  });

  it('are the same one window where the slice fits, whole or tiled', () => {
    fc.assert(
      fc.property(extent, extent, (rows, columns) => {
        const of = (window: 'whole' | 'tiles') =>
          predictionWindows({ rows, columns }, planWith({ rows: 40, columns: 40, window }));
        expect(of('tiles')).toEqual(of('whole'));
        expect(of('tiles')).toHaveLength(1);
      }),
    );
  });
});

describe('predictSlices', () => {
  it('gives in tiles what it gives at once, for a network that looks at one pixel only', async () => {
    const look = predictorOf((input, row, column) => input(0, row, column));
    await fc.assert(
      fc.asyncProperty(extent, extent, tile, tile, fc.nat(), async (rows, columns, tileRows, tileColumns, seed) => {
        const source = new NoisePlanes(2, 1, rows, columns, seed);
        const changes = { rows: tileRows, columns: tileColumns };
        const whole = await predictAll(source, planWith({ ...changes, window: 'whole' }), look);
        const tiled = await predictAll(source, planWith({ ...changes, window: 'tiles' }), look);
        whole.forEach((planes, slice) => {
          // At once it is exact: nothing is weighted.
          expect(planes[0]).toEqual(source.planes[slice].map((value) => 1 - value));
          expectClose(tiled[slice], planes);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('weighs tiles as the written-out Gaussian does', async () => {
    const source = new NoisePlanes(1, 1, 19, 13, 5);
    const plan = planWith({ rows: 8, columns: 12, window: 'tiles' });
    // What it says depends on where in the tile a pixel lies.
    const place = (row: number, column: number) => (row * 3 + column) / 60;
    const [[background]] = await predictAll(
      source,
      plan,
      predictorOf((_, row, column) => place(row, column)),
    );
    const weight = (index: number, length: number) => Math.exp(-(((index - (length - 1) / 2) / (length / 8)) ** 2) / 2);
    for (let row = 0; row < 19; row++) {
      for (let column = 0; column < 13; column++) {
        let [sum, total] = [0, 0];
        for (const rowStart of [0, 4, 7, 11]) {
          for (const columnStart of [0, 1]) {
            const [r, c] = [row - rowStart, column - columnStart];
            if (r < 0 || c < 0 || r >= 8 || c >= 12) continue;
            const w = weight(r, 8) * weight(c, 12);
            sum += w * (1 - place(r, c));
            total += w;
          }
        }
        expect(background[row * 13 + column]).toBeCloseTo(sum / total, 5);
      }
    }
  });

  const lopsided: Rule = (input, row, column) =>
    // Channels 0, 1 are the slice before, 4, 5 the one behind.
    (input(0, row, column) +
      2 * input(2, row, column - 1) +
      3 * input(3, row + 2, column) +
      4 * input(5, row, column)) /
    10;

  it.each([
    ['axial', ['left-right']],
    ['axial', ['anterior-posterior']],
    ['axial', ['superior-inferior']],
    ['axial', ['left-right', 'anterior-posterior', 'superior-inferior']],
    ['coronal', ['left-right', 'anterior-posterior']],
    ['sagittal', ['left-right', 'superior-inferior']],
  ] as const)('averages over mirror images of the volume itself: %s, %j', async (slicing, mirror) => {
    // By slicing: which anatomical axis runs down the plane, across it, and through the slices.
    const runs = {
      axial: ['anterior-posterior', 'left-right', 'superior-inferior'],
      coronal: ['superior-inferior', 'left-right', 'anterior-posterior'],
      sagittal: ['superior-inferior', 'anterior-posterior', 'left-right'],
    }[slicing];
    const [slices, channels, rows, columns] = [3, 2, 8, 4];
    const source = new NoisePlanes(slices, channels, rows, columns, 11);
    const changes = { rows, columns, window: 'whole', slicing, neighbours: 1, channels } as const;
    const found = await predictAll(source, planWith({ ...changes, mirror }), predictorOf(lopsided));

    const turn = (planes: readonly Float32Array[], flipped: readonly boolean[], depth: number) => {
      const [flipRows, flipColumns, flipSlices] = flipped;
      return planes.map((_, slice) =>
        Float32Array.from({ length: depth * rows * columns }, (__, at) => {
          const [layer, row, column] = [Math.floor(at / rows / columns), Math.floor(at / columns) % rows, at % columns];
          const from = planes[flipSlices ? planes.length - 1 - slice : slice];
          return from[
            (layer * rows + (flipRows ? rows - 1 - row : row)) * columns + (flipColumns ? columns - 1 - column : column)
          ];
        }),
      );
    };
    let combinations = [[false, false, false]];
    for (const axis of mirror) {
      const mirrored = combinations.map((flips) => flips.map((flip, n) => flip || runs[n] === axis));
      combinations = combinations.concat(mirrored);
    }
    expect(combinations).toHaveLength(2 ** mirror.length);
    const expected = Array.from({ length: slices }, () => [0, 1, 2].map(() => new Float64Array(rows * columns)));
    for (const flipped of combinations) {
      const mirrored = new NoisePlanes(slices, channels, rows, columns, 0);
      mirrored.planes.splice(0, slices, ...turn(source.planes, flipped, channels));
      const seen = await predictAll(mirrored, planWith(changes), predictorOf(lopsided));
      for (const label of [0, 1, 2]) {
        turn(
          seen.map((planes) => planes[label]),
          flipped,
          1,
        ).forEach((plane, slice) => {
          plane.forEach((value, pixel) => {
            expected[slice][label][pixel] += value / combinations.length;
          });
        });
      }
    }
    for (const [slice, planes] of found.entries()) expectClose(planes, expected[slice]);
  });

  it('mirrors tiles one by one, in bounded batches', async () => {
    const source = new NoisePlanes(40, 1, 70, 90, 3);
    const plan = planWith({ rows: 32, columns: 32, window: 'tiles', mirror: ['left-right', 'anterior-posterior'] });
    const batches: number[] = [];
    const found = await predictAll(
      source,
      plan,
      predictorOf((input, row, column) => input(0, row, column), batches),
    );
    for (const [slice, planes] of found.entries()) {
      expectClose(planes.slice(0, 1), [source.planes[slice].map((value) => 1 - value)]);
    }
    expect(Math.max(...batches)).toBeLessThanOrEqual(32 * 32 * 32);
    expect(batches.length).toBe(Math.ceil((40 * 4 * 5 * 4) / 32));
  });

  it('gives a device of its own as many images at once as its memory holds, and the same results', async () => {
    const source = new NoisePlanes(7, 1, 128, 128, 3);
    const plan = planWith({ rows: 128, columns: 128, window: 'whole' });
    const look: Rule = (input, row, column) => input(0, row, column);
    const run = async (memoryBytes?: number) => {
      const batches: number[] = [];
      const found = await predictAll(source, plan, { ...predictorOf(look, batches), memoryBytes });
      return { found, images: batches.map((pixels) => pixels / 128 ** 2) };
    };
    const inMainMemory = await run();
    expect(inMainMemory.images).toEqual([5, 2]);
    const perImage = predictionMemoryBytes(plan, 128 ** 2);
    const small = await run(2.5 * perImage);
    expect(small.images).toEqual([2, 2, 2, 1]);
    expect((await run(perImage / 2)).images[0]).toBe(1);
    const large = await run(2 ** 40);
    expect(large.images).toEqual([7]);
    for (const { found } of [small, large]) expect(found).toEqual(inMainMemory.found);
  });

  it('prepares the next batch while the device works, and lets it end before anything is closed', async () => {
    const source = new NoisePlanes(12, 1, 128, 128, 3);
    const plan = planWith({ rows: 128, columns: 128, window: 'whole' });
    const look = predictorOf((input, row, column) => input(0, row, column));
    const events: string[] = [];
    const read = source.readPlane.bind(source);
    source.readPlane = (slice, ...rest) => {
      if (slice % 5 === 0) events.push(`prepare ${slice / 5}`);
      read(slice, ...rest);
    };
    let runs = 0;
    const predict: Predictor['predict'] = async (input) => {
      const run = runs++;
      events.push(`begin ${run}`);
      // As a device does, beside this thread.
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`end ${run}`);
      return look.predict(input);
    };
    const slices = Array.from({ length: 12 }, (_, slice) => slice);
    for await (const { slice } of predictSlices(source, slices, plan, { ...look, predict })) {
      if (slice === 5) break;
    }
    expect(events).toEqual([
      ...['prepare 0', 'begin 0', 'prepare 1', 'end 0'],
      ...['begin 1', 'prepare 2', 'end 1', 'begin 2', 'end 2'],
    ]);
  });

  it('does not predict the same image twice where there are no neighbours to mirror', () => {
    const changes = { rows: 8, columns: 8, window: 'whole', mirror: ['superior-inferior'] } as const;
    expect(planMirrorings(planWith(changes))).toHaveLength(1);
    expect(planMirrorings(planWith({ ...changes, neighbours: 1 }))).toHaveLength(2);
  });
});
