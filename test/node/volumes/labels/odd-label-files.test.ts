import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { affineSpacing } from '../../../../src/core/geometry/affine.ts';
import type { VoxelGrid } from '../../../../src/core/geometry/grid.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { readLabelVolume } from '../../../../src/node/volumes/labels/label-volume.ts';
import { readGolden } from '../../../support/golden.ts';
import { type NiftiFields, niftiBytes } from '../../../support/nifti-bytes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

interface OddFile {
  readonly file: string;
  readonly image: { readonly shape: Vec3; readonly voxelToWorld: readonly number[] };
  readonly painted: readonly (readonly [number, number, number, number])[];
}

const golden = readGolden<Readonly<Record<string, OddFile>>>('odd-labels.json');

function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'a_seg.nii.gz');
  writeFileSync(path, bytes);
  return path;
}

function read(name: string, grid?: VoxelGrid) {
  const { file, image } = golden[name];
  const { shape, voxelToWorld } = image;
  const ofImage = { shape, voxelToWorld, spacingMm: affineSpacing(voxelToWorld) };
  return readLabelVolume(fileOf(Buffer.from(file, 'base64')), { grid: grid ?? ofImage });
}

/** As the golden has it: voxels that are not background, with the values of the file. */
function painted({ labelMap, table }: Awaited<ReturnType<typeof readLabelVolume>>) {
  const [ni, nj] = labelMap.shape;
  return [...labelMap.read(0, labelMap.voxelCount)].flatMap((label, at) =>
    label === 0 ? [] : [[at % ni, Math.floor(at / ni) % nj, Math.floor(at / ni / nj), table[label].value]],
  );
}

describe('label files of other programs, made by nibabel', () => {
  it.each([
    ['plain', 'same', 0],
    ['scaled uint8, up to 3', 'same', 1],
    ['scaled uint8, up to 17', 'same', 1],
    ['scaled int16, up to 3', 'same', 1],
    ['scaled int16, up to 2035', 'same', 1],
    ['scaled int16, up to 14175', 'same', 1],
    ['scaled int16, down to -40', 'same', 1],
    ['scaled int32, up to 14175', 'same', 1],
    ['cropped', 'piece', 0],
    ['padded', 'piece', 0],
    ['flipped', 'turned', 0],
    ['as RAS', 'turned', 0],
    ['axes swapped', 'turned', 0],
    ['cropped and flipped', 'turned', 0],
  ] as const)('are read by value and place: %s', async (name, fit, notes) => {
    const labels = await read(name);
    expect(painted(labels)).toEqual(golden[name].painted);
    expect(labels.fit).toBe(fit);
    expect(labels.notes).toHaveLength(notes);
  });

  it('have a place for each file in the golden', () => {
    expect(Object.keys(golden)).toHaveLength(14);
  });

  it('tell how scaled numbers were read', async () => {
    const { notes } = await read('scaled uint8, up to 3');
    expect(notes[0]).toBe(
      'This label file holds scaled numbers (uint8, times 0.0117647 plus 0); each is read as the nearest whole number, and saving writes whole numbers.',
    );
  });

  it('that reach beyond their image are refused, not cut off', async () => {
    const { image } = golden.cropped;
    const smaller = { shape: [4, 8, 7] as const, voxelToWorld: image.voxelToWorld, spacingMm: [0.7, 0.7, 5] as const };
    await expect(read('cropped', smaller)).rejects.toThrow(/9 labelled voxels of this file lie outside of its image/);
  });

  it('of other voxels are refused', async () => {
    const { image } = golden.cropped;
    const voxelToWorld = [...image.voxelToWorld];
    voxelToWorld[3] += 0.3;
    const between = { shape: image.shape, voxelToWorld, spacingMm: [0.7, 0.7, 5] as const };
    await expect(read('cropped', between)).rejects.toThrow(/3 x 3 x 3 voxels and its image 9 x 8 x 7/);
    expect((await read('plain', between)).fit).toBe('elsewhere');
  });
});

describe('scaled numbers that are no labels', () => {
  const stored = (values: readonly number[], more: NiftiFields): string =>
    fileOf(
      gzipSync(niftiBytes({ dimensions: [values.length], datatype: [2, 1], voxels: Uint8Array.from(values), ...more })),
    );

  it.each([
    ['a probability map with one doubtful voxel', [0, 255, 128], { slope: 1 / 255 }],
    ['a probability map that is nearly sure', [0, 255, 254], { slope: 1 / 255 }],
    ['an image of a coarse scale', [0, 1, 2, 3, 4, 5], { slope: 0.3 }],
    ['an image whose scale leaves no whole numbers', [0, 1, 2], { slope: 1.5 }],
    ['whole steps beside whole numbers', [1, 2, 3], { slope: 1, intercept: 0.4 }],
  ])('are refused: %s', async (_name, values, scaling) => {
    await expect(readLabelVolume(stored(values, scaling))).rejects.toMatchObject({ code: 'volume-not-labels' });
  });

  it('are labels where every used number is near a whole one', async () => {
    const { table } = await readLabelVolume(stored([0, 85, 170, 255], { slope: Math.fround(3 / 255) }));
    expect(table.map(({ value }) => value)).toEqual([0, 1, 2, 3]);
  });
});
