import type { Vec3 } from '../geometry/vector.ts';

/**
 * Says which voxels touch: those that share a face (6), a face or an edge (18), or a face, an edge or a corner (26).
 */
export type Connectivity = 6 | 18 | 26;

/** Voxels of a mask that hang together. */
export interface Component {
  readonly voxels: number;
  /** Bounding box in voxels: `[min, max)` along i, j, k. */
  readonly min: Vec3;
  readonly max: Vec3;
}

/** The components of a mask, and where they lie as runs along i. */
export interface Components {
  readonly shape: Vec3;
  /** Component c has id `c + 1`. They are in the order of their first voxel in the mask. */
  readonly components: readonly Component[];
  /** Maximal runs of mask voxels within a row, ascending: run r is `[runStarts[r], runStarts[r] + runLengths[r])`. */
  readonly runStarts: Float64Array;
  readonly runLengths: Uint32Array;
  /** The id of the component that run r belongs to, from 1 on. */
  readonly runIds: Uint32Array;
}

/**
 * Finds the connected components of a mask, by union-find over runs (Rosenfeld & Pfaltz 1966, two passes): memory goes
 * with the number of runs and not of voxels.
 *
 * @param mask element `i + nx * (j + ny * k)` of a volume of `shape`; anything but 0 is in the mask
 * @throws RangeError if the mask does not fill the shape
 */
export function connectedComponents(mask: Uint8Array, shape: Vec3, connectivity: Connectivity): Components {
  const [nx, ny, nz] = shape;
  if (mask.length !== nx * ny * nz) throw new RangeError(`${mask.length} voxels do not fill ${shape.join(' x ')}.`);
  const { starts, lengths, rowRuns } = findRuns(mask, nx, ny * nz);
  const parents = Uint32Array.from({ length: starts.length }, (_, run) => run);
  for (const [dj, dk, reach] of precedingRows(connectivity)) {
    for (let k = dk; k < nz; k++) {
      for (let j = Math.max(dj, 0); j < ny + Math.min(dj, 0); j++) {
        const row = j + ny * k;
        joinRows({ starts, lengths, rowRuns, parents }, row, row - dj - ny * dk, nx, reach);
      }
    }
  }
  return gather(shape, starts, lengths, parents);
}

/** Returns the component's id (from 1 on) of each voxel, 0 outside the mask. The layout is the mask's. */
export function componentIds({ shape, runStarts, runLengths, runIds }: Components): Uint32Array {
  const ids = new Uint32Array(shape[0] * shape[1] * shape[2]);
  for (let run = 0; run < runStarts.length; run++) {
    ids.fill(runIds[run], runStarts[run], runStarts[run] + runLengths[run]);
  }
  return ids;
}

interface Runs {
  readonly starts: Float64Array;
  readonly lengths: Uint32Array;
  /** Row r has the runs `[rowRuns[r], rowRuns[r + 1])`. */
  readonly rowRuns: Uint32Array;
}

function findRuns(mask: Uint8Array, nx: number, rows: number): Runs {
  const starts: number[] = [];
  const lengths: number[] = [];
  const rowRuns = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * nx;
    for (let at = row * nx; at < end; at++) {
      if (mask[at] === 0) continue;
      const start = at;
      while (at < end && mask[at] !== 0) at++;
      starts.push(start);
      lengths.push(at - start);
    }
    rowRuns[row + 1] = starts.length;
  }
  return { starts: Float64Array.from(starts), lengths: Uint32Array.from(lengths), rowRuns };
}

/**
 * Lists the rows before a row that its runs may touch, as steps back in j and k, and by how many voxels two runs may
 * miss each other along i: 26 neighbours differ in up to three indices by one, 18 in up to two, 6 in one.
 */
function precedingRows(connectivity: Connectivity): readonly (readonly [dj: number, dk: number, reach: number])[] {
  const most = connectivity === 6 ? 1 : connectivity === 18 ? 2 : 3;
  const steps = [
    [1, 0],
    [-1, 1],
    [0, 1],
    [1, 1],
  ] as const;
  return steps.flatMap(([dj, dk]) => {
    const left = most - Math.abs(dj) - dk;
    return left < 0 ? [] : [[dj, dk, Math.min(left, 1)] as const];
  });
}

/** Joins the runs of `row` with those of `before` that overlap them, or lie at most `reach` voxels beside. */
function joinRows(
  { starts, lengths, rowRuns, parents }: Runs & { readonly parents: Uint32Array },
  row: number,
  before: number,
  nx: number,
  reach: number,
): void {
  const shift = (row - before) * nx;
  let a = rowRuns[row];
  let b = rowRuns[before];
  while (a < rowRuns[row + 1] && b < rowRuns[before + 1]) {
    const aStart = starts[a];
    const bStart = starts[b] + shift;
    const aEnd = aStart + lengths[a];
    const bEnd = bStart + lengths[b];
    if (aStart < bEnd + reach && bStart < aEnd + reach) {
      const [one, other] = [rootOf(parents, a), rootOf(parents, b)];
      // The earlier run leads, so that roots come in the order of first voxels.
      if (one < other) parents[other] = one;
      else parents[one] = other;
    }
    if (aEnd < bEnd) a++;
    else b++;
  }
}

/** Returns the root of a run's tree; the path is halved on the way. */
function rootOf(parents: Uint32Array, run: number): number {
  let at = run;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]];
    at = parents[at];
  }
  return at;
}

function gather(shape: Vec3, starts: Float64Array, lengths: Uint32Array, parents: Uint32Array): Components {
  const [nx, ny] = shape;
  const runIds = new Uint32Array(starts.length);
  const found: { voxels: number; min: [number, number, number]; max: [number, number, number] }[] = [];
  for (let run = 0; run < starts.length; run++) {
    const root = rootOf(parents, run);
    const i = starts[run] % nx;
    const row = (starts[run] - i) / nx;
    const j = row % ny;
    const k = (row - j) / ny;
    if (root === run) {
      found.push({ voxels: 0, min: [i, j, k], max: [i, j, k] });
      runIds[run] = found.length;
    } else {
      runIds[run] = runIds[root];
    }
    const component = found[runIds[run] - 1];
    component.voxels += lengths[run];
    const { min, max } = component;
    min[0] = Math.min(min[0], i);
    min[1] = Math.min(min[1], j);
    max[0] = Math.max(max[0], i + lengths[run]);
    max[1] = Math.max(max[1], j + 1);
    max[2] = Math.max(max[2], k + 1);
  }
  return { shape, components: found, runStarts: starts, runLengths: lengths, runIds };
}
