import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { VolumeFormat } from '../../../src/core/formats/volume-format.ts';
import { VOXEL_TYPES } from '../../../src/core/volume/voxel-type.ts';

/** A format of four bytes that say "TOY!", three bytes of extents and the voxels, as bytes: all of it in one object. */
const TOY: VolumeFormat = {
  id: 'toy',
  file: 'a toy file',
  endings: ['.toy'],
  mayBeGzipped: true,
  detect: (start) => String.fromCharCode(...start.subarray(0, 4)) === 'TOY!',
  async read(source) {
    const [, , , , nx, ny, nz] = await source.start(7);
    const dataLength = nx * ny * nz;
    const voxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    return {
      header: {
        format: 'toy',
        formatName: 'Toy',
        dimensions: [nx, ny, nz],
        grid: { shape: [nx, ny, nz], spacingMm: [1, 1, 1], voxelToWorld },
        timePoints: 1,
        datatype: VOXEL_TYPES.u8,
        scaling: { slope: 1, intercept: 0 },
        dataLength,
        orientation: 'RAS',
        geometrySource: 'nothing',
        isOriented: true,
        warnings: [],
      },
      littleEndian: true,
      pieces: [{ file: null, packing: 'none', at: 7, skip: 0, length: dataLength }],
      interleaved: 1,
    };
  },
};

describe('a format that is added by the line in the registry alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-toy-'));
  afterEach(() => {
    vi.doUnmock('../../../src/core/formats/registry.ts');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read, shown, found in a cohort, and labelled', async () => {
    vi.resetModules();
    vi.doMock('../../../src/core/formats/registry.ts', async (original) => {
      const registry = await original<typeof import('../../../src/core/formats/registry.ts')>();
      const formats = [...registry.FORMATS, TOY];
      return {
        ...registry,
        FORMATS: formats,
        formatOf: (name: string, start: Uint8Array, isGzipped: boolean) =>
          registry.formatOf(name, start, isGzipped, formats),
      };
    });
    const { recogniseLayout } = await import('../../../src/core/cohort/files/layout.ts');
    const { openVolume } = await import('../../../src/node/volumes/served/open-volume.ts');
    const { readVolume } = await import('../../../src/node/volumes/read-volume.ts');
    const { writeLabelVolume } = await import('../../../src/node/volumes/labels/write-label-volume.ts');
    const { readLabelVolume } = await import('../../../src/node/volumes/labels/label-volume.ts');
    const { LabelMap } = await import('../../../src/core/label/label-map.ts');
    const { DEFAULT_LABEL_TABLE } = await import('../../../src/core/label/table/label-table.ts');

    const image = join(folder, 'case.toy');
    writeFileSync(image, Buffer.concat([Buffer.from('TOY!\u0004\u0003\u0002'), Buffer.alloc(24, 9)]));
    const { cases } = recogniseLayout(['case.toy'], null);
    expect(cases.map(({ files }) => [files.channels[0], files.labels])).toEqual([['case.toy', 'case_seg.nii.gz']]);
    const { data, header } = await readVolume(image);
    expect([...data]).toEqual(Array(24).fill(9));
    const served = await openVolume(image, { memoryBudgetBytes: 1 << 20 });
    expect((await served.slab(0)).length).toBe(24);
    await served.close();

    const labelMap = LabelMap.fromDense(
      [4, 3, 2],
      Uint8Array.from({ length: 24 }, (_, n) => n % 2),
    );
    const labels = join(folder, 'case_seg.nii.gz');
    await writeLabelVolume(labels, { image: header, labelMap, table: DEFAULT_LABEL_TABLE });
    const read = await readLabelVolume(labels, { grid: header.grid });
    expect(read.fit).toBe('same');
    expect(read.labelMap.count(1)).toBe(12);
  });
});
