import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { learntLabels } from '../../../../src/core/cohort/records/learnt-labels.ts';
import { encodeImageHeader } from '../../../../src/core/formats/nifti/image-header.ts';
import { parseNiftiHeader } from '../../../../src/core/formats/nifti/nifti-header.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { parsePlan } from '../../../../src/core/learn/plan/plan.ts';
import type { TrainParams, TrainProgress } from '../../../../src/core/protocol/engine/train.ts';
import { VOXEL_TYPES } from '../../../../src/core/volume/voxel-type.ts';
import { EngineTrials } from '../../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../../src/engine/choice/known-engines.ts';
import { readModelFile } from '../../../../src/engine/inputs/model-file.ts';
import { train } from '../../../../src/engine/jobs/train/train.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { writeLabelVolume } from '../../../../src/node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../../../../src/node/volumes/read-volume.ts';
import { BALL_SHAPE, ballCohort } from '../../../support/ball-cohort.ts';
import { BALL_LABELS } from '../../../support/learn-cases.ts';
import { bundleWorkers } from '../../../support/loader-file.ts';

const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
afterAll(() => engines.close());

interface Run {
  readonly params?: Partial<TrainParams>;
  readonly source?: CancelSource;
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly warnings?: string[];
}

function trainHere(cohortRoot: string, { params, source, onProgress, warnings }: Run = {}) {
  return train(
    { cohortRoot, preset: 'auto', engine: 'cpu', epochs: 25, seed: 1, ...params },
    {
      engines,
      workerFiles: bundleWorkers(),
      signal: (source ?? new CancelSource()).signal,
      progress: (progress) => onProgress?.(progress),
      log: (level, message) => {
        if (level === 'warning') warnings?.push(message);
      },
    },
  );
}

/** A review along k of the label file that is there. */
async function writeReview(
  store: CohortStore,
  id: string,
  labels: string,
  accepted: (slice: number) => boolean,
): Promise<void> {
  const labelsFingerprint = await fileFingerprint(labels);
  const slices = Array.from({ length: BALL_SHAPE[2] }, (_, slice) => ({
    state: accepted(slice) ? ('accepted' as const) : ('edited' as const),
  }));
  await store.writeCaseRecord(id, serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices }));
}

describe('train', () => {
  it('says that a plan file is missing or no JSON before it looks at any case', async () => {
    const { root } = await ballCohort(3, 3);
    const phases: string[] = [];
    const planFile = join(root, 'mine.json');
    const attempt = () =>
      trainHere(root, { params: { planFile }, onProgress: ({ fraction }) => phases.push(`${fraction}`) });
    await expect(attempt()).rejects.toMatchObject({ message: expect.stringContaining('mine.json') });
    writeFileSync(planFile, '{"batch":');
    await expect(attempt()).rejects.toMatchObject({ code: 'plan-override' });
    expect(phases).toEqual([]);
    expect(existsSync(join(root, '.voxel-loop', 'training.lock'))).toBe(false);
  });

  it('learns, judges on cases that it never saw, writes a whole version and activates it', async () => {
    const { root } = await ballCohort(8, 8, ['ball_6', 'ball_7']);
    const phases: string[] = [];
    const fractions: number[] = [];
    const result = await trainHere(root, {
      onProgress: ({ phase, fraction }) => {
        if (phases.at(-1) !== phase) phases.push(phase);
        fractions.push(fraction);
      },
    });
    expect(phases).toEqual(['preparing', 'training', 'evaluating']);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(result).toMatchObject({
      version: 1,
      activated: true,
      holdoutCases: 2,
      previousHoldoutDice: null,
      trainedCases: 5,
      acceptedSlices: 5 * BALL_SHAPE[2],
      trainedSlices: 5 * BALL_SHAPE[2],
      stopped: false,
    });
    expect(result.holdoutDice).toBeGreaterThan(0.7);
    expect(result.perLabel.map(({ name }) => name)).toEqual(['left ball', 'right ball']);

    const store = new CohortStore(root);
    expect(await store.models.active()).toBe(1);
    const card = await store.models.card(1);
    expect(card.data.holdout).toEqual(['ball_6', 'ball_7']);
    expect([...card.data.train, ...card.data.tune].sort()).toEqual([0, 1, 2, 3, 4, 5].map((n) => `ball_${n}`));
    expect(card.metrics.holdout?.meanDice).toBe(result.holdoutDice);
    const model = await readModelFile(result.modelDir);
    expect(model).toMatchObject({ version: 1, name: 'model 1' });
    expect(parsePlan(card.plan)).toEqual(model.plan);
    const record = await store.readRecord();
    expect(record?.holdout).toEqual(['ball_6', 'ball_7']);
    expect(record?.seen).toHaveLength(6);
    expect(existsSync(join(root, '.voxel-loop', 'training.lock'))).toBe(false);
  });

  it('with epochs depends on the seed alone', async () => {
    const [a, b, c] = [await ballCohort(4), await ballCohort(4), await ballCohort(4)];
    const bytes = async (root: string, seed: number) =>
      readFileSync(join((await trainHere(root, { params: { epochs: 2, seed } })).modelDir, 'model.onnx'));
    const first = await bytes(a.root, 1);
    expect((await bytes(b.root, 1)).equals(first)).toBe(true);
    expect((await bytes(c.root, 2)).equals(first)).toBe(false);
  });

  it('writes where it was told to and leaves the cohort as it is', async () => {
    const [cohort, elsewhere] = [await ballCohort(3), await ballCohort(0)];
    const outDir = join(elsewhere.root, 'state');
    const result = await trainHere(cohort.root, { params: { epochs: 1, outDir } });
    expect(result.modelDir).toBe(join(outDir, 'models', '1'));
    expect(existsSync(join(cohort.root, '.voxel-loop'))).toBe(false);
  });

  it('keeps to what the cohort reviewed and holds out, also where models go elsewhere', async () => {
    const { root, labels } = await ballCohort(6);
    const first = await trainHere(root, { params: { epochs: 1 } });
    const store = new CohortStore(root);
    const { holdout } = await store.models.card(first.version).then(({ data }) => data);
    const id = ['ball_0', 'ball_1'].find((name) => !holdout.includes(name)) as string;
    await writeReview(store, id, labels(id), (slice) => slice === 3);
    const all = await trainHere(root, { params: { epochs: 1 } });
    const elsewhere = join((await ballCohort(0)).root, 'state');
    const apart = await trainHere(root, { params: { epochs: 1, outDir: elsewhere } });
    expect(apart.trainedSlices).toBe(all.trainedSlices);
    const card = await new CohortStore(root, elsewhere).models.card(1);
    expect(card.data.holdout).toEqual(holdout);
  });

  it('does not look at what nobody accepted: another drawing there gives the same model, bit for bit', async () => {
    const train = async (unreviewed: number) => {
      const { root, image, labels } = await ballCohort(3, 3, []);
      const image0 = await readVolumeHeader(image('ball_0'));
      const { labelMap, table } = await readLabelVolume(labels('ball_0'), { table: BALL_LABELS });
      const slice = BALL_SHAPE[0] * BALL_SHAPE[1];
      labelMap.fill(5 * slice, 3 * slice, unreviewed);
      await writeLabelVolume(labels('ball_0'), { image: image0, labelMap, table });
      await writeReview(new CohortStore(root), 'ball_0', labels('ball_0'), (k) => k < 5);
      const { modelDir, trainedSlices } = await trainHere(root, { params: { epochs: 2 } });
      expect(trainedSlices).toBe(5 + 2 * BALL_SHAPE[2]);
      return readFileSync(join(modelDir, 'model.onnx'));
    };
    expect((await train(0)).equals(await train(2))).toBe(true);
  });

  it('leaves out labels that lie elsewhere in space than their image: they would be learned mirrored', async () => {
    const { root, labels } = await ballCohort(3);
    const file = readFileSync(labels('ball_1'));
    // srow_x of the sform: voxel i now runs to the left.
    file.writeFloatLE(-1, 280);
    writeFileSync(labels('ball_1'), file);
    const warnings: string[] = [];
    const result = await trainHere(root, { params: { epochs: 1 }, warnings });
    expect(result.trainedCases).toBe(2);
    expect(warnings).toEqual([expect.stringContaining('ball_1 is left out')]);
  });

  it('leaves out an image in the place of a label file, whose values are no labels of the others', async () => {
    const { root, image, labels } = await ballCohort(2);
    const table = Array.from({ length: 300 }, (_, value) => ({ value, name: `n${value}`, color: '#000000' }));
    const voxels = Uint16Array.from({ length: BALL_SHAPE.reduce((a, b) => a * b) }, (_, n) => n % 300);
    const labelMap = LabelMap.fromDense(BALL_SHAPE, voxels);
    await writeLabelVolume(labels('ball_0'), { image: await readVolumeHeader(image('ball_0')), labelMap, table });
    const { trainedCases, leftOut } = await trainHere(root, { params: { epochs: 1 } });
    expect(trainedCases).toBe(1);
    expect(leftOut).toEqual([{ id: 'ball_0', reason: expect.stringMatching(/297 values that.*may be an image/) }]);
  });

  it('names the file that cannot be read, and trains on the others', async () => {
    const { root, image } = await ballCohort(3);
    writeFileSync(image('ball_1'), 'hello');
    const { leftOut, notes, trainedCases } = await trainHere(root, { params: { epochs: 1 } });
    expect(trainedCases).toBe(2);
    expect(leftOut).toEqual([{ id: 'ball_1', reason: expect.stringMatching(/^imagesTr\/ball_1\.nii: This is not/) }]);
    expect(notes).toEqual([expect.stringContaining('Case ball_1 is left out: imagesTr/ball_1.nii: This is not')]);
  });

  it('never learns from an image that holds nothing (r10), and says of others what is odd', async () => {
    const { root, image, labels } = await ballCohort(5, 5, []);
    const change = (path: string, write: (file: Buffer) => void) => {
      const file = readFileSync(path);
      write(file);
      writeFileSync(path, file);
    };
    const fill = (path: string, value: number, every = 1) =>
      change(path, (file) => {
        for (let at = 352; at < file.length; at += 4 * every) file.writeFloatLE(value, at);
      });
    fill(image('ball_0'), Number.NaN);
    fill(image('ball_1'), 7);
    fill(image('ball_2'), Number.NaN, 2);
    // A header that lost its geometry: neither sform nor qform, and voxels of another size.
    for (const path of [image('ball_3'), labels('ball_3')]) {
      change(path, (file) => {
        file.writeInt16LE(0, 254);
        file.writeFloatLE(3, 80);
      });
    }
    const value = BALL_LABELS[1].value;
    const itkSnap = `# ITK-SnAP Label Description File\n${value} 255 0 0 1 1 1 "kidney"\n`;
    writeFileSync(labels('ball_2').replace(/\.nii(\.gz)?$/, '.txt'), itkSnap);
    // r05: an intercept that is nearly nothing, as a program leaves it that scales.
    change(labels('ball_3'), (file) => file.writeFloatLE(1e-5, 116));
    // r01: voxel sizes that contradict the sform.
    change(image('ball_4'), (file) => file.writeFloatLE(3, 80));
    const { leftOut, notes } = await trainHere(root, { params: { epochs: 1 } });
    expect([...leftOut].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: 'ball_0', reason: expect.stringMatching(/^ball_0\.nii: No voxel of this image is a number/) },
      { id: 'ball_1', reason: expect.stringMatching(/^ball_1\.nii: Every voxel of this image has the value 7/) },
    ]);
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ball_2\.nii: 1920 of 3840 voxels \(50 %\) are no numbers/),
        expect.stringMatching(
          /^The header of case ball_3 does not say how the patient lies, and those of 2 other cases do/,
        ),
        expect.stringMatching(/^By its header, a voxel of case ball_3 is 3 x .* mm, and in most others 1 x /),
        // What the editor, `info` and `predict` say of them as well.
        expect.stringMatching(/^Image of cases? ball_4: The voxel sizes of this file \(3 x .*\) contradict its sform/),
      ]),
    );
    // What a file beside the labels of a case calls them is said where it is not what they train as.
    expect(notes).toContainEqual(
      expect.stringMatching(
        /^Labels of case ball_2: ball_2\.txt names label \d+ "kidney" \(here ".*"\): the names here count\./,
      ),
    );
    expect(notes).toContainEqual(expect.stringMatching(/^Labels of case ball_3: This label file holds scaled numbers/));
    // Said once, by the sentence that says more.
    expect(notes.filter((note) => /how the patient lies/.test(note))).toHaveLength(1);
  });

  it('learns from a label file that holds a piece of its image, at its place (r04)', async () => {
    const { root, image, labels } = await ballCohort(2);
    const train = async () =>
      readFileSync(join((await trainHere(root, { params: { epochs: 1 } })).modelDir, 'model.onnx'));
    const whole = await train();
    rmSync(join(root, '.voxel-loop'), { recursive: true });
    // All but the first column, which holds no label.
    const { labelMap, table, header } = await readLabelVolume(labels('ball_0'), { table: BALL_LABELS });
    const [nx, ny, nz] = BALL_SHAPE;
    const piece = new LabelMap([nx - 1, ny, nz]);
    for (let row = 0; row < ny * nz; row++) piece.write(row * (nx - 1), labelMap.read(row * nx + 1, nx - 1));
    expect([1, 2].map((label) => piece.count(label))).toEqual([1, 2].map((label) => labelMap.count(label)));
    const { spacingMm, voxelToWorld } = header.grid;
    const moved = voxelToWorld.map((value, at) => ([3, 7, 11].includes(at) ? value + voxelToWorld[at - 3] : value));
    const grid = { shape: piece.shape, spacingMm, voxelToWorld: moved };
    const cropped = parseNiftiHeader(encodeImageHeader(grid, VOXEL_TYPES.u8));
    await writeLabelVolume(labels('ball_0'), { image: cropped, labelMap: piece, table });
    expect((await readVolumeHeader(labels('ball_0'))).dimensions).toEqual([nx - 1, ny, nz]);
    expect((await readVolumeHeader(image('ball_0'))).dimensions).toEqual([nx, ny, nz]);
    expect((await train()).equals(whole)).toBe(true);
  });

  it('leaves a case with a damaged record out, by name, and trains on the others', async () => {
    const { root } = await ballCohort(4);
    const store = new CohortStore(root);
    const record = store.caseRecordPath('ball_2');
    await mkdir(join(record, '..'), { recursive: true });
    writeFileSync(record, '{');
    const warnings: string[] = [];
    await trainHere(root, { params: { epochs: 1 }, warnings });
    expect(warnings).toEqual([expect.stringMatching(/^Case ball_2 is left out: .*ball_2\.json: .*not valid JSON/)]);
    const { data } = await store.models.card(1);
    expect([...data.train, ...data.tune, ...data.holdout]).not.toContain('ball_2');
  });

  it("lets nothing judge that a version has learned from, though the cohort's record has lost it", async () => {
    const { root } = await ballCohort(6);
    const store = new CohortStore(root);
    await trainHere(root, { params: { epochs: 1 } });
    const before = await store.models.card(1);
    const known = await store.readRecord();
    if (!known) throw new Error('The cohort has no record.');
    await store.writeRecord({ ...known, holdout: [], seen: [], holdoutSeed: known.holdoutSeed + 1 });
    await trainHere(root, { params: { epochs: 1 } });
    const after = await store.models.card(2);
    const learnt = new Set([...before.data.train, ...before.data.tune]);
    expect(after.data.holdout.filter((id) => learnt.has(id))).toEqual([]);
    expect(after.data.holdout).toEqual(expect.arrayContaining([...before.data.holdout]));
    expect(before.data.holdout.length).toBeGreaterThan(0);
  });

  it('does not take the place of a version that was made active while it trained', async () => {
    const { root } = await ballCohort(6);
    const store = new CohortStore(root);
    await trainHere(root, { params: { epochs: 8 } });
    await trainHere(root, { params: { epochs: 1 } });
    await store.models.activate(1);
    let isSwitched = false;
    const result = await trainHere(root, {
      params: { epochs: 25, seed: 4 },
      onProgress: ({ phase }) => {
        if (phase !== 'training' || isSwitched) return;
        isSwitched = true;
        writeFileSync(join(store.stateDir, 'active'), '2\n');
      },
    });
    expect(result).toMatchObject({
      activated: false,
      verdict: expect.stringMatching(/model 2 was made active meanwhile/),
    });
    expect(await store.models.active()).toBe(2);
  });

  it('does not lose what it learned to a holdout case that cannot be read', async () => {
    const { root, image } = await ballCohort(5, 5, ['ball_3', 'ball_4']);
    const warnings: string[] = [];
    const result = await trainHere(root, {
      params: { epochs: 1 },
      warnings,
      onProgress: ({ phase }) => {
        if (phase === 'training') truncateSync(image('ball_4'), 2000);
      },
    });
    expect(result).toMatchObject({ version: 1, holdoutCases: 1 });
    expect(warnings).toEqual([
      expect.stringMatching(/ball_4 is left out: imagesTr\/ball_4\.nii: .* It does not judge the model/),
    ]);
  });

  it('judges by the labels as they were when it began, though a person went on drawing', async () => {
    const { root, labels } = await ballCohort(3, 3, ['ball_2']);
    await trainHere(root, { params: { epochs: 1 } });
    await new CohortStore(root).models.activate(1);
    await writeReview(new CohortStore(root), 'ball_2', labels('ball_2'), () => true);
    const warnings: string[] = [];
    const result = await trainHere(root, {
      params: { epochs: 1 },
      warnings,
      onProgress: ({ phase }) => {
        if (phase === 'training') copyFileSync(labels('ball_1'), labels('ball_2'));
      },
    });
    expect(warnings).toEqual([]);
    const undisturbed = await trainHere((await ballCohort(3, 3, ['ball_2'])).root, { params: { epochs: 1 } });
    expect(result).toMatchObject({ version: 2, holdoutCases: 1, previousHoldoutDice: undisturbed.holdoutDice });
  });

  it('says so where a splits.json names what is not there', async () => {
    const { root } = await ballCohort(3, 3, ['ball_2']);
    writeFileSync(join(root, 'splits.json'), JSON.stringify({ train: ['ball_0', 'ball_1'], val: ['bal_2.nii'] }));
    const warnings: string[] = [];
    await trainHere(root, { params: { epochs: 1 }, warnings });
    expect(warnings).toEqual([expect.stringMatching(/names "bal_2\.nii", but the cohort has no such case.*"ball_0"/)]);
  });

  it('wants the same channels in every case, those that judge included', async () => {
    const { root, image } = await ballCohort(3, 3, ['ball_2']);
    for (const id of ['ball_0', 'ball_1', 'ball_2']) {
      if (id !== 'ball_2') copyFileSync(image(id), image(`${id}_0001`));
      renameSync(image(id), image(`${id}_0000`));
    }
    const names = { channel_names: { 0: 'a', 1: 'b' }, labels: { left: 1, right: 2 } };
    writeFileSync(join(root, 'dataset.json'), JSON.stringify(names));
    const { leftOut, holdoutCases } = await trainHere(root, { params: { epochs: 1 } });
    expect(leftOut).toEqual([
      { id: 'ball_2', reason: expect.stringMatching(/^it has 1 channel and the others have 2/) },
    ]);
    expect(holdoutCases).toBe(0);
    copyFileSync(image('ball_2_0000'), image('ball_2_0001'));
    expect((await trainHere(root, { params: { epochs: 1 } })).holdoutDice).not.toBeNull();
  });

  it('says so where a 4-D image has too few volumes, or channels lie apart', async () => {
    const { root, image } = await ballCohort(2);
    writeFileSync(join(root, 'dataset.json'), '{"channel_names": {"0": "a", "1": "b"}}');
    await expect(trainHere(root)).rejects.toThrow(
      /All 2 labelled cases are left out.*ball_0\.nii holds one volume, and 2 channels are expected/,
    );
    const file = readFileSync(image('ball_0'));
    file.writeFloatLE(7, 280 + 12);
    for (const id of ['ball_0', 'ball_1']) {
      copyFileSync(image(id), image(`${id}_0000`));
      writeFileSync(image(`${id}_0001`), file);
      rmSync(image(id));
    }
    await expect(trainHere(root)).rejects.toThrow(/lies elsewhere in the scanner/);
  });

  it('keeps a version that is worse than the active one as a candidate', async () => {
    const { root } = await ballCohort(6, 6, ['ball_5']);
    const good = await trainHere(root);
    const bad = await trainHere(root, { params: { epochs: 1, seed: 3, warmStart: false } });
    expect(bad).toMatchObject({ version: 2, activated: false });
    expect(bad.previousHoldoutDice).toBeCloseTo(good.holdoutDice as number, 6);
    expect(bad.verdict).toContain('model 1 goes on predicting');
    expect(await new CohortStore(root).models.active()).toBe(1);
  });

  it('a label that no case shows which trains is not judged: in no mean, and the verdict names it', async () => {
    const { root, labels } = await ballCohort(5, 5, ['ball_4']);
    const [first, second] = BALL_LABELS.slice(1);
    const [header, bytesPerVoxel] = [352, 1];
    for (const id of ['ball_0', 'ball_1', 'ball_2', 'ball_3']) {
      const file = readFileSync(labels(id));
      expect(file.length).toBe(header + bytesPerVoxel * 24 * 20 * 8);
      for (let at = header; at < file.length; at++) if (file[at] === second.value) file[at] = 0;
      writeFileSync(labels(id), file);
    }
    const result = await trainHere(root);
    const [learnt, never] = result.perLabel;
    expect(learnt).toMatchObject({ name: first.name, notJudged: null });
    expect(never).toMatchObject({ name: second.name, holdoutDice: null, notJudged: 'not-learnt' });
    expect(result.holdoutDice).toBe(learnt.holdoutDice);
    expect(result.verdict).toContain(`Not judged: ${second.name} (in no case that it learned from).`);
    const card = await new CohortStore(root).models.card(1);
    expect([...learntLabels(card)]).toEqual([first.value]);
    expect(card.metrics.holdout?.cases[0].dice[1]).toBeNull();
    expect(readFileSync(result.reportPath as string, 'utf8')).toContain('was not judged and is in no mean');
    // A version that has learned it as well is compared by what both have learned.
    const whole = await ballCohort(5, 5, ['ball_4']);
    for (const id of ['ball_0', 'ball_1']) copyFileSync(whole.labels(id), labels(id));
    const next = await trainHere(root);
    expect(next.perLabel[1]).toMatchObject({ notJudged: null, previousHoldoutDice: null });
    expect(next.verdict).toContain(`model 1 has ${(next.previousHoldoutDice as number).toFixed(3)}`);
    expect(next.previousHoldoutDice).toBe(next.perLabel[0].previousHoldoutDice);
  });

  it('Dice 0.03 is not made active: it says so, offers a longer training, and one from its weights goes on', async () => {
    const { root } = await ballCohort(6, 6, ['ball_5']);
    const useless = await trainHere(root, { params: { epochs: 1 } });
    expect(useless).toMatchObject({ activated: false, longer: { why: 'learnt-nothing', minutes: 10 } });
    expect(useless.verdict).toMatch(
      /^Model 1 was not made active\. Dice 0\.0\d\d on one case it never saw is too low to be of use by itself: .* Train longer for a better one\.$/,
    );
    const store = new CohortStore(root);
    expect(await store.models.active()).toBeNull();
    const longer = await trainHere(root, { params: { startFrom: 1 } });
    expect(longer).toMatchObject({ version: 2, activated: true });
    expect((await store.models.card(2)).parent).toBe(1);
  });

  it('starts from the active version where that is asked for', async () => {
    const { root } = await ballCohort(6, 6, ['ball_5']);
    const first = await trainHere(root);
    const second = await trainHere(root, { params: { epochs: 1, warmStart: true, seed: 2 } });
    expect((await new CohortStore(root).models.card(2)).parent).toBe(1);
    expect(second.holdoutDice).toBeGreaterThan((first.holdoutDice as number) - 0.15);
  });

  it('says so where nothing is held out', async () => {
    const { root } = await ballCohort(3, 2);
    const result = await trainHere(root, { params: { epochs: 1 } });
    expect(result).toMatchObject({ holdoutDice: null, holdoutCases: 0, activated: true });
    expect(result.verdict).toContain('no case is held out');
  });

  it('learns from accepted slices only, and leaves out label files that were changed outside', async () => {
    const { root, labels } = await ballCohort(3, 3);
    const write = async (id: string, accepted: (slice: number) => boolean, labelsFingerprint: string) => {
      const path = new CohortStore(root).caseRecordPath(id);
      await mkdir(join(path, '..'), { recursive: true });
      writeFileSync(
        path,
        serializeCaseRecord({
          version: 1,
          labelsFingerprint,
          reviewAxis: 'j',
          slices: Array.from({ length: BALL_SHAPE[1] }, (_, slice) => ({
            state: accepted(slice) ? 'accepted' : 'edited',
          })),
        }),
      );
    };
    await write('ball_0', (slice) => slice >= 5 && slice < 15, await fileFingerprint(labels('ball_0')));
    await write('ball_1', () => false, await fileFingerprint(labels('ball_1')));
    await write('ball_2', () => true, `sha256-${'0'.repeat(64)}`);
    const warnings: string[] = [];
    const result = await trainHere(root, { params: { epochs: 1 }, warnings });
    // Slices are accepted along j and learned along k: each of these shows a part that is accepted.
    expect(result).toMatchObject({ trainedCases: 1, trainedSlices: BALL_SHAPE[2] });
    expect(warnings).toEqual([expect.stringContaining('ball_2 is left out')]);
  });

  it('cancelled before the first evaluation leaves no version', async () => {
    const { root } = await ballCohort(3);
    const source = new CancelSource();
    const training = trainHere(root, {
      source,
      onProgress: ({ phase }) => {
        if (phase === 'training') source.cancel();
      },
    });
    await expect(training).rejects.toMatchObject({ code: 'cancelled' });
    expect(await new CohortStore(root).models.list()).toEqual([]);
    expect(existsSync(join(root, '.voxel-loop', 'models'))).toBe(false);
  });

  it('cancelled later keeps the best so far as a version', async () => {
    const { root } = await ballCohort(6, 6, ['ball_5']);
    const source = new CancelSource();
    const result = await trainHere(root, {
      source,
      params: { epochs: 1000 },
      onProgress: ({ phase, epoch }) => {
        if (phase === 'training' && epoch >= 3) source.cancel();
      },
    });
    expect(result).toMatchObject({ stopped: true, version: 1 });
    expect(readdirSync(result.modelDir).sort()).toEqual([
      'card.json',
      'model.onnx',
      'report.html',
      'training-slices.json',
    ]);
  });

  it('refuses a second training of the same cohort meanwhile', async () => {
    const { root } = await ballCohort(3);
    const source = new CancelSource();
    const first = trainHere(root, { source, params: { epochs: 1000 } });
    await expect.poll(() => existsSync(join(root, '.voxel-loop', 'training.lock')), { timeout: 20_000 }).toBe(true);
    await expect(trainHere(root)).rejects.toMatchObject({ code: 'training-locked' });
    source.cancel();
    await first.catch(() => undefined);
    await trainHere(root, { params: { epochs: 1 } });
  });

  it('tells people what is missing', async () => {
    const unlabelled = await ballCohort(2, 0);
    await expect(trainHere(unlabelled.root)).rejects.toMatchObject({ code: 'split' });
    await expect(trainHere(join(unlabelled.root, 'nowhere'))).rejects.toMatchObject({ code: 'cohort-folder' });
  });

  it('the seed preset trains and predicts at 240 x 240', async () => {
    const { root } = await ballCohort(2, 2);
    const result = await trainHere(root, { params: { preset: 'seed', epochs: 1 } });
    expect((await readModelFile(result.modelDir)).plan.plane).toMatchObject({ kind: 'stretch', rows: 240 });
  });
});
