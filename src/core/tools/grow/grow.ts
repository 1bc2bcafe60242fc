import * as v from 'valibot';
import type { Vec3 } from '../../geometry/vector.ts';
import type { VoxelBox } from '../../geometry/voxel-box.ts';
import { defineDataTool, queryEntries } from '../data-tool.ts';
import { gridPoint } from '../gesture-schemas.ts';
import { type SliceLayout, sliceLayout } from '../raster/slice-layout.ts';
import { type DataContext, type Hand, InvalidGestureError, type Paint } from '../tool.ts';
import { type ChoiceSetting, settingValue } from '../tool-setting.ts';
import { type FloodPlane, flood, forEachFilledRun, OPEN, type PixelRun } from './flood.ts';
import { type IntensityRange, sampledRange } from './intensity-range.ts';

const extents = ['slice', 'volume'] as const;
type GrowExtent = (typeof extents)[number];

const growExtent: ChoiceSetting<GrowExtent> = {
  kind: 'choice',
  name: 'growExtent',
  title: 'Grow',
  help: 'Where the region grows',
  options: [
    { value: 'slice', title: 'in the slice' },
    { value: 'volume', title: 'in 3-D' },
  ],
  schema: v.picklist(extents),
  fresh: () => 'slice',
};

/** No volume is wider than this. */
const WIDEST_MM = 1e7;

/**
 * A press says where, and dragging away from it samples a disc around it: what is joined to the pixel and has
 * intensities of the disc gets the active label, in the slice or in the volume (region growing; Adams and Bischof 1994
 * name the family). The range is that of the disc and no number that a person must guess, so it is the same gesture in
 * CT, MRI and anything else, and grows as the disc grows.
 */
export const grow = defineDataTool({
  id: 'grow',
  title: 'Region grow',
  icon: 'M2 14 10 6M8.6 4.9l2.5 2.5M10.5 1.2v2M14.8 5.5h-2M13.6 2.4 12.2 3.8M7.4 2.4l1 1M13.6 8.6l-1-1',
  key: { letter: 'w', shift: true },
  help: 'Region grow: press on a tissue and drag to sample it; all that is joined and alike is filled, with Ctrl erased',
  erases: false,
  gestureKind: 'hold',
  cursor: 'sample',
  settings: [growExtent],
  query: v.strictObject({
    tool: v.literal('grow'),
    ...queryEntries,
    at: gridPoint,
    sampleMm: v.pipe(v.number(), v.minValue(0), v.maxValue(WIDEST_MM)),
    extent: v.picklist(extents),
  }),
  editTitle: ({ label }) => (label === 0 ? 'Erase Grown Region' : 'Grow Region'),
  begin: (hand) => {
    const { plane, slice, at, timeIndex, settings, label, onlyOver, erases, alternative } = hand;
    const takesAway = erases || alternative;
    return {
      tool: 'grow' as const,
      plane,
      slice,
      at,
      timeIndex,
      sampleMm: Math.min(draggedMm(hand), WIDEST_MM),
      extent: settingValue(growExtent, settings),
      label: takesAway ? 0 : label,
      ...(!takesAway && onlyOver !== undefined && { onlyOver }),
    };
  },
  answer: async (context, query, paint) => {
    const layout = sliceLayout(context.planes[query.plane], query);
    const [u, v] = layout.uv(query.at).map(Math.round);
    if (u < 0 || u >= layout.uCount || v < 0 || v >= layout.vCount) return;
    const { normalAxis, grid } = context.planes[query.plane];
    const values = await context.image(sliceBox(grid.shape, normalAxis, query.slice), query.timeIndex);
    const slice = { values, width: layout.uCount, uMm: layout.uMm, vMm: layout.vMm };
    const range = sampledRange(slice, [u, v], query.sampleMm);
    if (!range) return;
    if (query.extent === 'slice') {
      const plane = openPlane(values, layout.uCount, range);
      flood(plane, [{ start: u + layout.uCount * v, length: 1 }]);
      paintSlice(plane, layout, query.label, paint);
    } else {
      const seed = layout.base + u * layout.uStride + v * layout.vStride;
      await growInVolume(context, query.timeIndex, range, seed, (start, length) => paint(start, length, query.label));
    }
  },
});

/** The distance that the pointer has gone from where it went down. */
function draggedMm({ at, to, slicePlane }: Hand): number {
  if (!to) return 0;
  return Math.hypot((to[0] - at[0]) * slicePlane.columnSpacingMm, (to[1] - at[1]) * slicePlane.rowSpacingMm);
}

function sliceBox([nx, ny, nz]: Vec3, axis: number, index: number): VoxelBox {
  const from: [number, number, number] = [0, 0, 0];
  const to: [number, number, number] = [nx, ny, nz];
  from[axis] = index;
  to[axis] = index + 1;
  return { from, to };
}

function openPlane(values: Float32Array, width: number, { low, high }: IntensityRange): FloodPlane {
  const pixels = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) if (values[at] >= low && values[at] <= high) pixels[at] = OPEN;
  return { pixels, width };
}

function paintSlice(plane: FloodPlane, { base, uStride, vStride }: SliceLayout, label: number, paint: Paint): void {
  forEachFilledRun(plane, (start, length) => {
    const [u, v] = [start % plane.width, Math.floor(start / plane.width)];
    const offset = base + u * uStride + v * vStride;
    if (uStride === 1) paint(offset, length, label);
    else for (let n = 0; n < length; n++) paint(offset + n * uStride, 1, label);
  });
}

/**
 * Grows through the planes along k, which lie in one piece in the file: what is filled in one seeds the two beside it.
 * A plane is read when it is reached, and costs a byte a voxel from then on.
 */
async function growInVolume(
  context: DataContext,
  timeIndex: number,
  range: IntensityRange,
  seed: number,
  paint: (start: number, length: number) => void,
): Promise<void> {
  const [nx, ny, nz] = context.planes.axial.grid.shape;
  const planeVoxels = nx * ny;
  const planes = new ReachedPlanes(context, timeIndex, range);
  const seeds = new Map<number, readonly PixelRun[]>();
  const visited = new Set<number>();
  let told = 0;
  seeds.set(Math.floor(seed / planeVoxels), [{ start: seed % planeVoxels, length: 1 }]);
  for (let next = seeds.entries().next(); !next.done; next = seeds.entries().next()) {
    const [k, here] = next.value;
    seeds.delete(k);
    await context.breathe();
    const filled = flood(planes.known(k) ?? (await planes.read(k)), here);
    if (filled.length > 0) {
      for (const beside of [k - 1, k + 1]) {
        if (beside >= 0 && beside < nz) seeds.set(beside, [...(seeds.get(beside) ?? []), ...filled]);
      }
    }
    // A plane that is waited for again is not done: a region that winds comes back to most of them.
    const done = visited.add(k).size - seeds.size;
    if (done > told) {
      told = done;
      context.progress(told / nz);
    }
  }
  for (let k = 0; k < nz; k++) {
    const plane = planes.known(k);
    if (!plane) continue;
    await context.breathe();
    forEachFilledRun(plane, (start, length) => paint(k * planeVoxels + start, length));
  }
}

/** Planes are read together until they have so many voxels: asking for each of many small ones would take longest. */
const VOXELS_AT_ONCE = 2 ** 16;

/** More would not leave enough memory for anything else. A CT of 1024 x 1024 x 1000 voxels is half of it. */
const MOST_REACHED = 2 ** 31;
const TOO_FAR = { instead: 'Grow it in the slice, or sample a smaller range of intensities.' };

/** The planes along k that a region has reached. */
class ReachedPlanes {
  readonly #planes = new Map<number, FloodPlane>();
  readonly #shape: Vec3;
  #reached = 0;

  constructor(
    private readonly context: DataContext,
    private readonly timeIndex: number,
    private readonly range: IntensityRange,
  ) {
    this.#shape = context.planes.axial.grid.shape;
  }

  known(k: number): FloodPlane | undefined {
    return this.#planes.get(k);
  }

  /** @throws InvalidGestureError if the region has reached more than memory holds */
  async read(k: number): Promise<FloodPlane> {
    const [nx, ny, nz] = this.#shape;
    const atOnce = Math.max(1, Math.floor(VOXELS_AT_ONCE / (nx * ny)));
    const first = k - (k % atOnce);
    const end = Math.min(nz, first + atOnce);
    this.#reached += (end - first) * nx * ny;
    if (this.#reached > MOST_REACHED) throw new InvalidGestureError('it spreads too far', TOO_FAR);
    const box = { from: [0, 0, first], to: [nx, ny, end] } as const;
    const values = await this.context.image(box, this.timeIndex);
    for (let each = first; each < end; each++) {
      const start = (each - first) * nx * ny;
      this.#planes.set(each, openPlane(values.subarray(start, start + nx * ny), nx, this.range));
    }
    return this.#planes.get(k) as FloodPlane;
  }
}
