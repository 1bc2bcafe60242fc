import { describe, expect, it } from 'vitest';
import { ModelMismatchError } from '../../../../src/core/learn/learn-errors.ts';
import { inputChannels, type Plan, parsePlan } from '../../../../src/core/learn/plan/plan.ts';
import { trainingMemoryBytes } from '../../../../src/core/learn/plan/training-memory.ts';
import { summarizeFingerprints } from '../../../../src/core/learn/planning/data-summary.ts';
import { describePlan } from '../../../../src/core/learn/planning/describe-plan.ts';
import {
  type CaseFingerprint,
  caseFingerprint,
  type SlicedCase,
} from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan, type PlanRequest } from '../../../../src/core/learn/planning/make-plan.ts';
import { BALL_LABELS, ballCase } from '../../../support/learn-cases.ts';

const mri = {
  min: 0,
  max: 900,
  low: 5,
  high: 700,
  mean: 200,
  standardDeviation: 120,
  lowestShare: 0.01,
  hounsfield: false,
  bodyAbove: 60,
};
const ct = {
  min: -1024,
  max: 1800,
  low: -1010,
  high: 900,
  mean: -300,
  standardDeviation: 500,
  lowestShare: 0,
  hounsfield: true,
  bodyAbove: -300,
};

/** The same slices in every slicing. */
function fingerprint(overrides: Partial<CaseFingerprint & SlicedCase> = {}): CaseFingerprint {
  const { finest, intensities, foreground, classVoxels, ...changed } = overrides;
  const sliced: SlicedCase = {
    slices: 35,
    rows: 51,
    columns: 35,
    sliceSpacingMm: 1,
    rowSpacingMm: 1,
    columnSpacingMm: 1,
    trainingSlices: 35,
    foregroundSlices: 20,
    labelledOutsideBody: 0,
    bodyRows: changed.rows ?? 51,
    bodyColumns: changed.columns ?? 35,
    componentsMm: [[20], [12]],
    ...changed,
  };
  return {
    finest: finest ?? 'axial',
    sliced: { axial: sliced, coronal: sliced, sagittal: sliced, acquired: sliced },
    intensities: intensities ?? [mri],
    foreground: foreground ?? [Float32Array.from({ length: 1000 }, (_, index) => index % 200)],
    classVoxels: classVoxels ?? [60_000, 1000, 1000],
  };
}

function request(cases: CaseFingerprint[], overrides: Partial<PlanRequest> = {}): PlanRequest {
  return {
    preset: 'auto',
    labels: BALL_LABELS,
    channelNames: ['image'],
    cases,
    cores: 2,
    onGpu: false,
    memoryBytes: 2 ** 34,
    ...overrides,
  };
}

/** Every plan must survive JSON, and its plane must suit its network. */
function checked(plan: Plan, cases: readonly CaseFingerprint[] = [fingerprint()]): Plan {
  expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  expect(plan.plane.rows % 2 ** plan.network.levels).toBe(0);
  expect(plan.plane.columns % 2 ** plan.network.levels).toBe(0);
  expect(plan.network.inChannels).toBe(inputChannels(plan));
  expect(plan.network.classes).toBe(plan.labels.length);
  expect(
    describePlan(plan, summarizeFingerprints(cases, plan.slicing)).every((sentence) => sentence.endsWith('.')),
  ).toBe(true);
  return plan;
}

describe('makePlan auto', () => {
  it('learns fewer slices in a step where the memory holds no more, but as many as a person decided', () => {
    const large = request([fingerprint()], { onGpu: true });
    const plan = checked(makePlan(large));
    const needed = trainingMemoryBytes(plan);
    expect(plan.batch.size).toBe(16);
    expect(makePlan({ ...large, deviceBytes: 1.3 * needed })).toEqual(plan);
    const fewer = { ...plan, batch: { ...plan.batch, size: 8 } };
    expect(checked(makePlan({ ...large, deviceBytes: 0.7 * needed }))).toEqual(fewer);
    expect(makePlan({ ...large, memoryBytes: 0.7 * needed })).toEqual(fewer);
    const overrides = { source: 'plan.json', values: { batch: { size: 16 } } };
    expect(makePlan({ ...large, deviceBytes: 0.7 * needed }, overrides).batch.size).toBe(16);
    // Who has not even the memory for one slice falls back while training.
    expect(makePlan({ ...large, deviceBytes: 1 }).batch.size).toBe(1);
  });

  it('keeps small slices at their own size, padded', () => {
    const plan = checked(makePlan(request([fingerprint(), fingerprint({ rows: 59, columns: 43 })])));
    expect(plan.plane).toEqual({ kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 64, columns: 48 });
    expect(plan.neighbours).toBe(1);
    expect(plan.channels[0].normalization).toEqual({ kind: 'z-score' });
    expect(plan.batch.size).toBe(16);
  });

  it('makes large slices coarser until they are affordable, on a GPU less so', () => {
    const large = fingerprint({ rows: 512, columns: 512, rowSpacingMm: 0.8, columnSpacingMm: 0.8, slices: 120 });
    const onCpu = checked(makePlan(request([large]))).plane;
    expect(onCpu.rows * onCpu.columns).toBeLessThanOrEqual(208 * 208);
    expect(onCpu).toMatchObject({ kind: 'spacing' });
    if (onCpu.kind === 'spacing') expect(onCpu.rowSpacingMm * onCpu.rows).toBeGreaterThanOrEqual(512 * 0.8);
    const onGpu = checked(makePlan(request([large], { onGpu: true }))).plane;
    expect(onGpu.rows).toBeGreaterThan(onCpu.rows);
  });

  it('uses the median pixel size, rows and columns apart', () => {
    const cases = [0.5, 0.9, 1, 1.1, 3].map((rowSpacingMm) => fingerprint({ rowSpacingMm, columnSpacingMm: 2 }));
    expect(checked(makePlan(request(cases))).plane).toMatchObject({ rowSpacingMm: 1, columnSpacingMm: 2 });
  });

  it('has square pixels where several slicings are seen, so that anatomy looks alike in all', () => {
    const inPlane = { slices: 60, rows: 80, columns: 90, bodyRows: 80, bodyColumns: 90 };
    const axial = { ...fingerprint(inPlane).sliced.axial, rowSpacingMm: 1, columnSpacingMm: 1, sliceSpacingMm: 1.4 };
    const side = { ...axial, slices: 80, rows: 60, rowSpacingMm: 1.4, sliceSpacingMm: 1 };
    const found = { ...fingerprint(), sliced: { axial, coronal: side, sagittal: side, acquired: axial } };
    const plan = checked(makePlan(request([found])), [found]);
    expect(plan.furtherSlicings).toEqual(['coronal', 'sagittal']);
    expect(plan.plane).toMatchObject({ rowSpacingMm: 1, columnSpacingMm: 1 });
    const one = makePlan(request([found]), {
      source: 'plan.json',
      values: { slicing: 'coronal', furtherSlicings: [] },
    });
    expect(one.plane).toMatchObject({ rowSpacingMm: 1.4, columnSpacingMm: 1 });
  });

  it('knows Hounsfield units by the numbers, in every case or not at all', () => {
    const scan = fingerprint({ intensities: [ct] });
    const plan = checked(makePlan(request([scan, scan])));
    expect(plan.channels[0].normalization).toMatchObject({ kind: 'window', low: expect.closeTo(1, 0) });
    expect(makePlan(request([scan, fingerprint()])).channels[0].normalization.kind).toBe('z-score');
  });

  it('takes any number of channels and labels, and single-slice volumes', () => {
    const two = fingerprint({
      intensities: [mri, ct],
      foreground: [new Float32Array(), new Float32Array()],
      slices: 1,
    });
    const plan = checked(makePlan(request([two], { channelNames: ['t1', 'ct'], labels: BALL_LABELS.slice(0, 2) })), [
      two,
    ]);
    expect(plan.neighbours).toBe(0);
    expect(plan.network).toMatchObject({ inChannels: 2, classes: 2 });
  });

  it('plans for slices of a few pixels', () => {
    checked(makePlan(request([fingerprint({ rows: 3, columns: 4 })])));
  });

  it('slices as most cases have their finest pixels, in doubt axially, unless told otherwise', () => {
    const planned = (...finest: ('axial' | 'coronal' | 'sagittal')[]) =>
      makePlan(request(finest.map((slicing) => fingerprint({ finest: slicing })))).slicing;
    expect(planned('coronal', 'axial', 'coronal')).toBe('coronal');
    expect(planned('coronal', 'axial')).toBe('axial');
    expect(planned('sagittal', 'coronal', 'sagittal')).toBe('sagittal');
  });

  it('slices each case as it was acquired, where most are coarse across their slices and lie in different planes', () => {
    const coarse = { sliceSpacingMm: 8, slices: 12 };
    const planned = (finest: readonly ('axial' | 'coronal' | 'sagittal')[], how: Partial<SlicedCase>) =>
      makePlan(request(finest.map((plane) => fingerprint({ ...how, finest: plane })))).slicing;
    const heart = ['coronal', 'sagittal', 'coronal', 'sagittal', 'coronal'] as const;
    expect(planned(heart, coarse)).toBe('acquired');
    expect(planned(heart, {})).toBe('coronal');
    // One case of many that was acquired otherwise changes nothing for the others.
    expect(planned(['axial', 'axial', 'axial', 'axial', 'coronal'], coarse)).toBe('axial');
    const plan = checked(makePlan(request(heart.map((plane) => fingerprint({ ...coarse, finest: plane })))));
    expect(plan.furtherSlicings).toEqual([]);
    // They run along no anatomical axis, so they are mirrored along none.
    const mirrored = { ...plan, augmentation: { ...plan.augmentation, mirror: ['left-right'] } };
    expect(() => parsePlan(mirrored)).toThrow(ModelMismatchError);
  });

  it('crops to the body where that saves a quarter in most cases and cuts no label off in any', () => {
    const tight = fingerprint({ bodyRows: 40, bodyColumns: 32 });
    const loose = fingerprint({ bodyRows: 50, bodyColumns: 35 });
    expect(makePlan(request([tight, tight, loose])).crop).toBe('body');
    expect(makePlan(request([tight, loose, loose])).crop).toBe('none');
    expect(makePlan(request([tight, tight, { ...tight, sliced: { ...tight.sliced } }])).crop).toBe('body');
    expect(makePlan(request([tight, tight, fingerprint({ labelledOutsideBody: 1 })])).crop).toBe('none');
  });

  it('makes the plane as large as the body where it crops to it', () => {
    const { plane, crop } = checked(makePlan(request([fingerprint({ bodyRows: 33, bodyColumns: 30 })])));
    expect([crop, plane.rows, plane.columns]).toEqual(['body', 40, 32]);
  });

  it('keeps pixels fine enough for small structures, and shows windows instead', () => {
    const scan = { rows: 512, columns: 384, rowSpacingMm: 0.8, columnSpacingMm: 0.8 };
    const large = checked(makePlan(request([fingerprint({ ...scan, componentsMm: [[90], [60]] })])));
    expect(large.prediction.window).toBe('whole');
    // Ten lesions: the tenth of them that is smallest is 4 mm, which is 4 pixels of 1 mm. Specks do not count.
    const lesions = [0.9, 1.2, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14];
    const small = checked(makePlan(request([fingerprint({ ...scan, componentsMm: [[90], lesions] })])));
    expect(small.plane).toMatchObject({ rowSpacingMm: 1, columnSpacingMm: 1 });
    expect(small.prediction.window).toBe('tiles');
    expect(small.plane.rows * small.plane.columns).toBeLessThanOrEqual(208 * 208);
    expect(small.plane.rows / small.plane.columns).toBeCloseTo(512 / 384, 0);
    // Never finer than the images are.
    const tiny = makePlan(request([fingerprint({ ...scan, componentsMm: [[90], [1.7]] })]));
    expect(tiny.plane).toMatchObject({ rowSpacingMm: 0.8, columnSpacingMm: 0.8 });
  });

  it('lets one case with a wide field of view decide nothing, where not all is affordable', () => {
    const usual = fingerprint({ rows: 256, columns: 256, componentsMm: [[50], [50]] });
    const cohort = [...Array.from({ length: 40 }, () => usual), fingerprint({ rows: 900, columns: 900 })];
    expect(makePlan(request(cohort)).plane).toEqual(makePlan(request([usual])).plane);
  });

  it('affords more on more cores, and more still on a GPU', () => {
    const large = fingerprint({ rows: 512, columns: 512 });
    const [laptop, workstation, gpu] = [{ cores: 2 }, { cores: 32 }, { onGpu: true }].map((means) =>
      checked(makePlan(request([large], means))),
    );
    expect(laptop.network.baseFilters).toBe(16);
    expect(workstation.network.baseFilters).toBeGreaterThan(laptop.network.baseFilters);
    expect(workstation.plane.rows).toBeGreaterThan(laptop.plane.rows);
    expect(gpu.plane.rows).toBeGreaterThan(workstation.plane.rows);
  });

  it('changes few slices often and many seldom', () => {
    const probability = (slices: number) =>
      makePlan(request([fingerprint({ trainingSlices: slices })])).augmentation.affine.probability;
    expect(probability(100)).toBeGreaterThan(probability(1000));
    expect(probability(1000)).toBeGreaterThan(probability(10_000));
  });
});

describe('makePlan seed and paper', () => {
  it('follow the source', () => {
    const seed = checked(makePlan(request([fingerprint()], { preset: 'seed' })));
    expect(seed).toMatchObject({
      plane: { kind: 'stretch', rows: 240, columns: 240 },
      neighbours: 0,
      loss: 'soft-dice',
      initialization: 'normal',
      optimizer: { kind: 'adam', learningRate: 0.001 },
      schedule: { kind: 'constant' },
      network: { baseFilters: 4, levels: 4, normalisation: 'none', activation: 'relu', upsamplingKernel: 3 },
    });
    expect(checked(makePlan(request([fingerprint()], { preset: 'paper' }))).network.baseFilters).toBe(64);
  });
});

describe('parsePlan', () => {
  it('refuses what is no plan with a sentence', () => {
    expect(() => parsePlan({ format: 2 })).toThrowError(expect.objectContaining({ code: 'model-mismatch' }));
    expect(() => parsePlan(null)).toThrowError(expect.objectContaining({ code: 'model-mismatch' }));
  });

  it('refuses a plan whose network takes or gives something else than it says', () => {
    const plan = makePlan(request([fingerprint()]));
    for (const changed of [{ neighbours: plan.neighbours + 1 }, { labels: plan.labels.slice(0, -1) }]) {
      expect(() => parsePlan({ ...plan, ...changed })).toThrowError(
        expect.objectContaining({ code: 'model-mismatch' }),
      );
    }
  });
});

describe('caseFingerprint', () => {
  it('counts slices that train, and nothing of the others', () => {
    const { image, truth } = ballCase(3, [24, 20, 8], (slice) => slice < 4);
    const found = caseFingerprint(image, truth, 3);
    expect(found.sliced.axial).toMatchObject({ slices: 8, trainingSlices: 4 });
    expect(found.sliced.coronal).toMatchObject({ slices: 20, trainingSlices: 20 });
    expect(found.classVoxels.reduce((sum, count) => sum + count, 0)).toBe(24 * 20 * 4);
    const inFront = truth.classes.subarray(0, 24 * 20 * 4);
    expect(found.classVoxels[1]).toBe(inFront.filter((label) => label === 1).length);
    expect(found.foreground[0].every((value) => value > 1)).toBe(true);
  });
});
