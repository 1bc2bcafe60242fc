import type { ProposedComponent } from '../../core/case/state/proposal.ts';
import { planeVoxel, type SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import { type Components, connectedComponents } from '../../core/volume/connected-components.ts';
import type { LabelLayer } from '../renderer/slice-renderer.ts';

/** The place to look at on a slice. */
export interface DoubtfulPlace {
  /** This voxel lies in the structure that is least certain. */
  readonly voxel: Vec3;
  /** The box around everything that waits on the slice, as its middle and its size along i, j, k. */
  readonly centerVoxel: Vec3;
  readonly extentVoxels: Vec3;
}

/**
 * Finds the place on a slice to look at first: in the structure whose component is the least certain, or, of equals and
 * where nothing is known, in the largest one.
 *
 * @param layer the part of the proposal that waits on this slice
 * @param components the facts that are known of the proposal's components
 * @returns undefined if nothing waits
 */
export function doubtfulPlace(
  layer: LabelLayer,
  plane: SlicePlane,
  slice: number,
  components: readonly ProposedComponent[],
): DoubtfulPlace | undefined {
  const regions = sliceRegions(layer);
  if (regions.length === 0) return undefined;
  let worst = regions[0];
  let worstDoubt = -1;
  for (const region of regions) {
    const doubt = Math.max(
      0,
      ...components.flatMap((each) => (isPartOf(region, each, plane, slice) ? [each.uncertainty] : [])),
    );
    if (doubt > worstDoubt || (doubt === worstDoubt && region.pixels.length > worst.pixels.length)) {
      worst = region;
      worstDoubt = doubt;
    }
  }
  const from = [Math.min(...regions.map(({ min }) => min[0])), Math.min(...regions.map(({ min }) => min[1]))];
  const to = [Math.max(...regions.map(({ max }) => max[0])), Math.max(...regions.map(({ max }) => max[1]))];
  const extent: [number, number, number] = [1, 1, 1];
  extent[plane.columnAxis] = to[0] - from[0];
  extent[plane.rowAxis] = to[1] - from[1];
  return {
    voxel: planeVoxel(plane, slice, ...middlePixel(worst)),
    centerVoxel: planeVoxel(plane, slice, (from[0] + to[0] - 1) / 2, (from[1] + to[1] - 1) / 2),
    extentVoxels: extent,
  };
}

/** Connected pixels of one label on a slice. */
interface Region {
  readonly label: number;
  readonly pixels: readonly (readonly [column: number, row: number])[];
  /** The bounds `[min, max)`, each as column and row. */
  readonly min: readonly [number, number];
  readonly max: readonly [number, number];
}

function sliceRegions({ columns, rows, data }: LabelLayer): Region[] {
  const labels = [...new Set(data)].filter((label) => label > 0);
  return labels.flatMap((label) => {
    const mask = Uint8Array.from(data, (each) => (each === label ? 1 : 0));
    return regionsOf(connectedComponents(mask, [columns, rows, 1], 26), label, columns);
  });
}

function regionsOf(found: Components, label: number, columns: number): Region[] {
  const pixels = found.components.map((): [number, number][] => []);
  found.runStarts.forEach((start, run) => {
    for (let at = start; at < start + found.runLengths[run]; at++) {
      pixels[found.runIds[run] - 1].push([at % columns, Math.floor(at / columns)]);
    }
  });
  return found.components.map(({ min, max }, n) => ({
    label,
    pixels: pixels[n],
    min: [min[0], min[1]],
    max: [max[0], max[1]],
  }));
}

/**
 * Tells whether the region may be a cut through the component: several components qualify where their boxes overlap.
 */
function isPartOf(region: Region, component: ProposedComponent, plane: SlicePlane, slice: number): boolean {
  if (component.label !== region.label) return false;
  const corners = [
    planeVoxel(plane, slice, region.min[0], region.min[1]),
    planeVoxel(plane, slice, region.max[0] - 1, region.max[1] - 1),
  ];
  return corners.every((corner) =>
    corner.every((index, axis) => index >= component.min[axis] && index < component.max[axis]),
  );
}

/** The pixel of a region that is nearest to its centre. The centre itself may lie outside, for instance in a ring. */
function middlePixel({ pixels }: Region): readonly [number, number] {
  const mean = (axis: 0 | 1) => pixels.reduce((sum, pixel) => sum + pixel[axis], 0) / pixels.length;
  const [column, row] = [mean(0), mean(1)];
  const distance = (pixel: readonly [number, number]) => Math.hypot(pixel[0] - column, pixel[1] - row);
  return pixels.reduce((best, pixel) => (distance(pixel) < distance(best) ? pixel : best));
}
