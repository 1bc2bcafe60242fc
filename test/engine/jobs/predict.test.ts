import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { caseDice } from '../../../src/core/learn/training/case-dice.ts';
import { OverlapCounter } from '../../../src/core/metrics/overlap-counter.ts';
import type { PredictParams, PredictProgress } from '../../../src/core/protocol/engine/predict.ts';
import { EngineTrials } from '../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../src/engine/choice/known-engines.ts';
import { readModelFile } from '../../../src/engine/inputs/model-file.ts';
import { predict } from '../../../src/engine/jobs/predict.ts';
import { train } from '../../../src/engine/jobs/train/train.ts';
import { readProposalFacts, readProposalFile } from '../../../src/node/cohort/proposals/proposal-file.ts';
import { readLabelVolume } from '../../../src/node/volumes/labels/label-volume.ts';
import { readVolumeHeader } from '../../../src/node/volumes/read-volume.ts';
import { BALL_SHAPE, type BallCohort, ballCohort } from '../../support/ball-cohort.ts';
import { enginesWith } from '../../support/faulty-engine.ts';
import { BALL_LABELS } from '../../support/learn-cases.ts';
import { bundleWorkers } from '../../support/loader-file.ts';
import { niftiBytes } from '../../support/nifti-bytes.ts';
import { shortVolume, tinyGrid } from '../../support/tiny-volume.ts';

const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
afterAll(() => engines.close());
const context = { engines, signal: new CancelSource().signal, progress: () => undefined, log: () => undefined };

function request(image: string, model: string, output: PredictParams['output']): PredictParams {
  return { channels: [image], timeIndex: 0, model, engine: 'cpu', output };
}

let folder: string;
let cohort: BallCohort;
let modelDir: string;

// Trained once: it is the most expensive part by far.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));
  cohort = await ballCohort(6, 5, undefined, folder);
  const params = { cohortRoot: cohort.root, preset: 'auto', engine: 'cpu', epochs: 60, seed: 1 } as const;
  ({ modelDir } = await train(params, { ...context, workerFiles: bundleWorkers(folder) }));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('predict', () => {
  it.each([
    ['every voxel is NaN', () => Number.NaN, /all_odd\.nii: No voxel of this image is a number/],
    ['every voxel is the same', () => 7, /all_odd\.nii: Every voxel of this image has the value 7/],
    ['all but a few voxels are infinite', (n: number) => (n < 3 ? n : 1 / 0), /no numbers \(NaN or infinite\)/],
  ])('never takes for an image what is none (r10): %s', async (_name, value, sentence) => {
    const image = join(folder, 'all_odd.nii');
    writeFileSync(image, floatImage(value));
    for (const output of [
      { kind: 'labels', path: join(folder, 'odd', 'labels.nii.gz') },
      { kind: 'proposal', folder: join(folder, 'odd') },
    ] as const) {
      await expect(predict(request(image, modelDir, output), context)).rejects.toMatchObject({
        code: 'unusable-image',
        message: expect.stringMatching(sentence),
      });
    }
    expect(existsSync(join(folder, 'odd'))).toBe(false);
  });

  it('predicts an image with some voxels that are no numbers, and says how many', async () => {
    const image = join(folder, 'some_odd.nii');
    const path = join(folder, 'some_odd_labels.nii.gz');
    writeFileSync(
      image,
      floatImage((n) => (n % 4 === 0 ? Number.NaN : n % 7)),
    );
    const { notes } = await predict(request(image, modelDir, { kind: 'labels', path }), context);
    const count = BALL_SHAPE[0] * BALL_SHAPE[1] * BALL_SHAPE[2];
    expect(notes).toEqual([
      `some_odd.nii: ${count / 4} of ${count} voxels (25 %) are no numbers (NaN or infinite); a model takes them for the mean of the image.`,
    ]);
  });

  it('says in a label file what is odd about the header, and leaves it to the editor in a proposal', async () => {
    const voxels = new Uint8Array(
      Float32Array.from({ length: 2 * BALL_SHAPE[0] * BALL_SHAPE[1] * BALL_SHAPE[2] }, (_, n) => n % 200).buffer,
    );
    const ordinary = { dimensions: [...BALL_SHAPE, 2], datatype: [16, 4] as const, voxels };
    const image = join(folder, 'odd_header.nii');
    const path = join(folder, 'odd_header_labels.nii.gz');
    const notesOf = async (output: PredictParams['output']) =>
      (await predict(request(image, modelDir, output), context)).notes;
    // r01: pixdim contradicts the sform.
    writeFileSync(image, niftiBytes({ ...ordinary, pixdim: [1, 0.5, 0.5, 2, 1, 1, 1, 1] }));
    expect(await notesOf({ kind: 'labels', path })).toEqual([
      'odd_header.nii: The voxel sizes of this file (0.5 x 0.5 x 2 mm) contradict its sform, by which they are 1 x 1 x 1 mm; the sform is used.',
      'odd_header.nii: This file holds 2 volumes, of which the first one is taken.',
    ]);
    expect(await notesOf({ kind: 'proposal', folder: join(folder, 'odd_header') })).toEqual([]);
    writeFileSync(image, niftiBytes({ ...ordinary, sformCode: 0 }));
    expect(await notesOf({ kind: 'labels', path })).toContain(
      'odd_header.nii: This file does not say how the patient lies: left and right, front and back may be swapped.',
    );
  });

  it('writes a label file on the grid of the image, and a proposal of the same labels', async () => {
    const { root, image, labels } = cohort;
    const path = join(root, 'predictions', 'ball_0.nii.gz');
    const fractions: number[] = [];
    const result = await predict(request(image('ball_0'), modelDir, { kind: 'labels', path }), {
      ...context,
      progress: ({ fraction }) => fractions.push(fraction),
    });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(result).toMatchObject({ path, reused: false, modelName: 'model 1', reviewAxis: 2 });
    expect(result.uncertainty).toHaveLength(BALL_SHAPE[2]);
    // Spacing is 1 mm: the largest piece of a ball is nearly all of it.
    for (const label of [1, 2]) {
      const volumes = result.components
        .filter((component) => component.label === label)
        .map(({ volumeMm3 }) => volumeMm3);
      expect(Math.max(...volumes)).toBeGreaterThan(0.7 * result.labels[label].voxels);
      expect(volumes.reduce((sum, volume) => sum + volume, 0)).toBeCloseTo(result.labels[label].voxels);
    }

    const written = await readLabelVolume(path, { table: BALL_LABELS });
    const truth = await readLabelVolume(labels('ball_0'), { table: BALL_LABELS });
    expect(written.header.grid).toEqual((await readVolumeHeader(image('ball_0'))).grid);
    expect(result.labels.map(({ voxels }) => voxels)).toEqual([0, 1, 2].map((label) => written.labelMap.count(label)));
    const counter = new OverlapCounter(3);
    counter.addLabelMaps(written.labelMap, truth.labelMap);
    for (const dice of caseDice(counter)) expect(dice).toBeGreaterThan(0.7);

    const proposals = join(root, '.voxel-loop', 'proposals', 'ball_0');
    const proposed = await predict(
      request(image('ball_0'), modelDir, { kind: 'proposal', folder: proposals }),
      context,
    );
    const proposal = await readProposalFile(proposed.path, [24, 20, 8]);
    expect(proposal?.facts).toMatchObject({
      modelVersion: 1,
      modelName: 'model 1',
      engineName: 'ONNX Runtime CPU',
      reviewAxis: 2,
      labels: BALL_LABELS.map(({ value, name }) => ({ value, name })),
      uncertainty: result.uncertainty,
      disagreement: result.disagreement,
      distance: result.distance,
      areaMm2: result.areaMm2,
      components: result.components,
    });
    expect(proposal?.labelMap.read(0, 24 * 20 * 8)).toEqual(written.labelMap.read(0, 24 * 20 * 8));
  });

  it('keeps with a proposal what the review queue goes by, the same each time', async () => {
    const { root, image } = cohort;
    const facts = async (folder: string, path = image('ball_1')) => {
      const output = { kind: 'proposal', folder: join(root, folder) } as const;
      const { path: written } = await predict({ ...request(path, modelDir, output), evenLabels: true }, context);
      const found = await readProposalFacts(written);
      if (!found) throw new Error('The proposal was not written.');
      return found;
    };
    const first = await facts('a');
    const { created: _, ...again } = await facts('b');
    expect(first).toMatchObject(again);
    const slices = BALL_SHAPE[2];
    expect([first.uncertainty, first.distance, first.areaMm2].map((signal) => signal?.length)).toEqual([
      ...[slices, slices, slices],
    ]);
    // Seen from one side only, nothing can disagree.
    const { plan } = await readModelFile(modelDir);
    expect(first.disagreement?.length).toBe(plan.furtherSlicings.length > 0 ? slices : undefined);
    const volumeMm3 = first.components.reduce((sum, component) => sum + component.volumeMm3, 0);
    expect(first.areaMm2?.reduce((sum, area) => sum + area, 0)).toBeCloseTo(volumeMm3);

    // A chessboard is like no training slice, and a case of the cohort is.
    const [nx, ny, nz] = BALL_SHAPE;
    const chessboard = join(root, 'chessboard.nii');
    const squares = Array.from({ length: nx * ny * nz }, (_, voxel) => 900 * ((voxel + Math.floor(voxel / nx)) % 2));
    writeFileSync(chessboard, shortVolume(tinyGrid(BALL_SHAPE), squares));
    const refused = { kind: 'proposal', folder: join(root, 'refused') } as const;
    // It holds two whole numbers, as a label map does.
    await expect(predict(request(chessboard, modelDir, refused), context)).rejects.toMatchObject({
      code: 'looks-like-labels',
    });
    const strange = await facts('c', chessboard);
    const smallest = Math.min(...(strange.distance ?? []));
    const largest = Math.max(...(first.distance ?? []));
    expect(smallest).toBeGreaterThan(2 * largest);

    // A model that was taken out of its version's folder does not know.
    const alone = join(root, 'alone');
    mkdirSync(alone);
    copyFileSync(join(modelDir, 'model.onnx'), join(alone, 'model.onnx'));
    const output = { kind: 'proposal', folder: join(root, 'd') } as const;
    expect((await predict(request(image('ball_1'), alone, output), context)).distance).toBeNull();
    const warnings: string[] = [];
    writeFileSync(join(alone, 'training-slices.json'), '{');
    const damaged = await predict(request(image('ball_2'), alone, output), {
      ...context,
      log: (level, message) => warnings.push(`${level}: ${message}`),
    });
    expect(damaged.distance).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(/^warning: .*training-slices\.json/)]);
  });

  it('says what it runs on before it does, and takes no engine that a process died on', async () => {
    const { root, image } = cohort;
    const path = join(root, 'in-use', 'ball_0.nii.gz');
    const auto = { ...request(image('ball_0'), modelDir, { kind: 'labels', path }), engine: 'auto' } as const;
    const told: (string | undefined)[] = [];
    const runs: (string | undefined)[] = [];
    const failing = await enginesWith({
      cuda: () => 'It is not to be taken.',
      webgpu: () => {
        runs.push(told.at(-1));
        return 'Device lost';
      },
      cpu: () => {
        runs.push(told.at(-1));
        return null;
      },
    });
    const progress = ({ engine }: PredictProgress) => told.push(engine && `${engine.id} ${engine.isReference}`);
    const { engineName, notes } = await predict(
      { ...auto, without: ['cuda'] },
      { ...context, engines: failing, progress },
    );
    expect(engineName).toBe('faulty cpu');
    expect(notes).toEqual(['faulty webgpu lost its device: prediction goes on with faulty cpu.']);
    expect([...new Set(runs)]).toEqual(['webgpu false', 'cpu true']);
    await failing.close();
  });

  it('takes a proposal that is there, and makes another one for another image, axis or model', async () => {
    const { root, image } = cohort;
    const output = { kind: 'proposal', folder: join(root, '.voxel-loop', 'proposals', 'ball_5') } as const;
    const first = await predict(request(image('ball_5'), modelDir, output), context);
    const before = statSync(first.path).mtimeMs;
    const again = await predict(request(image('ball_5'), modelDir, output), context);
    expect(again).toEqual({ ...first, reused: true, engineName: null, seconds: again.seconds });
    expect(statSync(first.path).mtimeMs).toBe(before);

    const along = await predict({ ...request(image('ball_5'), modelDir, output), reviewAxis: 0 }, context);
    expect(along.path).not.toBe(first.path);
    expect(along.uncertainty).toHaveLength(BALL_SHAPE[0]);
    copyFileSync(image('ball_4'), image('ball_5'));
    const changed = await predict(request(image('ball_5'), modelDir, output), context);
    expect(changed).toMatchObject({ reused: false });
    expect(changed.path).not.toBe(first.path);
  });

  it('says what is wrong with a model or an image', async () => {
    const { root, image } = cohort;
    const output = { kind: 'labels', path: join(root, 'out.nii.gz') } as const;
    const outcome = (changes: Partial<PredictParams>) =>
      predict({ ...request(image('ball_0'), modelDir, output), ...changes }, context);
    await expect(outcome({ model: join(root, 'none.onnx') })).rejects.toMatchObject({ code: 'file-access' });
    const noModel = join(root, 'no.onnx');
    writeFileSync(noModel, 'hello');
    await expect(outcome({ model: noModel })).rejects.toMatchObject({ code: expect.stringContaining('model') });
    await expect(outcome({ channels: [image('ball_0'), image('ball_1')] })).rejects.toMatchObject({
      code: 'model-mismatch',
    });
    writeFileSync(join(root, 'cut.nii'), readFileSync(image('ball_0')).subarray(0, 1000));
    await expect(outcome({ channels: [join(root, 'cut.nii')] })).rejects.toMatchObject({ code: 'volume-truncated' });
    const source = new CancelSource();
    source.cancel();
    const cancelled = predict(request(image('ball_0'), modelDir, output), { ...context, signal: source.signal });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});

function floatImage(value: (n: number) => number): Uint8Array {
  const count = BALL_SHAPE[0] * BALL_SHAPE[1] * BALL_SHAPE[2];
  const voxels = new Uint8Array(Float32Array.from({ length: count }, (_, n) => value(n)).buffer);
  return niftiBytes({ dimensions: BALL_SHAPE, datatype: [16, 4], voxels });
}
