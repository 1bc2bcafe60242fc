import type { NamePattern } from './name-patterns.ts';
import { fillTemplate, nameTemplate } from './name-template.ts';

/**
 * Lists what the image of a label map may be called, by the rows that know names of both: `segmentation-0` ->
 * `volume-0`. Folders do not count. The list is empty where no row knows the name.
 *
 * @param stem of the label map, without its folder
 */
export function imageNamesOf(stem: string, patterns: readonly NamePattern[]): string[] {
  const names = patterns.flatMap(({ channels, id, labels = [] }) => {
    const image = lastPart(id ?? channels[0]);
    return labels.flatMap((template) => {
      const fit = nameTemplate(lastPart(template)).fit({ path: stem, stem, nameAt: 0 });
      const isNamed = fit !== null && [...image.matchAll(/\{(\w+)/g)].every(([, name]) => fit.text[name] !== undefined);
      // A name without a placeholder is the name of every image, so it tells none.
      return isNamed && image.includes('{') ? fillTemplate(image, fit.text) : [];
    });
  });
  return [...new Set(names)].filter((name) => name !== stem);
}

function lastPart(template: string): string {
  return template.slice(template.lastIndexOf('/') + 1);
}
