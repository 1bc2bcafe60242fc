import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOfDatatype } from '../../src/core/formats/nifti/datatype.ts';
import { VolumeFileError } from '../../src/core/volume/volume-file-error.ts';
import { runPython } from '../support/python.ts';
import { hasSharedData } from '../support/shared-data.ts';
import {
  conformanceFolder,
  type ExpectedFile,
  expectedFiles,
  type FileOutcome,
  filesIn,
  isPairHalf,
  readWhole,
} from './conformance-files.ts';

interface Reference {
  readonly reader: 'nibabel' | 'numpy';
  readonly shape: readonly number[];
  readonly affine: readonly (readonly number[])[] | null;
  readonly sha256: string;
}

/** Files on whose geometry nibabel and we differ, and why ours is meant. */
const GEOMETRY_DIFFERS = new Map([
  ['ori_neither.nii', 'nibabel centres the volume and mirrors it; nifti1.h (method 1) does not'],
  ['ori_zero_pixdim.nii', 'as ori_neither.nii'],
  ['ori_s_nan.nii', 'nibabel takes a sform that is not finite'],
  ['ori_s_singular.nii', 'nibabel takes a sform that is all zero'],
  ['ori_units_meter.nii', 'nibabel leaves metres as they are'],
  ['ori_units_micron.nii', 'nibabel leaves micrometres as they are'],
]);

const present = hasSharedData('conformance');
const expected = present ? expectedFiles() : new Map<string, ExpectedFile>();
const generated = [...expected.keys()].sort().map((name) => join(conformanceFolder, 'generated', name));
const real = present ? filesIn('real') : [];
const orientations = present ? filesIn('orientations') : [];

/** A refusal that a user can read: typed, one line, ending like a sentence. */
function expectClearRefusal(outcome: FileOutcome): void {
  if (outcome.kind === 'read') throw new Error('The file was read.');
  expect(outcome.error).toBeInstanceOf(VolumeFileError);
  expect((outcome.error as VolumeFileError).message).toMatch(/^[A-Z][^\n]{20,220}\.$/);
}

describe.skipIf(!present)('generated conformance files', () => {
  for (const path of generated) {
    const name = basename(path);
    const { readable, shape, datatype, note } = expected.get(name) as ExpectedFile;
    if (readable && !isPairHalf(name)) {
      it(`${name} is read: ${note}`, async () => {
        const outcome = await readWhole(path);
        if (outcome.kind === 'refused') throw outcome.error;
        expect(outcome.header.dimensions).toEqual(shape);
        if (datatype !== undefined) expect(codeOfDatatype(outcome.header.datatype)).toBe(datatype);
      });
    } else {
      it(`${name} is refused: ${note}`, async () => expectClearRefusal(await readWhole(path)));
    }
  }
});

describe.skipIf(!present)('against nibabel', () => {
  const readable = [
    ...generated.filter((path) => expected.get(basename(path))?.readable),
    ...real,
    ...orientations,
  ].filter((path) => !isPairHalf(path) && basename(path) !== 'not-nifti.nii');
  it(`reads the values and places the voxels of ${readable.length} files alike`, async () => {
    const references = runPython<Reference[]>(join(import.meta.dirname, 'reference_values.py'), readable);
    const differing: string[] = [];
    let placed = 0;
    for (const [n, path] of readable.entries()) {
      const [name, reference, outcome] = [basename(path), references[n], await readWhole(path)];
      if (outcome.kind === 'refused') throw outcome.error;
      const { header } = outcome;
      expect(header.dimensions, name).toEqual(reference.shape);
      if (outcome.sha256 !== reference.sha256) differing.push(name);
      if (reference.affine === null || GEOMETRY_DIFFERS.has(name)) continue;
      const flat = reference.affine.flat();
      const scale = Math.max(...flat.map(Math.abs));
      header.grid.voxelToWorld.forEach((value, index) => {
        expect(Math.abs(value - flat[index]), `${name}: affine[${index}]`).toBeLessThan(1e-6 * scale);
      });
      placed++;
    }
    expect(differing).toEqual([]);
    expect(placed).toBeGreaterThan(150);
  });

  it('refuses not-nifti.nii', async () => {
    expectClearRefusal(await readWhole(join(conformanceFolder, 'real', 'not-nifti.nii')));
  });
});

describe.skipIf(!present)('docs/conformance.md', () => {
  it('says what happens to every file (npm run conformance -- --write renews it)', async () => {
    const lines: string[] = [];
    const count = { asExpected: 0, exceptions: 0 };
    for (const path of [...generated, ...real, ...orientations]) {
      const name = basename(path);
      const entry = expected.get(name);
      const unlisted = orientations.includes(path)
        ? 'one volume in all axis orders'
        : 'from another reader’s test suite';
      const note = entry?.note ?? unlisted;
      const pair = isPairHalf(name);
      const wanted = pair ? 'refuse (pair)' : (entry?.readable ?? name !== 'not-nifti.nii') ? 'read' : 'refuse';
      const outcome = await readWhole(path);
      const shapeFits =
        outcome.kind === 'read' && (!entry || String(entry.shape) === String(outcome.header.dimensions));
      const fits =
        wanted === 'read' ? shapeFits : outcome.kind === 'refused' && outcome.error instanceof VolumeFileError;
      count[fits ? 'asExpected' : 'exceptions']++;
      lines.push(`| ${name} | ${note} | ${wanted} | ${fits ? describeOutcome(outcome) : 'EXCEPTION'} |`);
    }
    const page = [
      '# Conformance',
      '',
      `${lines.length} odd, broken and real NIfTI files: ${count.asExpected} are treated as they should be, ${count.exceptions} are not.`,
      'Of every file that is read, the voxel values are those that nibabel reads, bit for bit as 32-bit floats, or that numpy',
      'reads where nibabel refuses; the affine is nibabel’s, but for these files:',
      '',
      ...[...GEOMETRY_DIFFERS].map(([name, why]) => `- ${name}: ${why}`),
      '',
      'Written by `npm run conformance -- --write`; `npm run conformance` and `npm test` check that it still holds.',
      '',
      '| File | What is odd | Expected | What happens |',
      '| --- | --- | --- | --- |',
      ...lines,
      '',
    ];
    expect(count.exceptions).toBe(0);
    await expect(page.join('\n')).toMatchFileSnapshot('../../docs/conformance.md');
  });
});

function describeOutcome(outcome: FileOutcome): string {
  if (outcome.kind === 'refused') return `refused: ${(outcome.error as Error).message}`;
  const { dimensions, datatype, orientation, geometrySource, warnings } = outcome.header;
  const facts = `${dimensions.join(' x ')}, ${datatype.name}, ${orientation} (${geometrySource})`;
  return warnings.length === 0 ? facts : `${facts}. ${warnings.join(' ')}`;
}
