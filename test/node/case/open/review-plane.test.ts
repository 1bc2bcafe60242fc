import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import { DEFAULT_LABEL_TABLE } from '../../../../src/core/label/table/label-table.ts';
import { firstReviewPlane } from '../../../../src/node/case/open/review-plane.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { rasGrid } from '../../../support/learn-cases.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

// Coronal slices have the finest pixels.
const grid = rasGrid([20, 10, 20], [1, 3, 1]);
const planeIn = (store: CohortStore) => firstReviewPlane(store, slicePlanes(grid, 'radiological'), grid);

async function storeWithModel(plan: Record<string, unknown>): Promise<CohortStore> {
  const store = new CohortStore(temporaryFolder());
  const made = await store.models.create();
  await made.publish({
    format: 'voxel-loop-model',
    formatVersion: 1,
    version: made.version,
    parent: null,
    created: '2026-01-02T03:04:05.678Z',
    preset: 'auto',
    engine: 'ONNX Runtime CPU',
    seed: 0,
    seconds: 1,
    labels: DEFAULT_LABEL_TABLE,
    channels: ['MRI'],
    plan,
    data: { train: ['a'], tune: [], holdout: [], fingerprint: 'abc' },
    metrics: { tune: null, holdout: null },
    promotion: { promoted: true, comparedWith: null, reason: 'It is the first.' },
  });
  await store.models.activate(made.version);
  return store;
}

describe('firstReviewPlane', () => {
  it('is the one of the finest pixels where no model predicts', async () => {
    expect(await planeIn(new CohortStore(temporaryFolder()))).toBe('coronal');
  });

  it('is the one that the active model sees slices in', async () => {
    for (const slicing of ['axial', 'coronal', 'sagittal']) {
      expect(await planeIn(await storeWithModel({ slicing }))).toBe(slicing);
    }
  });

  it('keeps nobody from opening an image', async () => {
    const store = await storeWithModel({ slicing: 'axial' });
    writeFileSync(join(store.stateDir, 'active'), 'nonsense');
    expect(await planeIn(store)).toBe('coronal');
    writeFileSync(join(store.stateDir, 'active'), '1');
    writeFileSync(join(store.models.folderOf(1), 'card.json'), '{');
    expect(await planeIn(store)).toBe('coronal');
  });
});
