import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMATS, formatOf, OWN_FORMAT } from '../../../src/core/formats/registry.ts';
import { readGolden } from '../../support/golden.ts';
import { niftiBytes } from '../../support/nifti-bytes.ts';

interface EditorContribution {
  readonly selector: readonly { readonly filenamePattern: string }[];
  readonly priority: string;
}

describe('the formats', () => {
  it('have the endings that package.json opens the editor for: ours by itself, the others when somebody asks', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      contributes: { customEditors: EditorContribution[] };
    };
    const selected = (priority: string) =>
      manifest.contributes.customEditors
        .filter((editor) => editor.priority === priority)
        .flatMap(({ selector }) => selector.map(({ filenamePattern }) => filenamePattern))
        .sort();
    const patterns = (formats: typeof FORMATS) =>
      formats.flatMap(({ endings }) => endings.map((ending) => `*${ending}`)).sort();
    expect(selected('default')).toEqual(patterns([OWN_FORMAT]));
    expect(selected('option')).toEqual(patterns(FORMATS.filter((format) => format !== OWN_FORMAT)));
  });

  it('have each an id and endings of its own', () => {
    expect(new Set(FORMATS.map(({ id }) => id)).size).toBe(FORMATS.length);
    const endings = FORMATS.flatMap((format) => format.endings);
    expect(new Set(endings).size).toBe(endings.length);
    for (const ending of endings) expect(ending).toMatch(/^(\.[a-z0-9]+)+$/);
  });

  it('are told by what is in a file, whatever its name', () => {
    const first = (format: string) => {
      const [{ files }] = readGolden<{ cases: { files: Record<string, string> }[] }>(`${format}.json`).cases;
      return Buffer.from(Object.values(files)[0], 'base64');
    };
    const starts = { nifti: niftiBytes(), nrrd: first('nrrd'), meta: first('meta') };
    for (const [id, start] of Object.entries(starts)) {
      for (const name of ['a.nii', 'a.nrrd', 'a.mhd', 'a']) expect(formatOf(name, start, false).id).toBe(id);
      const detecting = FORMATS.filter((format) => format.detect(start)).map((format) => format.id);
      expect(detecting).toEqual([id]);
    }
  });
});
