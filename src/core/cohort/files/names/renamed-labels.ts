import { BIDS_DERIVED_ENTITIES, parseBidsPath } from './bids-names.ts';
import { endingOf, stemOf } from './file-names.ts';
import type { NamePattern } from './name-patterns.ts';
import { type Fit, fillTemplate, nameTemplate } from './name-template.ts';

/** An image with its label map. Paths are relative to the cohort's root, with `/`. */
interface Pair {
  readonly image: string;
  readonly labels: string;
}

/**
 * Lists what a label map may be called when its image gets another name, so that both stay a pair where a pair is told
 * by both names: in a row of name patterns, and in BIDS. The most likely name comes first. Whether a name is found,
 * only the listing says.
 *
 * @param image the new path of the image
 */
export function labelsInStepWith(image: string, before: Pair, patterns: readonly NamePattern[]): string[] {
  const names = [...patterns.flatMap((pattern) => inRow(pattern, image, before)), ...inBids(image, before)];
  return [...new Set(names)];
}

function inRow({ channels, labels = [], anywhere }: NamePattern, image: string, before: Pair): string[] {
  return channels.flatMap((channel) => {
    const [old, renamed] = [fitOf(channel, before.image), fitOf(channel, image)];
    if (!old || !renamed) return [];
    return labels.flatMap((template) => {
      const found = fitOf(template, before.labels);
      if (!found || !isSameText(found.text, old.text)) return [];
      const isTogether = found.folder === old.folder;
      if (!isTogether && !anywhere) return [];
      const folder = isTogether ? renamed.folder : found.folder;
      const name = fillTemplate(template, renamed.text) + endingOf(before.labels);
      return [folder === '' ? name : `${folder}/${name}`];
    });
  });
}

function fitOf(template: string, path: string): Fit | null {
  const stem = stemOf(path);
  return nameTemplate(template).fit({ path, stem, nameAt: stem.lastIndexOf('/') + 1 });
}

function isSameText(a: Fit['text'], b: Fit['text']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The entities of the image become those of the new name; what only the label map says of itself it keeps. */
function inBids(image: string, before: Pair): string[] {
  const [old, renamed, labels] = [before.image, image, before.labels].map(parseBidsPath);
  if (!old || !renamed || !labels) return [];
  const folder = labels.pipeline === null ? renamed.folder : `derivatives/${labels.pipeline}/${renamed.folder}`;
  // A label map may name the contrast of its image, which may have another one now.
  const said = (value: string) => (value === old.suffix ? renamed.suffix : value);
  const written = ([key, value]: readonly [string, string]) => `${key}-${value}`;
  const source = [...renamed.entities].filter(([key]) => !BIDS_DERIVED_ENTITIES.has(key));
  const own = [...labels.entities].filter(([key]) => BIDS_DERIVED_ENTITIES.has(key));
  const kept = own.map(([key, value]) => [key, said(value)] as const);
  const contrast = labels.contrast === undefined ? [] : [said(labels.contrast)];
  const nameWith = (more: readonly string[]) =>
    `${folder}/${[...source.map(written), ...more, ...kept.map(written), ...contrast, labels.suffix].join('_')}${endingOf(labels.path)}`;
  // Beside another contrast with the same entities it has to name its own.
  return [nameWith([]), ...(labels.entities.has('desc') ? [] : [nameWith([`desc-${renamed.suffix}`])])];
}
