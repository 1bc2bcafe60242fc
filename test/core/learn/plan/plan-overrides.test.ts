import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Plan, parsePlan } from '../../../../src/core/learn/plan/plan.ts';
import { overriddenPaths, parseOverrides } from '../../../../src/core/learn/plan/plan-overrides.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan, type PlanRequest } from '../../../../src/core/learn/planning/make-plan.ts';
import { BALL_LABELS, ballCase, rasGrid } from '../../../support/learn-cases.ts';

const { image: cube, truth } = ballCase(1, [40, 60, 30]);
const image = { ...cube, grid: rasGrid([40, 60, 30], [1, 1, 3]) };
// Nothing stands out, so nothing is cropped.
image.channels[0].forEach((_, offset, values) => {
  values[offset] = (offset * 7919) % 101;
});
const request: PlanRequest = {
  preset: 'auto',
  labels: BALL_LABELS,
  channelNames: ['image'],
  cases: [caseFingerprint(image, truth, 3)],
  cores: 2,
  onGpu: false,
  memoryBytes: 2 ** 34,
};
const planned = makePlan(request);
const overridden = (values: unknown, preset: Plan['preset'] = 'auto') =>
  makePlan({ ...request, preset }, parseOverrides(JSON.stringify(values), 'plan.json'));

describe('makePlan with overrides', () => {
  it('changes what is said, keeps the rest, and gives a plan that can be read again', () => {
    const plan = overridden({
      batch: { size: 5 },
      loss: 'focal-tversky',
      augmentation: { gamma: { probability: 0.3 } },
    });
    expect(plan).toEqual({
      ...planned,
      loss: 'focal-tversky',
      batch: { ...planned.batch, size: 5 },
      augmentation: { ...planned.augmentation, gamma: { ...planned.augmentation.gamma, probability: 0.3 } },
    });
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  it('changes nothing where nothing is said', () => {
    expect(overridden({})).toEqual(planned);
    expect(overridden({}, 'seed')).toEqual(makePlan({ ...request, preset: 'seed' }));
  });

  it('takes back what it has planned itself, whole', () => {
    const { format, preset, ...parts } = planned;
    expect([format, preset]).toEqual([2, 'auto']);
    expect(overridden(parts)).toEqual(planned);
  });

  it('plans the rest to go with what is said', () => {
    const coronal = overridden({ slicing: 'coronal' });
    expect(coronal.slicing).toBe('coronal');
    expect([coronal.plane.rows, coronal.plane.columns]).toEqual([32, 40]);
    const coarse = overridden({ plane: { rowSpacingMm: 2, columnSpacingMm: 2 } });
    expect(coarse.plane).toMatchObject({ rowSpacingMm: 2, rows: 32, columns: 20 });
    expect(coarse.network.levels).toBe(2);
    const small = overridden({ plane: { rows: 32, columns: 32 } });
    expect(small.prediction.window).toBe('tiles');
    expect(small.plane).toMatchObject({ rowSpacingMm: 1, rows: 32, columns: 32 });
    const shallow = overridden({ network: { levels: 1 } });
    expect(shallow.plane).toMatchObject({ rows: 60, columns: 40 });
  });

  it('lets the network take and give what it must', () => {
    const plan = overridden({ neighbours: 2, labels: BALL_LABELS.slice(0, 2) });
    expect(plan.network).toMatchObject({ inChannels: 5, classes: 2 });
    expect(plan.prediction.cleanUp).toHaveLength(1);
  });

  it('takes an object of another kind as a whole, a list as a whole', () => {
    const plan = overridden({
      optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0.99 },
      plane: { kind: 'stretch', rows: 64, columns: 64 },
      augmentation: { mirror: ['left-right'] },
    });
    expect(plan.optimizer).toEqual({ kind: 'sgd', learningRate: 0.01, momentum: 0.99 });
    expect(plan.plane).toEqual({ kind: 'stretch', rows: 64, columns: 64 });
    expect(plan.augmentation.mirror).toEqual(['left-right']);
  });

  it('understands the example of the guide', () => {
    const guide = readFileSync(new URL('../../../../docs/plan.md', import.meta.url), 'utf8');
    const [, example] = /```json\n([\s\S]*?)```/.exec(guide) ?? [];
    const plan = makePlan(request, parseOverrides(example, 'plan.json'));
    expect(plan).toMatchObject(JSON.parse(example));
    expect(plan.schedule.warmUpSteps).toBe(planned.schedule.warmUpSteps);
  });

  it('leaves the sources their own, but for what is said', () => {
    const seed = overridden({ network: { baseFilters: 8 } }, 'seed');
    expect(seed).toEqual({ ...makePlan({ ...request, preset: 'seed' }), network: { ...seed.network, baseFilters: 8 } });
  });

  it.each([
    [{ batch: { size: 0 } }, 'plan.json: batch.size must be at least 1, not 0.'],
    [{ batch: { size: 2.5 } }, 'plan.json: batch.size must be a whole number, not 2.5.'],
    [{ batch: { size: '4' } }, 'plan.json: batch.size must be a number, not "4".'],
    [{ batch: 4 }, 'plan.json: batch must be an object, not 4.'],
    [{ optimizer: { learningRate: -1 } }, 'plan.json: optimizer.learningRate must be above 0, not -1.'],
    [
      { slicing: 'oblique' },
      'plan.json: slicing must be one of "axial", "coronal", "sagittal", "acquired", not "oblique".',
    ],
    [{ batch: { sise: 4 } }, 'plan.json: batch.sise is no part of a plan: batch has size, foregroundShare, hardShare.'],
    [{ optimizer: { kind: 'sgd', momentum: 0.9 } }, 'plan.json: optimizer.learningRate is missing.'],
    [{ plane: { rows: 50 } }, /plane.rows must be a multiple of 8, because network.levels is 3, and 50 is none\.$/],
    [{ network: { inChannels: 7 } }, 'plan.json: network.inChannels must be 3: channels (1) times slices (3).'],
    [{ network: { classes: 2 } }, /network.classes must be 3/],
    [{ network: { spaceAxes: 3 } }, /network.spaceAxes must be 2/],
    [{ prediction: { cleanUp: [] } }, /prediction.cleanUp must have 2 entries/],
    [{ channels: [] }, /channels/],
    [{ batch: { foregroundShare: 0.8, hardShare: 0.3 } }, /must not be more than 1 together\.$/],
    [
      { batch: { size: 1_000_000 } },
      /would take about \d+ GB, and this machine has 16 GB: choose a smaller batch\.size/,
    ],
    [{ network: { levels: 3, baseFilters: 4096 } }, /would take about \d+ GB/],
    [{ labels: BALL_LABELS.slice(1) }, 'plan.json: labels: The first label must be the background, with value 0.'],
    [{ labels: [...BALL_LABELS.slice(0, 2), { ...BALL_LABELS[2], value: 1 }] }, /labels: .* have the same value 1\./],
    [{ labels: [BALL_LABELS[0], BALL_LABELS[2]] }, /labels must begin as the cohort's do, with the values 0, 1, 2;/],
    [{ labels: BALL_LABELS.slice(0, 1) }, 'plan.json: labels must have at least 2 entries.'],
    [
      {
        channels: [
          { name: 'image', normalization: { kind: 'window', low: 100, high: 0, mean: 0, standardDeviation: 1 } },
        ],
      },
      'plan.json: channels.0.normalization.low must be below high, and 100 is not below 0.',
    ],
    [{ augmentation: { elastic: { gridPixels: 0.001 } } }, /elastic\.gridPixels must be at least 1, not 0\.001\.$/],
    [{ format: 3 }, 'plan.json: format cannot be decided here: it says how the plan is written.'],
    [{ preset: 'seed' }, /preset cannot be decided here/],
  ])('refuses %j with a sentence', (values, message) => {
    expect(() => overridden(values)).toThrowError(
      expect.objectContaining({
        code: 'plan-override',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });
});

describe('parseOverrides', () => {
  it('refuses what is no JSON object', () => {
    for (const text of ['', '{', '[]', '3', 'null']) {
      expect(() => parseOverrides(text, 'plan.json')).toThrowError(
        expect.objectContaining({ code: 'plan-override', message: expect.stringMatching(/^plan\.json .*\.$/) }),
      );
    }
  });
});

describe('overriddenPaths', () => {
  it('names every part that is said', () => {
    expect(overriddenPaths({ batch: { size: 4, hardShare: 0 }, labels: [], loss: 'dice-ce', plane: {} })).toEqual([
      'batch.size',
      'batch.hardShare',
      'labels',
      'loss',
      'plane',
    ]);
  });
});
