import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planeVoxel, slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { LayerSource, pendingLayer } from '../../../src/webview/layers/layer-source.ts';

const shape: Vec3 = [5, 4, 3];
const name = fc.constantFrom('axial' as const, 'coronal' as const, 'sagittal' as const);
const signs = fc.tuple(fc.constantFrom(1, -1), fc.constantFrom(1, -1), fc.constantFrom(1, -1));

test('only voxels of pending slices where nothing is drawn are in the pending layer, in every plane and orientation', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 60, maxLength: 60, max: 3 }),
      name,
      name,
      signs,
      fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      fc.nat(),
      fc.uint8Array({ minLength: 60, maxLength: 60, max: 1 }),
      (proposed, shown, review, [x, y, z], pending, seed, labels) => {
        const voxelToWorld = [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1];
        const planes = slicePlanes({ shape, spacingMm: [1, 1, 1], voxelToWorld }, 'radiological');
        const plane = planes[shown];
        const slice = seed % plane.sliceCount;
        const layer = pendingLayer(
          {
            proposed: LabelMap.fromDense(shape, proposed),
            labels: LabelMap.fromDense(shape, labels),
            reviewPlane: planes[review],
            isPending: (each) => pending[each],
          },
          plane,
          slice,
        );
        for (let row = 0; row < plane.rows; row++) {
          for (let column = 0; column < plane.columns; column++) {
            const [i, j, k] = planeVoxel(plane, slice, column, row);
            const isPending = pending[[i, j, k][planes[review].normalAxis]];
            const at = i + 5 * (j + 4 * k);
            const expected = isPending && labels[at] === 0 ? proposed[at] : 0;
            expect(layer?.data[column + plane.columns * row] ?? 0).toBe(expected);
          }
        }
      },
    ),
  );
});

test('a layer is the same object until something changed', () => {
  const planes = slicePlanes(
    { shape, spacingMm: [1, 1, 1], voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
    'radiological',
  );
  const map = new LabelMap(shape);
  const source = new LayerSource();
  const first = source.layer(map, planes.axial, 1);
  expect(source.layer(map, planes.axial, 1)).toBe(first);
  source.layer(map, planes.coronal, 1);
  expect(source.layer(map, planes.axial, 1)).toBe(first);
  source.invalidate();
  expect(source.layer(map, planes.axial, 1)).not.toBe(first);
});
