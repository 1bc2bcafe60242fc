import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/core/formats/registry.ts';
import { sourceFiles } from './source-files.ts';

/*
 * Which files are volumes is asked of the registry (`core/cohort/files/names/file-names.ts`). A pattern that names the endings
 * of one format by itself forgets those of the others: the views of a cohort once noticed changes of NIfTI files alone.
 */
const NAMES = FORMATS.flatMap(({ endings }) => endings.map((ending) => ending.split('.')[1]));
/** A name of an ending in a pattern, behind a dot or a bar or in brackets: `\.nii`, `(nii|nrrd)`. */
const IN_PATTERN = new RegExp(
  String.raw`\/[^\/\n'"\`]*(?:\\\.|[(|:])(?:${[...new Set(NAMES)].join('|')})\b[^\/\n]*\/[a-z]*\s*[.,;)\]]`,
);

const withoutComments = (source: string) => source.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '');

describe('patterns that name the ending of a format', () => {
  it('stand nowhere outside the formats themselves', () => {
    const found = [...sourceFiles()].filter(
      ([path, source]) => !path.startsWith('src/core/formats/') && IN_PATTERN.test(withoutComments(source)),
    );
    expect(found.map(([path]) => path)).toEqual([]);
  });

  it('are noticed', () => {
    for (const planted of [
      String.raw`if (/\.(nii|nii\.gz|json)$/i.test(path)) return;`,
      String.raw`const VOLUME = /^.+\.nii(\.gz)?$/;`,
      String.raw`path.replace(/\.nrrd$/, '')`,
    ]) {
      expect(IN_PATTERN.test(planted), planted).toBe(true);
    }
    expect(IN_PATTERN.test("const path = join('labelsTr', `case_seg.nii.gz`);")).toBe(false);
  });
});
