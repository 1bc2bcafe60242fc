import type { SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { SliceKey } from './slice-cache.ts';

/** The position of a plane. */
export interface PlanePosition {
  readonly plane: Pick<SlicePlane, 'name' | 'sliceCount'>;
  readonly index: number;
}

/**
 * Every slice but the visible ones, nearest first: distance 1 forward and backward in each plane, then distance 2, and
 * so on. `planes` is in order of importance (the plane that the user works in comes first). The order is made lazily,
 * because callers stop at their budget.
 */
export function* prefetchOrder(planes: readonly PlanePosition[], timeIndex: number): Generator<SliceKey> {
  const farthest = Math.max(0, ...planes.map(({ plane, index }) => Math.max(index, plane.sliceCount - 1 - index)));
  for (let distance = 1; distance <= farthest; distance++) {
    for (const { plane, index } of planes) {
      for (const candidate of [index + distance, index - distance]) {
        if (candidate >= 0 && candidate < plane.sliceCount) yield { plane: plane.name, index: candidate, timeIndex };
      }
    }
  }
}
