import { describe, expect, it } from 'vitest';
import { type Plan, parsePlan } from '../../../../src/core/learn/plan/plan.ts';
import { warmStarted, whyNotWarmStart } from '../../../../src/core/learn/plan/warm-start.ts';
import { SMALL_PLAN as plan } from '../../../support/small-plan.ts';

const window = { kind: 'window', low: -160, high: 240, mean: 60, standardDeviation: 80 } as const;
const inHounsfield = (change: {
  readonly low?: number;
  readonly mean?: number;
  readonly standardDeviation?: number;
}): Plan => ({
  ...plan,
  channels: plan.channels.map((channel) => ({ ...channel, normalization: { ...window, ...change } })),
});
const withPixels = (mm: number): Plan => ({
  ...plan,
  plane: { kind: 'spacing', rowSpacingMm: mm, columnSpacingMm: mm, rows: 16, columns: 16 },
});

describe('warmStarted', () => {
  it('lowers the peak of the learning rate and changes nothing else', () => {
    const planned: Plan = { ...plan, schedule: { ...plan.schedule, warmStartPeak: 0.25 } };
    const { optimizer, ...rest } = warmStarted(planned);
    expect(optimizer.learningRate).toBeCloseTo(planned.optimizer.learningRate / 4, 12);
    expect({ ...rest, optimizer: planned.optimizer }).toEqual(planned);
  });

  it('leaves plans alone that were made before there was a lower peak', () => {
    const { warmStartPeak: _, ...schedule } = plan.schedule;
    const old = parsePlan(JSON.parse(JSON.stringify({ ...plan, schedule })));
    expect(warmStarted(old)).toEqual(old);
  });
});

describe('whyNotWarmStart', () => {
  it.each<[string, Plan, Plan]>([
    ['the same plan', plan, plan],
    ['another loss and batch', plan, { ...plan, loss: 'soft-dice', batch: { ...plan.batch, size: 3 } }],
    ['nearly the same pixels', withPixels(1), withPixels(1.2)],
    ['nearly the same window', inHounsfield({}), inHounsfield({ low: -150, mean: 70, standardDeviation: 90 })],
  ])('lets %s start from one another', (_, from, to) => {
    expect(whyNotWarmStart(from, to)).toBeNull();
    expect(whyNotWarmStart(to, from)).toBeNull();
  });

  it.each<[RegExp, Plan, Plan]>([
    [/labels/, plan, { ...plan, labels: plan.labels.slice(0, -1) }],
    [/channels/, plan, { ...plan, channels: [...plan.channels, ...plan.channels] }],
    [/network/, plan, { ...plan, network: { ...plan.network, baseFilters: plan.network.baseFilters + 1 } }],
    [/slices/, plan, { ...plan, slicing: plan.slicing === 'axial' ? 'coronal' : 'axial' }],
    [/pixels/, withPixels(1), withPixels(4)],
    [/pixels/, withPixels(1), { ...plan, plane: { kind: 'stretch', rows: 16, columns: 16 } }],
    [/intensities/, inHounsfield({}), inHounsfield({ mean: 160 })],
    [/intensities/, inHounsfield({}), inHounsfield({ standardDeviation: 400 })],
    [/intensities/, inHounsfield({}), plan],
  ])('says that %s', (reason, from, to) => {
    expect(whyNotWarmStart(from, to)).toMatch(reason);
    expect(whyNotWarmStart(to, from)).toMatch(reason);
  });
});
