import type { PlaneName, SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { LabelMap } from '../../core/label/label-map.ts';
import type { LabelLayer } from '../renderer/slice-renderer.ts';

type LabelSource = Pick<LabelMap, 'extractSlice'>;

interface CacheEntry {
  readonly version: number;
  readonly slice: number;
  readonly layer: LabelLayer | undefined;
}

/**
 * The slices of a label map that are on the screen, extracted once per change: the same object as long as nothing
 * changed, so that renderers need not upload it again.
 */
export class LayerSource {
  readonly #cache = new Map<PlaneName, CacheEntry>();
  #version = 0;

  /** Everything extracted so far is out of date. */
  invalidate(): void {
    this.#version++;
  }

  layer(map: LabelSource, plane: SlicePlane, slice: number): LabelLayer | undefined {
    return this.#cached(plane, slice, () => layerOf(map, plane, slice));
  }

  /**
   * The part of a proposal that waits: voxels of slices along `reviewPlane` whose proposal is neither taken nor rejected.
   * @param isPending by slice along `reviewPlane`
   */
  pendingLayer(
    map: LabelSource,
    plane: SlicePlane,
    slice: number,
    reviewPlane: SlicePlane,
    isPending: (slice: number) => boolean,
  ): LabelLayer | undefined {
    return this.#cached(plane, slice, () => {
      if (plane.normalAxis === reviewPlane.normalAxis) return isPending(slice) ? layerOf(map, plane, slice) : undefined;
      const layer = layerOf(map, plane, slice);
      const acrossColumns = plane.columnAxis === reviewPlane.normalAxis;
      const length = acrossColumns ? plane.columns : plane.rows;
      const reversed = acrossColumns ? plane.columnReversed : plane.rowReversed;
      for (let n = 0; n < length; n++) {
        if (isPending(reversed ? length - 1 - n : n)) continue;
        if (acrossColumns) {
          for (let row = 0; row < plane.rows; row++) layer.data[n + plane.columns * row] = 0;
        } else {
          layer.data.fill(0, plane.columns * n, plane.columns * (n + 1));
        }
      }
      return layer;
    });
  }

  #cached(plane: SlicePlane, slice: number, extract: () => LabelLayer | undefined): LabelLayer | undefined {
    const known = this.#cache.get(plane.name);
    if (known && known.version === this.#version && known.slice === slice) return known.layer;
    const layer = extract();
    this.#cache.set(plane.name, { version: this.#version, slice, layer });
    return layer;
  }
}

function layerOf(map: LabelSource, plane: SlicePlane, slice: number): LabelLayer {
  return { columns: plane.columns, rows: plane.rows, data: map.extractSlice(plane, slice) };
}
