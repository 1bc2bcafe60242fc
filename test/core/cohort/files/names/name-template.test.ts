import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_PATTERNS } from '../../../../../src/core/cohort/files/names/name-patterns.ts';
import { NameTemplate } from '../../../../../src/core/cohort/files/names/name-template.ts';

/** What a template means, as one regular expression for the whole path. */
function naiveFit(template: string, stem: string) {
  const seen = new Set<string>();
  const parts = template.split(/(\{\w+(?::digits)?\})/).map((part) => {
    const [, name, digits] = /^\{(\w+)(:digits)?\}$/.exec(part) ?? [];
    if (name === undefined) return part.replaceAll(/[^\w/]/g, '\\$&');
    if (seen.has(name)) return `\\k<${name}>`;
    seen.add(name);
    return `(?<${name}>${digits ? '[0-9]+' : '[^/]+'})`;
  });
  const match = new RegExp(`^(?:(?<folder>.+)/)?${parts.join('')}$`).exec(stem);
  if (!match) return null;
  const { folder = '', ...text } = match.groups ?? {};
  return { folder, text };
}

const templates = [
  ...NAME_PATTERNS.flatMap(({ channels, labels = [], masks, passedOver = [] }) => [
    ...[...channels, ...labels, ...passedOver],
    ...(masks ? [masks] : []),
  ]),
  ...['{case}', '{a}_scan_{b:digits}', 'p{n:digits}/p{n:digits}_x', '{site}/labels/{case}', 'a/b/{case}_c', '{n}{n}'],
];

describe('a template', () => {
  it('fits what its regular expression does, with the same texts, though most are told without one', () => {
    const words = [
      'a',
      'x_y',
      '12',
      'p1',
      'ct',
      'labels',
      'images',
      'segmentations',
      'seg',
      'frame',
      '_gt',
      't1',
      'masks',
    ];
    const filled = (template: string) =>
      fc
        .tuple(fc.constantFrom(...words), fc.constantFrom(...words), fc.constantFrom('', 'top', 'top/s1'))
        .map(([one, other, folder]) => {
          let n = 0;
          const name = template.replaceAll(/\{[^}]*\}/g, () => (n++ === 0 ? one : other));
          return folder === '' ? name : `${folder}/${name}`;
        });
    const anything = fc
      .array(fc.constantFrom(...words, '/', '_', '-', '.'), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join(''))
      .filter((stem) => !/^\/|\/\/|\/$/.test(stem));
    let fits = 0;
    fc.assert(
      fc.property(
        fc
          .constantFrom(...templates)
          .chain((template) => fc.tuple(fc.constant(template), fc.oneof(filled(template), anything))),
        ([template, stem]) => {
          const fit = new NameTemplate(template).fit({ path: stem, stem, nameAt: stem.lastIndexOf('/') + 1 });
          expect(fit).toEqual(naiveFit(template, stem));
          if (fit) fits++;
        },
      ),
      { numRuns: 3000 },
    );
    expect(fits).toBeGreaterThan(300);
  });
});
