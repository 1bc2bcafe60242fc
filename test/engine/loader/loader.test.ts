import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { TrainingError } from '../../../src/core/learn/learn-errors.ts';
import { type Plan, planViews } from '../../../src/core/learn/plan/plan.ts';
import { neighbourSlices, VolumePlanes } from '../../../src/core/learn/planes/plane-source.ts';
import { type StoredSlice, toStored } from '../../../src/core/learn/planes/stored-slice.ts';
import type { TrainingBatch } from '../../../src/core/learn/samples/batch-source.ts';
import { BatchMaker } from '../../../src/core/learn/samples/make-batch.ts';
import { sampleTable } from '../../../src/core/learn/samples/sample-table.ts';
import { CaseLoader, caseTruth } from '../../../src/engine/inputs/case-loader.ts';
import { findTrainableCases } from '../../../src/engine/inputs/find-cases.ts';
import { LoaderPool } from '../../../src/engine/loader/loader-pool.ts';
import { WorkerBatches } from '../../../src/engine/loader/worker-batches.ts';
import { prepareCohort } from '../../../src/engine/training/run/prepare.ts';
import { listCohort } from '../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { ballCohort } from '../../support/ball-cohort.ts';
import { bundleLoader } from '../../support/loader-file.ts';
import { SMALL_PLAN } from '../../support/small-plan.ts';

const PLAN: Plan = {
  ...SMALL_PLAN,
  furtherSlicings: ['sagittal'],
  neighbours: 1,
  network: { ...SMALL_PLAN.network, inChannels: 3 },
  plane: { kind: 'spacing', rowSpacingMm: 1.3, columnSpacingMm: 1, rows: 16, columns: 16 },
  batch: { size: 6, foregroundShare: 0.5, hardShare: 0.5 },
  augmentation: {
    ...SMALL_PLAN.augmentation,
    affine: { probability: 0.7, rotationDegrees: 20, scale: 0.1, shift: 0.1 },
    noise: { probability: 0.5, standardDeviation: 0.1 },
  },
};

async function openCohort(count: number, plan = PLAN, root?: string) {
  const cohort = root ? { root } : await ballCohort(count);
  const store = new CohortStore(cohort.root);
  const cases = await findTrainableCases(await listCohort(cohort.root), store, () => undefined);
  const open = async (options: { signal?: CancelSource; onFraction?: () => void } = {}) => {
    const prepared = await prepareCohort({
      plan,
      seed: 5,
      ignoredValue: null,
      folder: store.cacheFolder,
      train: cases.slice(0, count - 1),
      tune: cases.slice(count - 1),
      largestVoxels: 4000,
      workerFile: bundleLoader(),
      log: () => undefined,
      onFraction: options.onFraction ?? (() => undefined),
      ...(options.signal && { signal: options.signal.signal }),
    });
    onTestFinished(() => prepared.batches.close());
    return prepared;
  };
  const sliceFiles = () => readdirSync(store.cacheFolder).map((name) => join(store.cacheFolder, name));
  return { root: cohort.root, store, cases, open, sliceFiles };
}

/** The batches that one thread makes of the volumes themselves. */
async function naiveMaker(cases: Awaited<ReturnType<typeof openCohort>>['cases'], plan: Plan): Promise<BatchMaker> {
  const read: ((slice: number) => StoredSlice)[] = [];
  const labelled = [];
  for (const { slicing } of planViews(plan))
    for (const found of cases) {
      const loaded = await new CaseLoader(plan.labels, null).load(found);
      const { classes } = caseTruth(found, loaded, plan.labels);
      const planes = new VolumePlanes(loaded.image, { ...plan, slicing });
      const pixels = planes.rows * planes.columns;
      read.push((slice) => {
        const values = new Float32Array(3 * pixels);
        neighbourSlices(planes, slice, 1).forEach((each, index) => {
          planes.readPlane(each, values, index * pixels);
        });
        const { rows, columns, pixelAspect } = planes;
        return {
          slicing,
          rows,
          columns,
          pixelAspect,
          planes: toStored(values),
          classes: planes.targetPlane(classes, slice),
        };
      });
      labelled.push(
        Array.from({ length: planes.slices }, (_, slice) => ({
          slice,
          classes: [...new Set(planes.targetPlane(classes, slice))].filter((label) => label > 0).sort((a, b) => a - b),
        })),
      );
    }
  return new BatchMaker(plan, sampleTable(labelled), 5, (index, slice) => read[index](slice));
}

async function steps(source: { batch(step: number): Promise<TrainingBatch> }, from: number, to: number) {
  const batches: TrainingBatch[] = [];
  for (let step = from; step < to; step++) batches.push(await source.batch(step));
  return batches;
}

describe('prepareCohort', () => {
  it('gives the batches that one thread would make of the volumes themselves', async () => {
    const { cases, open } = await openCohort(4);
    const { batches } = await open();
    const naive = await naiveMaker(cases.slice(0, 3), PLAN);
    expect(batches.slices).toBe(96);
    expect(batches.stepsPerEpoch).toBe(16);
    expect(await steps(batches, 0, 6)).toEqual([0, 1, 2, 3, 4, 5].map((step) => naive.batch(step)));
    // A run that is resumed begins anywhere.
    const again = await open();
    expect(await again.batches.batch(4)).toEqual(naive.batch(4));
  });

  it('draws by difficulties from the step on that they are for, though batches were made ahead', async () => {
    const { cases, open } = await openCohort(3);
    const { batches } = await open();
    const naive = await naiveMaker(cases.slice(0, 2), PLAN);
    const difficulties = Float32Array.from({ length: batches.slices }, (_, slice) => (slice === 9 ? 1 : 0));
    await steps(batches, 0, 3);
    batches.setDifficulties(3, difficulties);
    naive.setDifficulties(3, difficulties);
    const found = await steps(batches, 3, 6);
    expect(found).toEqual([3, 4, 5].map((step) => naive.batch(step)));
    expect(found[0].samples.slice(3)).toEqual([9, 9, 9]);
    expect(() => batches.setDifficulties(5, difficulties)).toThrow(RangeError);
    expect(() => batches.setDifficulties(9, new Float32Array(3))).toThrow(RangeError);
  });

  it('gives tune cases one by one, as prediction would see them', async () => {
    const { cases, open } = await openCohort(3);
    const { tune } = await open();
    expect(tune.map(({ id }) => id)).toEqual([cases[2].files.id]);
    const planes = await tune[0].load();
    const loaded = await new CaseLoader(PLAN.labels, null).load(cases[2]);
    const live = new VolumePlanes(loaded.image, PLAN);
    const { classes } = caseTruth(cases[2], loaded, PLAN.labels);
    expect([planes.rows, planes.columns, planes.slices]).toEqual([live.rows, live.columns, 8]);
    expect(planes.labelled.map(({ slice }) => slice)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const [a, b] = [0, 1].map(() => new Float32Array(live.rows * live.columns));
    for (let slice = 0; slice < 8; slice++) {
      planes.readPlane(slice, a, 0);
      live.readPlane(slice, b, 0);
      a.forEach((value, at) => {
        expect(Math.abs(value - b[at])).toBeLessThan(0.0006);
      });
      expect(planes.target(slice)).toEqual(live.targetPlane(classes, slice));
    }
  });

  it('takes what an earlier run has prepared, and makes anew what is damaged', async () => {
    const { open, sliceFiles } = await openCohort(3);
    const first = await open();
    const expected = await steps(first.batches, 0, 3);
    await first.batches.close();
    const [kept, damaged] = sliceFiles();
    const before = statSync(kept).mtimeMs;
    const bytes = readFileSync(damaged);
    writeFileSync(damaged, bytes.fill(0, bytes.length - 30));
    const second = await open();
    expect(await steps(second.batches, 0, 3)).toEqual(expected);
    expect(statSync(kept).mtimeMs).toBe(before);
  });

  it('goes on, with the same batches, when its files are deleted or damaged meanwhile', async () => {
    const { open, sliceFiles, cases, store } = await openCohort(3);
    const naive = await naiveMaker(cases.slice(0, 2), PLAN);
    const { batches, tune } = await open();
    await steps(batches, 0, 2);
    for (const path of sliceFiles()) rmSync(path);
    expect(await steps(batches, 2, 8)).toEqual([2, 3, 4, 5, 6, 7].map((step) => naive.batch(step)));
    expect((await tune[0].load()).labelled).toHaveLength(8);
    for (const path of sliceFiles()) writeFileSync(path, 'damaged');
    expect(await steps(batches, 8, 14)).toEqual([8, 9, 10, 11, 12, 13].map((step) => naive.batch(step)));
    rmSync(store.cacheFolder, { recursive: true });
    expect((await tune[0].load()).labelled).toHaveLength(8);
  });

  it('refuses to make a case anew whose labels have changed', async () => {
    const { open, sliceFiles, cases } = await openCohort(3);
    const { batches, tune } = await open();
    await batches.batch(0);
    for (const path of sliceFiles()) rmSync(path);
    for (const { files } of cases) {
      const bytes = readFileSync(files.labels);
      bytes[400] ^= 1;
      writeFileSync(files.labels, bytes);
    }
    await expect(steps(batches, 1, 9)).rejects.toThrow(TrainingError);
    await expect(tune[0].load()).rejects.toThrow(/ball_2.*train again/);
  });

  it('keeps what the last training used and nothing else', async () => {
    const first = await openCohort(3);
    await (await first.open()).batches.close();
    const before = first.sliceFiles();
    expect(before).toHaveLength(5);
    const coarser: Plan = { ...PLAN, plane: { kind: 'stretch', rows: 16, columns: 16 } };
    const { open, sliceFiles } = await openCohort(3, coarser, first.root);
    await (await open()).batches.close();
    expect(sliceFiles()).toHaveLength(5);
    expect(sliceFiles().some((path) => before.includes(path))).toBe(false);
  });

  it('stops preparing when cancelled', async () => {
    const { open } = await openCohort(6);
    const signal = new CancelSource();
    await expect(open({ signal, onFraction: () => signal.cancel() })).rejects.toThrow(CancelledError);
  });

  it('rejects who waits when it is closed', async () => {
    const { open } = await openCohort(3);
    const { batches } = await open();
    const waiting = batches.batch(0);
    const closed = batches.close();
    await expect(waiting).rejects.toThrow(CancelledError);
    await closed;
  });
});

describe('WorkerBatches', () => {
  it('gives the same batches with any number of workers', async () => {
    const { cases, open, store } = await openCohort(3);
    const one = await open();
    const expected = await steps(one.batches, 0, 7);
    const preparation = { plan: PLAN, ignoredValue: null, folder: store.cacheFolder };
    const views = planViews(PLAN).flatMap(({ slicing }) => cases.slice(0, 2).map((found) => ({ found, slicing })));
    const pool = new LoaderPool(bundleLoader(), { preparation, cases: views, seed: 5 }, 3);
    const prepared = await Promise.all(views.map((_, index) => pool.prepare(index)));
    await pool.start(
      sampleTable(prepared.map(({ labelled }) => labelled)),
      prepared.map(({ key }) => key),
    );
    const three = new WorkerBatches(pool, one.batches.slices, PLAN, () => undefined);
    onTestFinished(() => three.close());
    expect(await steps(three, 0, 7)).toEqual(expected);
  });
});
