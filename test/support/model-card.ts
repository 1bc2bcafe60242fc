import type { ModelCard } from '../../src/core/cohort/records/cohort-record.ts';

/** A card of a version that two cases trained and one judged. */
export function modelCardFixture(changed: Partial<ModelCard> = {}): ModelCard {
  return {
    format: 'voxel-loop-model',
    formatVersion: 1,
    version: 1,
    parent: null,
    created: '2026-01-01T00:00:00.000Z',
    preset: 'auto',
    engine: 'ONNX Runtime CPU',
    seed: 1,
    seconds: 60,
    labels: [{ value: 0, name: 'background', color: '#000000' }],
    channels: ['image'],
    plan: {},
    data: { train: ['a', 'b'], tune: [], holdout: ['c'], fingerprint: 'sha256-0' },
    metrics: {
      tune: null,
      holdout: {
        meanDice: 0.8,
        labels: [{ value: 1, name: 'organ', meanDice: 0.8 }],
        cases: [{ id: 'c', dice: [0.8] }],
      },
    },
    promotion: { promoted: true, comparedWith: null, reason: 'It is the first version.' },
    ...changed,
  };
}
