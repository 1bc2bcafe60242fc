import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OWN_FORMAT } from '../../../src/core/formats/registry.ts';
import { copyRealValues } from '../../../src/core/volume/voxel-values.ts';
import { readVolume, readVolumeHeader } from '../../../src/node/volumes/read-volume.ts';
import { openVolume } from '../../../src/node/volumes/served/open-volume.ts';
import { readGolden } from '../../support/golden.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A row of `test/golden/nrrd.json` and `meta.json`, which `volume_formats.py` writes. */
interface GoldenVolume {
  readonly name: string;
  /** In base64, that of the header first. */
  readonly files: Readonly<Record<string, string>>;
  readonly datatype: string;
  readonly oriented?: false;
  readonly segments?: number;
  readonly size: readonly number[];
  /** Voxel to RAS. */
  readonly affine: readonly number[];
  /** Volume by volume, i fastest. */
  readonly values: readonly number[];
}

function unpack({ files }: GoldenVolume): string {
  const folder = temporaryFolder();
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.from(content, 'base64'));
    return path;
  });
  return paths[0];
}

/** As volumes are shown: slab by slab, in place or inflated. */
async function servedBytes(path: string): Promise<Buffer> {
  const volume = await openVolume(path, { memoryBudgetBytes: 1 << 20 });
  try {
    const slabs: Uint8Array[] = [];
    for (let index = 0; index * volume.voxelsPerSlab < volume.voxelCount; index++) slabs.push(await volume.slab(index));
    return Buffer.concat(slabs);
  } finally {
    await volume.close();
  }
}

describe.each(['nrrd', 'meta'])('%s files', (format) => {
  const { cases } = readGolden<{ cases: GoldenVolume[] }>(`${format}.json`);
  it.each(cases.map((golden) => [golden.name, golden] as const))(
    'are read as SimpleITK reads them: %s',
    async (_, golden) => {
      const path = unpack(golden);
      const header = await readVolumeHeader(path);
      expect(header.format).toBe(format);
      expect(header.dimensions).toEqual(golden.size);
      expect(header.datatype.name).toBe(golden.datatype);
      expect(header.isOriented).toBe(golden.oriented ?? true);
      golden.affine.forEach((value, n) => {
        expect(header.grid.voxelToWorld[n], `affine[${n}]`).toBeCloseTo(value, 9);
      });
      const read: number[] = [];
      for (let timeIndex = 0; timeIndex < header.timePoints; timeIndex++) {
        read.push(...(await readVolume(path, { timeIndex })).data);
      }
      expect(read).toEqual(golden.values.map(Math.fround));
      // The served bytes are little-endian whatever the file's are, and so those of a decoded slab are the same numbers.
      const served = await servedBytes(path);
      expect(served.length).toBe(header.dataLength);
      const stored = new Float64Array(served.length / header.datatype.bytesPerVoxel);
      const span = { from: 0, stride: 1, count: stored.length, to: 0, toStride: 1 };
      copyRealValues(header.datatype, header.scaling, new Uint8Array(served), span, stored);
      expect([...stored].map(Math.fround)).toEqual(read);
    },
  );

  it('give their label maps their geometry', async () => {
    for (const golden of cases) {
      const header = await readVolumeHeader(unpack(golden));
      const own = OWN_FORMAT.writing.readGeometry(OWN_FORMAT.writing.geometry(header));
      expect(own.grid.shape).toEqual(header.grid.shape);
      expect(own.warnings).toEqual([]);
      header.grid.voxelToWorld.forEach((value, n) => {
        expect(Math.abs(own.grid.voxelToWorld[n] - value), golden.name).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(value)),
        );
      });
    }
  });
});
