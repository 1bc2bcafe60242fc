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
 * Extracts the slices of a label map that are on the screen, once per change. The object stays the same as long as
 * nothing changed, so that renderers need not upload it again.
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

  /** @see pendingLayer */
  pendingLayer(what: PendingProposal, plane: SlicePlane, slice: number): LabelLayer | undefined {
    return this.#cached(plane, slice, () => pendingLayer(what, plane, slice));
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

/** A proposal, with what decides how much of it waits. */
export interface PendingProposal {
  readonly proposed: LabelSource;
  readonly labels: LabelSource;
  readonly reviewPlane: SlicePlane;
  /** Tells by slice along `reviewPlane` whether the slice shows what is proposed. */
  readonly isPending: (slice: number) => boolean;
}

/**
 * The part of a proposal that waits: its voxels on pending slices where the label map is background, which are the
 * voxels that would become labels. It is undefined where the whole slice is decided.
 */
export function pendingLayer(
  { proposed, labels, reviewPlane, isPending }: PendingProposal,
  plane: SlicePlane,
  slice: number,
): LabelLayer | undefined {
  const isReviewSlice = plane.normalAxis === reviewPlane.normalAxis;
  if (isReviewSlice && !isPending(slice)) return undefined;
  const layer = layerOf(proposed, plane, slice);
  const drawn = labels.extractSlice(plane, slice);
  for (let pixel = 0; pixel < drawn.length; pixel++) if (drawn[pixel] !== 0) layer.data[pixel] = 0;
  if (isReviewSlice) return layer;
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
}
