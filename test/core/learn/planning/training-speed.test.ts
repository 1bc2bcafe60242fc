import { describe, expect, it } from 'vitest';
import type { ModelCard } from '../../../../src/core/cohort/records/cohort-record.ts';
import { knownSpeed } from '../../../../src/core/learn/planning/training-speed.ts';
import { SMALL_PLAN } from '../../../support/small-plan.ts';

const card = (version: number, changed: Partial<ModelCard> = {}): ModelCard => ({
  format: 'voxel-loop-model',
  formatVersion: 1,
  version,
  parent: null,
  created: '2026-01-01T00:00:00.000Z',
  preset: 'auto',
  engine: 'CPU',
  seed: 0,
  seconds: 120,
  labels: [],
  channels: [],
  plan: SMALL_PLAN,
  data: { train: [], tune: [], holdout: [], fingerprint: '' },
  metrics: { tune: null, holdout: null },
  promotion: { promoted: true, comparedWith: null, reason: '' },
  training: { steps: 100 * version, machine: 'here' },
  ...changed,
});
const here = { plan: SMALL_PLAN, engine: 'CPU', machine: 'here' };

describe('the speed that is known', () => {
  it('is that of the newest version, whatever the order', () => {
    expect(knownSpeed([card(1), card(3), card(2)], here)).toEqual({ stepsPerMinute: 150, version: 3 });
  });

  it.each<[string, ModelCard]>([
    ['another machine', card(1, { training: { steps: 5, machine: 'there' } })],
    ['a machine that nobody wrote down', card(1, { training: { steps: 5 } })],
    ['another engine', card(1, { engine: 'WebGPU' })],
    ['another batch', card(1, { plan: { ...SMALL_PLAN, batch: { ...SMALL_PLAN.batch, size: 99 } } })],
    ['a plan that cannot be read', card(1, { plan: {} })],
    ['no step', card(1, { training: { steps: 0, machine: 'here' } })],
  ])('is not told by %s', (_, other) => {
    expect(knownSpeed([other], here)).toBeNull();
    expect(knownSpeed([card(1), { ...other, version: 2 }], here)?.version).toBe(1);
  });
});
