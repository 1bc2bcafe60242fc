/**
 * How long region growing takes, beside SimpleITK's ConnectedThreshold with the same seed and range:
 * `npm run bench -- grow [--rounds 5] [--magnified 4,4,3]`. The real CT of the shared data, magnified to the size of a scan and
 * with noise, so that regions have edges as real ones have. The time is that of an answer in the volume worker, packed to travel;
 * the volume is in memory, as in an editor that has shown it. The Python is that of VOXEL_LOOP_PYTHON, with SimpleITK.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CancelSource } from '../src/core/cancel.ts';
import { encodeImageHeader } from '../src/core/formats/nifti/image-header.ts';
import type { VoxelGrid } from '../src/core/geometry/grid.ts';
import { slicePlanes } from '../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../src/core/geometry/vector.ts';
import { SeededRandom } from '../src/core/random.ts';
import { answerQuery } from '../src/core/tools/answer-query.ts';
import { sampledRange } from '../src/core/tools/grow/intensity-range.ts';
import { extractBox } from '../src/core/volume/extract-box.ts';
import { VOXEL_TYPES } from '../src/core/volume/voxel-type.ts';
import { dataContext } from '../src/node/volume-worker/data-context.ts';
import { openVolume } from '../src/node/volumes/served/open-volume.ts';
import { Peer } from './support/peer.ts';
import { describeRounds, median } from './support/statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, magnified: { type: 'string', default: '4,4,3' } },
});
const rounds = Number(values.rounds);
const factors = values.magnified.split(',').map(Number) as unknown as Vec3;
const SAMPLE_MM = 6;
/** Voxels of the CT in tissues that stand out: `[i, j, k]` before it is magnified. */
const PLACES = { liver: 5, spleen: 1, aorta: 7 } as const;
const data = '../shared/data/abdomen-ct';
const options = { memoryBudgetBytes: 2 ** 31 };
const { signal } = new CancelSource();

async function readAll(path: string) {
  const volume = await openVolume(path, options);
  const { grid } = volume.header;
  const voxels = await extractBox(volume, grid, { from: [0, 0, 0], to: grid.shape }, 0);
  await volume.close();
  return { grid, voxels };
}

/** Writes the CT with every voxel repeated, and noise of 12 HU. */
async function magnified(folder: string): Promise<string> {
  const { grid, voxels } = await readAll(join(data, 'ct.nii.gz'));
  const [nx, ny] = grid.shape;
  const shape = grid.shape.map((extent, axis) => extent * factors[axis]) as unknown as Vec3;
  const large: VoxelGrid = {
    shape,
    spacingMm: grid.spacingMm.map((mm, axis) => mm / factors[axis]) as unknown as Vec3,
    voxelToWorld: grid.voxelToWorld.map((value, n) =>
      n % 4 < 3 ? value / factors[n % 4] : value,
    ) as unknown as VoxelGrid['voxelToWorld'],
  };
  const random = new SeededRandom(1);
  const noise = Int16Array.from({ length: 65_521 }, () => Math.round(random.normal(0, 12)));
  const out = new Int16Array(shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      const row = nx * (Math.floor(j / factors[1]) + ny * Math.floor(k / factors[2]));
      for (let i = 0; i < shape[0]; i++, at++)
        out[at] = voxels[row + Math.floor(i / factors[0])] + noise[at % noise.length];
    }
  }
  const path = join(folder, 'ct.nii');
  writeFileSync(path, encodeImageHeader(large, VOXEL_TYPES.i16));
  writeFileSync(path, new Uint8Array(out.buffer), { flag: 'a' });
  return path;
}

/** The voxel of an organ that is nearest to the middle of all of its voxels. */
function middleOf(label: number, { grid, voxels }: Awaited<ReturnType<typeof readAll>>): Vec3 {
  const [nx, ny] = grid.shape;
  const found: Vec3[] = [];
  voxels.forEach((value, at) => {
    if (value === label) found.push([at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))]);
  });
  const middle = [0, 1, 2].map((axis) => found.reduce((sum, voxel) => sum + voxel[axis], 0) / found.length);
  const away = (voxel: Vec3) => Math.hypot(...voxel.map((value, axis) => value - middle[axis]));
  return found.reduce((best, voxel) => (away(voxel) < away(best) ? voxel : best));
}

const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-bench-'));
try {
  const path = await magnified(folder);
  const organs = await readAll(join(data, 'organs.nii.gz'));
  const volume = await openVolume(path, options);
  await volume.loaded;
  const { grid } = volume.header;
  const planes = slicePlanes(grid, 'radiological');
  const context = dataContext(
    volume,
    () => Promise.reject(new Error('Growing looks at no label.')),
    () => undefined,
    signal,
  );
  // Everything is in memory from now on.
  await extractBox(volume, grid, { from: [0, 0, 0], to: grid.shape }, 0);
  const peer = new Peer('grow_sitk.py', [path]);
  await peer.read();
  console.log(`${grid.shape.join(' x ')} voxels; ${rounds} rounds; milliseconds`);
  for (const [name, label] of Object.entries(PLACES)) {
    const seed = middleOf(label, organs).map((value, axis) => value * factors[axis]) as unknown as Vec3;
    const [i, j, k] = seed;
    const slice = await extractBox(volume, grid, { from: [0, 0, k], to: [grid.shape[0], grid.shape[1], k + 1] }, 0);
    const image = { values: slice, width: grid.shape[0], uMm: grid.spacingMm[0], vMm: grid.spacingMm[1] };
    const range = sampledRange(image, [i, j], SAMPLE_MM);
    if (!range) throw new Error('There is no value at the seed.');
    const { columnAxis } = planes.axial;
    const at = columnAxis === 0 ? [i, j] : [j, i];
    for (const extent of ['slice', 'volume'] as const) {
      const query = { tool: 'grow', plane: 'axial', slice: k, at, timeIndex: 0, label: 1, sampleMm: SAMPLE_MM, extent };
      const ours: number[] = [];
      const theirs: number[] = [];
      let voxels = 0;
      let peerVoxels: unknown;
      for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        const gesture = await answerQuery(context, query);
        ours.push(performance.now() - began);
        const covered = 'covered' in gesture ? gesture.covered : [];
        voxels = covered.reduce((sum, value, n) => (n % 3 === 1 ? sum + value : sum), 0);
        if (extent === 'slice') continue;
        const answer = await peer.ask({ seed, ...range });
        theirs.push(Number(answer.ms));
        peerVoxels = answer.voxels;
      }
      const beside =
        extent === 'slice'
          ? ''
          : ` beside ${describeRounds(theirs)} of SimpleITK (${peerVoxels} voxels); ratio ${(median(theirs) / median(ours)).toFixed(2)}`;
      console.log(`${name}, ${extent}: ${describeRounds(ours)} for ${voxels} voxels${beside}`);
    }
  }
  peer.close();
  await volume.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
