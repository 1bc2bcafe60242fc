import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { VolumeFileError } from '../../../src/core/volume/volume-file-error.ts';
import { readVolume, readVolumeHeader } from '../../../src/node/volumes/read-volume.ts';
import { VolumeFile } from '../../../src/node/volumes/stored/volume-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const VOXELS = Uint8Array.from({ length: 24 }, (_, n) => n);

/** A header of 4 x 3 x 2 bytes. @param changes lines by their field, in place of the usual ones or beside them */
function nrrd(changes: Readonly<Record<string, string>> = {}): string {
  const fields = { type: 'uint8', dimension: '3', sizes: '4 3 2', encoding: 'raw', ...changes };
  return `NRRD0004\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n`;
}

function meta(changes: Readonly<Record<string, string>> = {}): string {
  const { ElementDataFile = 'LOCAL', ...others } = changes;
  const fields = {
    ObjectType: 'Image',
    NDims: '3',
    DimSize: '4 3 2',
    ElementType: 'MET_UCHAR',
    ...others,
    ElementDataFile,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

function save(folder: string, name: string, header: string, voxels: Uint8Array = VOXELS): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([Buffer.from(header), voxels]));
  return path;
}

async function refusal(path: string): Promise<VolumeFileError> {
  const error = await readVolume(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VolumeFileError);
  expect((error as VolumeFileError).message).toMatch(/^[A-Z][^\n]{20,330}\.$/);
  return error as VolumeFileError;
}

describe('voxels that a header says lie in another file', () => {
  const headers: [string, (file: string) => string][] = [
    ['a.nhdr', (file) => nrrd({ 'data file': file })],
    ['a.mhd', (file) => meta({ ElementDataFile: file })],
  ];
  const nothing = new Uint8Array(0);

  it.each(headers)('%s: are read beside it and below it, through links that stay there', async (name, header) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'below', 'v.raw'), VOXELS);
    symlinkSync(join('below', 'v.raw'), join(folder, 'link.raw'));
    for (const file of ['below/v.raw', 'below\\v.raw', 'link.raw']) {
      expect([...(await readVolume(save(folder, name, header(file), nothing))).data]).toEqual([...VOXELS]);
    }
  });

  it.each(headers)('%s: are never read from elsewhere', async (name, header) => {
    const outside = temporaryFolder();
    const secret = join(outside, 'secret.raw');
    writeFileSync(secret, VOXELS);
    const folder = join(outside, 'cohort');
    mkdirSync(folder);
    symlinkSync(secret, join(folder, 'link.raw'));
    symlinkSync(outside, join(folder, 'linked'));
    for (const file of [secret, '../secret.raw', 'x/../../secret.raw', 'C:\\secret.raw', '\\\\host\\secret.raw', '.']) {
      const error = await refusal(save(folder, name, header(file), nothing));
      expect(error.message, file).toMatch(/not in its folder|cannot be read/);
    }
    for (const file of ['link.raw', 'linked/secret.raw']) {
      expect((await refusal(save(folder, name, header(file), nothing))).message).toContain('not in its folder');
    }
  });

  it.each(headers)('%s: which are not there, or are too short, are told of', async (name, header) => {
    const folder = temporaryFolder();
    expect((await refusal(save(folder, name, header('none.raw'), nothing))).message).toContain(
      'put it beside the header',
    );
    writeFileSync(join(folder, 'short.raw'), VOXELS.subarray(0, 23));
    expect((await refusal(save(folder, name, header('short.raw'), nothing))).code).toBe('volume-truncated');
  });

  it.runIf(existsSync('/proc/self/fd'))('are opened once, however often one file is named', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'v.raw'), VOXELS);
    const names = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? 'v.raw' : './v.raw'));
    const list = nrrd({ sizes: '4 3 1000', 'data file': 'LIST' }).trimEnd();
    const before = readdirSync('/proc/self/fd').length;
    const file = await VolumeFile.open(save(folder, 'a.nhdr', `${list}\n${names.join('\n')}\n`, nothing));
    const open = readdirSync('/proc/self/fd').length - before;
    const last = new Uint8Array(24);
    await file.readAt(499 * 24, last);
    await file.close();
    expect(open).toBeLessThan(40);
    expect([...last]).toEqual([...VOXELS]);
  });

  it.each(headers)('%s: are not opened in numbers without end', async (name, header) => {
    const error = await refusal(save(temporaryFolder(), name, header('v%d.raw 0 999999999 1'), nothing));
    expect(error.message).toContain('make one file of them');
  });
});

describe('damaged and hostile headers of text', () => {
  it.each([
    ['an NRRD file without voxels', nrrd(), 'volume-truncated'],
    ['an NRRD file that claims a whole disk', nrrd({ sizes: '100000 100000 1000' }), 'volume-truncated'],
    ['an NRRD file that claims more than numbers hold', nrrd({ sizes: '9007199254740993 4 4' }), 'volume-dimensions'],
    ['an NRRD file with an empty axis', nrrd({ sizes: '4 0 2' }), 'volume-dimensions'],
    ['an NRRD file with a negative axis', nrrd({ sizes: '4 -3 2' }), 'volume-dimensions'],
    ['an NRRD file of very many axes', nrrd({ dimension: '99' }), 'volume-dimensions'],
    ['an NRRD file that says no dimension', nrrd({ dimension: 'x' }), 'volume-dimensions'],
    ['an NRRD file of too few sizes', nrrd({ sizes: '4 3' }), 'volume-damaged'],
    ['an NRRD file of an unknown type', nrrd({ type: 'block' }), 'volume-datatype'],
    ['an NRRD file of text', nrrd({ encoding: 'ascii' }), 'volume-unsupported'],
    ['an NRRD file of bzip2', nrrd({ encoding: 'bzip2' }), 'volume-unsupported'],
    ['an NRRD file with lines in front', nrrd({ 'line skip': '3' }), 'volume-unsupported'],
    ['an NRRD file that begins before itself', nrrd({ 'byte skip': '-7' }), 'volume-offset'],
    [
      'an NRRD file with a list in its middle',
      nrrd({ dimension: '4', sizes: '2 3 2 2', kinds: 'domain list domain domain' }),
      'volume-unsupported',
    ],
    ['an NRRD file without axes in space', nrrd({ kinds: 'list list list' }), 'volume-unsupported'],
    ['a header that does not end', `NRRD0004\n# ${'x'.repeat(2 << 20)}`, 'volume-damaged'],
    ['a MetaImage file without voxels', meta(), 'volume-truncated'],
    ['a MetaImage file that claims a whole disk', meta({ DimSize: '100000 100000 1000' }), 'volume-truncated'],
    [
      'a MetaImage file that claims more than numbers hold',
      meta({ DimSize: '9007199254740993 4 4' }),
      'volume-dimensions',
    ],
    ['a MetaImage file of no channels', meta({ ElementNumberOfChannels: '0' }), 'volume-dimensions'],
    ['a MetaImage file of very many channels', meta({ ElementNumberOfChannels: '99999' }), 'volume-unsupported'],
    ['a MetaImage file of an inherited type', meta({ ElementType: 'constructor' }), 'volume-datatype'],
    ['a MetaImage file of text', meta({ BinaryData: 'False' }), 'volume-unsupported'],
    ['a MetaImage file with a wrong offset', meta({ Offset: '1 2' }), 'volume-damaged'],
    ['a MetaImage file that ends early', 'ObjectType = Image\nNDims = 3\n', 'volume-truncated'],
  ])('%s is refused', async (_, header, code) => {
    expect((await refusal(save(temporaryFolder(), 'a', header, new Uint8Array(0)))).code).toBe(code);
  });

  // A pattern that tries every way to match such a line takes from minutes to hours, in the thread of all extensions,
  // which the limit of time that every test has does not let pass.
  const long = 1_000_000;
  it.each([
    ['a MetaImage comment of spaces', meta({ Comment: `x${' '.repeat(long)}y` }), undefined],
    ['NRRD directions of open brackets', nrrd({ 'space directions': '('.repeat(long) }), undefined],
    ['an NRRD field of spaces', nrrd({ content: `${' '.repeat(long)}x\u2028y` }), undefined],
    ['an NRRD data file of numbers', nrrd({ 'data file': '%d'.repeat(long / 2) }), 'volume-damaged'],
    ['a MetaImage data file of numbers', meta({ ElementDataFile: '%d'.repeat(long / 2) }), 'volume-damaged'],
  ])('%s is read or refused as fast as a short one', async (_, header, code) => {
    const path = save(temporaryFolder(), 'a', header);
    if (code === undefined) expect([...(await readVolume(path)).data]).toEqual([...VOXELS]);
    else expect((await refusal(path)).code).toBe(code);
  });

  it('a file of another kind is told by what its name promises', async () => {
    const folder = temporaryFolder();
    expect((await refusal(save(folder, 'a.nrrd', 'hello'))).message).toBe(
      'This is not an NRRD file; open a .nrrd or .nhdr file.',
    );
    expect((await refusal(save(folder, 'a.MHA', 'hello'))).message).toBe(
      'This is not a MetaImage file; open a .mha or .mhd file.',
    );
    expect((await refusal(save(folder, 'a.txt', 'hello'))).message).toContain(
      '.nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd file',
    );
  });

  it('geometry that is none is replaced, and told of', async () => {
    const folder = temporaryFolder();
    for (const [name, header] of [
      ['a.nrrd', nrrd({ space: 'RAS', 'space directions': '(1,0,0) (2,0,0) (0,0,1)', spacings: '2 3 4' })],
      ['b.nrrd', nrrd({ space: 'RAS', 'space directions': '(nan,0,0) (0,1,0) (0,0,1)', spacings: '2 3 4' })],
      ['c.mha', meta({ TransformMatrix: '1 0 0 2 0 0 0 0 1', ElementSpacing: '2 3 4' })],
    ]) {
      const { grid, isOriented, warnings } = await readVolumeHeader(save(folder, name, header));
      expect(grid.spacingMm, name).toEqual([2, 3, 4]);
      expect(isOriented).toBe(false);
      expect(warnings.some((warning) => /unusable/.test(warning))).toBe(true);
    }
  });
});

describe('packed voxels', () => {
  const packings: [string, string, (bytes: Uint8Array) => Uint8Array][] = [
    ['a.nrrd', nrrd({ encoding: 'gzip' }), gzipSync],
    ['a.mha', meta({ CompressedData: 'True' }), deflateSync],
  ];

  it.each(packings)(
    '%s: which end too early are incomplete, and which are damaged are told of',
    async (name, header, pack) => {
      const folder = temporaryFolder();
      const packed = pack(VOXELS);
      expect((await refusal(save(folder, name, header, packed.subarray(0, 12)))).code).toBe('volume-truncated');
      const damaged = Uint8Array.from(packed);
      damaged[damaged.length - 6] ^= 1;
      expect((await refusal(save(folder, name, header, damaged))).code).toMatch(/volume-(damaged|truncated)/);
      const short = await refusal(save(folder, name, header, pack(VOXELS.subarray(0, 20))));
      expect(short.message).toContain('only 20 are there');
    },
  );

  it.each(packings)(
    '%s: which inflate to far more are read no further than they are claimed',
    async (name, header, pack) => {
      const bomb = Buffer.concat([VOXELS, Buffer.alloc(64 << 20)]);
      const { data, header: read } = await readVolume(save(temporaryFolder(), name, header, pack(bomb)));
      expect([...data]).toEqual([...VOXELS]);
      expect(read.warnings.at(-1)).toContain('This file holds more behind the voxels');
    },
  );
});
