import { VoxelLoopError } from '../../../core/errors.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { PLANE_NAMES, type PlaneName, type SlicePlane } from '../../../core/geometry/slice-plane.ts';
import { chooseReviewAxis } from '../../../core/learn/planes/slice-frame.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';

/**
 * The plane in which a case is reviewed that nobody has reviewed yet: the one in which the active model sees slices, so
 * that it is unsure of whole slices; without a model, it is the one with the finest pixels.
 */
export async function firstReviewPlane(
  store: CohortStore,
  planes: Readonly<Record<PlaneName, SlicePlane>>,
  grid: VoxelGrid,
): Promise<PlaneName> {
  const slicing = await activeSlicing(store);
  const named = PLANE_NAMES.find((name) => name === slicing);
  const axis = chooseReviewAxis(grid);
  return named ?? PLANE_NAMES.find((name) => planes[name].normalAxis === axis) ?? 'axial';
}

/** Damaged records of models keep nobody from opening an image. */
async function activeSlicing({ models }: CohortStore): Promise<unknown> {
  try {
    const version = await models.active();
    return version === null ? undefined : (await models.card(version)).plan.slicing;
  } catch (error) {
    if (error instanceof VoxelLoopError) return undefined;
    throw error;
  }
}
