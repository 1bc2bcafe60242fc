import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_PATTERNS, type NamePattern } from '../../../../src/core/cohort/files/names/name-patterns.ts';
import { fillTemplate } from '../../../../src/core/cohort/files/names/name-template.ts';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { casesToRename, followImage } from '../../../../src/node/case/renamed/renamed-images.ts';
import { findCase, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A way in which a cohort may name a case, and how the same case may be called after a renaming. */
interface Naming {
  readonly name: string;
  /** All images of a case, and its label map, by number of the case. */
  readonly images: (n: string) => readonly string[];
  readonly labels: (n: string) => string;
  readonly patterns?: readonly NamePattern[];
}

/** Fixed names tell cases apart by their folders. */
function rowNamings(pattern: NamePattern, patterns: readonly NamePattern[] = []): Naming[] {
  return (pattern.labels ?? []).map((template) => {
    const isFixed = !template.includes('{');
    const path = (each: string, n: string) => {
      const names = [...each.matchAll(/\{(\w+)/g)].map(([, name]) => name);
      const name = fillTemplate(each, Object.fromEntries(names.map((name) => [name, n])));
      return `${isFixed ? `p${n}/` : ''}${name}.nii`;
    };
    return {
      name: `${pattern.dataSet}: ${template}`,
      images: (n) => pattern.channels.map((channel) => path(channel, n)),
      labels: (n) => path(template, n),
      patterns,
    };
  });
}

const ANSWERED: NamePattern = { dataSet: 'cohort.json', channels: ['scan-{n:digits}'], labels: ['roi-{n:digits}'] };

const anat = (n: string, name: string) => `sub-${n}/anat/sub-${n}_${name}.nii`;

const NAMINGS: readonly Naming[] = [
  ...NAME_PATTERNS.flatMap((pattern) => rowNamings(pattern)),
  ...rowNamings(ANSWERED, [ANSWERED]),
  ...['dseg', 'desc-manual_dseg', 'mask', 'T1w_seg-manual', 'space-T1w_desc-x_dseg'].map((ending) => ({
    name: `BIDS: ${ending}`,
    images: (n: string) => [anat(n, 'T1w')],
    labels: (n: string) => `derivatives/manual/${anat(n, ending)}`,
  })),
  {
    name: 'BIDS: another contrast and session',
    images: (n) => [`sub-01/ses-${n}/anat/sub-01_ses-${n}_acq-b_T2w.nii`],
    labels: (n) => `derivatives/voxel-loop/sub-01/ses-${n}/anat/sub-01_ses-${n}_acq-b_T2w_seg-manual.nii`,
  },
  { name: 'MSD', images: (n) => [`imagesTr/c${n}.nii`], labels: (n) => `labelsTr/c${n}.nii` },
  { name: 'nnU-Net', images: (n) => [`imagesTr/c${n}_0000.nii`], labels: (n) => `labelsTr/c${n}.nii` },
  { name: 'our own names', images: (n) => [`a${n}.nii`], labels: (n) => `a${n}_mask.nii` },
];

async function cohort(naming: Naming, cases: readonly string[]): Promise<string> {
  const root = temporaryFolder();
  for (const n of cases) {
    for (const path of [...naming.images(n), naming.labels(n)]) write(join(root, path), `${path} of ${n}`);
  }
  const store = new CohortStore(root);
  const namePatterns = structuredClone([...(naming.patterns ?? [])]) as never;
  const { layout } = await listCohort(root);
  const described = layout.name === 'msd' ? 'side-by-side' : layout.name;
  await store.writeRecord({ ...newCohortRecord({ layout: described, labels: [] }), namePatterns });
  for (const n of cases) write(store.caseRecordPath(await idOf(root, naming.images(n)[0])), `record of ${n}`);
  return root;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function idOf(root: string, image: string): Promise<string> {
  return (await caseOf(root, image)).files.id;
}

async function caseOf(root: string, image: string) {
  const found = await findCase(join(root, image), root);
  if (found.kind !== 'image') throw new Error(`${image} is no image`);
  return found.case;
}

function contents(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((e) => e.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !/gitignore$/.test(path));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

async function rename(root: string, from: readonly string[], to: readonly string[]): Promise<void> {
  const renamings = from.map((path, index) => ({ from: join(root, path), to: join(root, to[index]) }));
  const leaving = await casesToRename(renamings, () => root);
  for (const { from, to } of renamings) {
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
  for (const each of leaving) await followImage(each, root);
}

// The record went with the image, and the labels stayed: the case was unlabelled, and the first save replaced its review.
describe.each(NAMINGS)('an image that is renamed as its cohort names images ($name)', (naming) => {
  it('has the same labels and record before and after, and nothing of another case moves', async () => {
    const number = fc.integer({ min: 10, max: 9999 }).map(String);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(number, { minLength: 4, maxLength: 4 }), async ([renamed, as, ...others]) => {
        const root = await cohort(naming, [renamed, ...others]);
        const before = contents(root);
        await rename(root, naming.images(renamed), naming.images(as));
        const found = await caseOf(root, naming.images(as)[0]);
        expect(found.labelled).toBe(true);
        expect(found.files.labels).toBe(join(root, naming.labels(as)));
        expect(readFileSync(found.files.labels, 'utf8')).toBe(before[naming.labels(renamed)]);
        const store = new CohortStore(root);
        expect(readFileSync(store.caseRecordPath(found.files.id), 'utf8')).toBe(`record of ${renamed}`);
        for (const other of others) {
          const each = await caseOf(root, naming.images(other)[0]);
          expect(each.files.labels).toBe(join(root, naming.labels(other)));
          expect(readFileSync(store.caseRecordPath(each.files.id), 'utf8')).toBe(`record of ${other}`);
        }
        const after = contents(root);
        expect(Object.values(after).sort()).toEqual(Object.values(before).sort());
        const kept = Object.keys(before).filter((path) => after[path] === before[path]);
        expect(Object.keys(before).length - kept.length).toBe(naming.images(renamed).length + 2);
      }),
      { numRuns: 4 },
    );
  });
});

describe('an image whose labels would not be found under its new name', () => {
  it.each([
    [
      'LiTS',
      ['volume-0.nii', 'segmentation-0.nii', 'volume-1.nii', 'segmentation-1.nii'],
      'volume-0.nii',
      'patient7.nii',
    ],
    ['KiTS', ['c0/imaging.nii', 'c0/segmentation.nii'], 'c0/imaging.nii', 'c0/ct.nii'],
    ['MM-WHS', ['ct_1_image.nii', 'ct_1_label.nii'], 'ct_1_image.nii', 'x.nii'],
    ['two folders', ['images/a.nii', 'labels/a.nii', 'images/c.nii', 'labels/c.nii'], 'images/a.nii', 'archive/a.nii'],
    ['masks', ['s1/ct.nii', 's1/segmentations/liver.nii', 's2/ct.nii'], 's1/ct.nii', 's1/image.nii'],
    [
      'BIDS',
      [
        anat('01', 'T1w'),
        `derivatives/m/${anat('01', 'dseg')}`,
        anat('02', 'T1w'),
        `derivatives/m/${anat('02', 'dseg')}`,
      ],
      anat('01', 'T1w'),
      'sub-02/anat/scan.nii',
    ],
  ])('leaves all of them where they are, with the record, and says so (%s)', async (_, paths, from, to) => {
    const root = temporaryFolder();
    for (const path of paths) write(join(root, path), path);
    const record = new CohortStore(root).caseRecordPath(await idOf(root, from));
    write(record, 'record');
    const before = contents(root);
    await expect(rename(root, [from], [to])).rejects.toMatchObject({ code: 'labels-stay-behind' });
    const { [from]: image, ...others } = before;
    expect(contents(root)).toEqual({ ...others, [to]: image });
    // As it says, renaming the image back is all that there is to do.
    await rename(root, [to], [from]);
    expect(contents(root)).toEqual(before);
    expect((await caseOf(root, from)).labelled).toBe(true);
  });

  it('is not told that its labels are in the way of themselves, and gets none of another image', async () => {
    const root = temporaryFolder();
    const paths = ['images/a.nii', 'labels/a.nii', 'images/b.nii', 'labels/c.nii', 'images/c.nii'];
    for (const path of paths) write(join(root, path), path);
    await rename(root, ['images/b.nii'], ['images/d.nii']);
    expect(Object.keys(contents(root)).sort()).toEqual(
      [...paths, 'images/d.nii'].filter((p) => p !== 'images/b.nii').sort(),
    );
    await rename(root, ['images/a.nii'], ['images/b.nii']);
    expect(existsSync(join(root, 'labels/b.nii'))).toBe(true);
  });

  it('leaves what other people drew with it, and takes it along where it can be found', async () => {
    const root = temporaryFolder();
    const paths = ['images/a.nii', 'labels/a.nii', 'labels/a.anna.nii', 'images/c.nii', 'labels/c.nii'];
    for (const path of paths) write(join(root, path), path);
    await rename(root, ['images/a.nii'], ['images/b.nii']);
    expect((await caseOf(root, 'images/b.nii')).reviewers).toEqual([
      { reviewer: 'anna', labels: join(root, 'labels/b.anna.nii') },
    ]);
    await expect(rename(root, ['images/b.nii'], ['b.nii'])).rejects.toMatchObject({ code: 'labels-stay-behind' });
    expect(existsSync(join(root, 'labels/b.anna.nii'))).toBe(true);
  });
});
