import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invertAffine, transformPoint } from '../../src/core/geometry/affine.ts';
import { PLANE_NAMES, slicePlanes } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { labelTableFrom } from '../../src/core/label/table/label-table.ts';
import { extractSlice } from '../../src/core/volume/extract-slice.ts';
import type { VolumeHeader } from '../../src/core/volume/volume-header.ts';
import { writeLabelVolume } from '../../src/node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../../src/node/volumes/read-volume.ts';
import { openVolume } from '../../src/node/volumes/served/open-volume.ts';
import { runPython } from '../support/python.ts';
import { hasSharedData } from '../support/shared-data.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { conformanceFolder, filesIn } from './conformance-files.ts';

const present = hasSharedData('conformance');
const files = present ? filesIn('orientations') : [];

/** Everything that a person would see: the three middle slices and some others, with the screen's edges. */
async function displayed(path: string): Promise<unknown> {
  const volume = await openVolume(path, { memoryBudgetBytes: 1 << 30 });
  try {
    const { grid } = volume.header;
    const planes = slicePlanes(grid, 'radiological');
    const slices = [];
    for (const name of PLANE_NAMES) {
      const plane = planes[name];
      // Slices are numbered along the voxel axis; from which end depends on the file, so count from the patient's.
      const towards = transformPoint(grid.voxelToWorld, unit(plane.normalAxis));
      const origin = transformPoint(grid.voxelToWorld, [0, 0, 0]);
      const world = { sagittal: 0, coronal: 1, axial: 2 }[name];
      const forwards = towards[world] > origin[world];
      for (const fraction of [0.25, 0.5, 0.75]) {
        const ordinal = Math.floor(plane.sliceCount * fraction);
        const index = forwards ? ordinal : plane.sliceCount - 1 - ordinal;
        const { columns, rows, data } = await extractSlice(volume, grid, plane, index, 0);
        slices.push({ name, fraction, edges: plane.edges, columns, rows, data: Buffer.from(data).toString('base64') });
      }
    }
    return slices;
  } finally {
    await volume.close();
  }
}

function unit(axis: number): Vec3 {
  return [axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0];
}

/** Labels painted at places of the patient, a different one at each: no two orders of axes give the same picture. */
function paint(header: VolumeHeader, pointsWorldMm: readonly Vec3[]): LabelMap {
  const map = new LabelMap(header.grid.shape);
  const worldToVoxel = invertAffine(header.grid.voxelToWorld);
  const [nx, ny] = header.grid.shape;
  for (const [n, point] of pointsWorldMm.entries()) {
    const [i, j, k] = transformPoint(worldToVoxel, point).map(Math.round);
    map.fill(i + nx * (j + ny * k), 1, n + 1);
  }
  return map;
}

describe.skipIf(!present)('one volume in 48 orientations', () => {
  it('has 48 files', () => expect(files).toHaveLength(48));

  it('shows the same picture 48 times', async () => {
    const wanted = await displayed(join(conformanceFolder, 'orientations', 'RAS.nii.gz'));
    // Guard against a vacuous pass: the picture must not be its own mirror image.
    expect(JSON.stringify(wanted)).not.toBe(JSON.stringify(mirrored(wanted)));
    for (const path of files) expect(await displayed(path), basename(path)).toEqual(wanted);
  });

  it('is named after its orientation', async () => {
    for (const path of files) expect((await readVolumeHeader(path)).orientation).toBe(basename(path, '.nii.gz'));
  });

  it('takes 48 label maps that nibabel finds at the painted places, with the geometry of the image', async () => {
    const folder = temporaryFolder();
    const ras = await readVolumeHeader(join(conformanceFolder, 'orientations', 'RAS.nii.gz'));
    const voxels: Vec3[] = [
      [0, 0, 0],
      [63, 0, 0],
      [10, 70, 5],
      [33, 12, 60],
      [1, 2, 3],
    ];
    const points = voxels.map((voxel) => transformPoint(ras.grid.voxelToWorld, voxel));
    const table = labelTableFrom(points.map((_, n) => ({ value: n + 1, name: `place ${n + 1}` })));
    const pairs: { image: string; labels: string }[] = [];
    for (const image of files) {
      const header = await readVolumeHeader(image);
      const labels = join(folder, basename(image));
      await writeLabelVolume(labels, { image: header, labelMap: paint(header, points), table });
      pairs.push({ image, labels });
    }
    const found = runPython<{ differences: string[] | null; painted: [number, Vec3][] }[]>(
      join(import.meta.dirname, 'compare_label_maps.py'),
      pairs,
    );
    for (const [n, { differences, painted }] of found.entries()) {
      const name = basename(files[n]);
      expect(differences, name).toEqual([]);
      expect(
        painted.map(([label]) => label),
        name,
      ).toEqual([1, 2, 3, 4, 5]);
      for (const [label, point] of painted) {
        point.forEach((coordinate, axis) => {
          expect(Math.abs(coordinate - points[label - 1][axis]), `${name}: ${label}`).toBeLessThan(0.001);
        });
      }
    }
  });
});

function mirrored(slices: unknown): unknown {
  return (slices as { columns: number; data: string }[]).map((slice) => {
    const bytes = Buffer.from(slice.data, 'base64');
    for (let start = 0; start < bytes.length; start += slice.columns)
      bytes.subarray(start, start + slice.columns).reverse();
    return { ...slice, data: bytes.toString('base64') };
  });
}
