import { splitLabelSuffix, stemOf } from './file-names.ts';
import type { NamePattern } from './name-patterns.ts';
import { splitReviewer } from './reviewer-files.ts';

/** A case as a row of `NAME_PATTERNS` finds it. Paths are those of the listing. */
export interface PatternCase {
  readonly dataSet: string;
  /** By channel. */
  readonly channels: readonly string[];
  /** Name of a case of several channels, without its folder; null: it is called as its image. */
  readonly name: string | null;
  /** Null: it has none, or not as the row says. */
  readonly labels: string | null;
  readonly masks: readonly { readonly structure: string; readonly path: string }[];
}

export interface PatternMatch {
  readonly cases: readonly PatternCase[];
  /** Label maps of a data set whose images are not there. */
  readonly labelsWithoutImage: readonly string[];
  /** Neither images to annotate nor label maps. */
  readonly passedOver: readonly { readonly dataSet: string; readonly path: string }[];
}

/** What a template makes of a path: the folder in front, and the text that its placeholders stand for. */
interface Fit {
  readonly folder: string;
  readonly text: Readonly<Record<string, string>>;
}

/** NUL stands in no path. */
const SEPARATOR = '\0';

/**
 * Finds the cases that known data sets name in their own way. A row counts where at least one of its cases is whole: an image
 * with its label map or masks, or all of several channels. Where a row's files of a case lie in one folder, each folder is judged
 * by itself, so that a case is the same whether its folder or the whole cohort is listed.
 *
 * A label map under one of our own names (`x_seg` beside `x`) is neither an image nor a label map whose image is missing,
 * whatever rows fit it.
 *
 * @param paths volumes, relative, with `/`
 * @param isOwn whether an image has a label map of its own beside it: it is then no channel among others
 */
export function matchPatterns(
  paths: readonly string[],
  patterns: readonly NamePattern[],
  isOwn: (path: string) => boolean = () => false,
): PatternMatch {
  const cases: PatternCase[] = [];
  const labelsWithoutImage: string[] = [];
  const passedOver: { dataSet: string; path: string }[] = [];
  const taken = new Set<string>();
  const stems = new Set(paths.map(stemOf));
  const hasOwnImage = (path: string) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const stem = stemOf(path.slice(folder.length));
    const split = splitLabelSuffix(stem) ?? splitReviewer(stem);
    return split !== null && stems.has(folder + split.imageStem);
  };
  for (const pattern of patterns) {
    const found = matchOne(
      pattern,
      paths.filter((path) => !taken.has(path)),
      isOwn,
      hasOwnImage,
    );
    cases.push(...found.cases);
    labelsWithoutImage.push(...found.labelsWithoutImage);
    passedOver.push(...found.passedOver);
    for (const { channels, labels, masks } of found.cases) {
      for (const path of [...channels, ...(labels ? [labels] : []), ...masks.map((mask) => mask.path)]) taken.add(path);
    }
    for (const path of [...found.labelsWithoutImage, ...found.passedOver.map((each) => each.path)]) taken.add(path);
  }
  return { cases, labelsWithoutImage, passedOver };
}

/** Whether a row may pair this file with one in another folder, so that its own folder does not tell all. */
export function mayPairAcrossFolders(path: string, patterns: readonly NamePattern[]): boolean {
  return patterns.some((pattern) => {
    return (
      pairsAcrossFolders(pattern) && templatesOf(pattern).some((template) => fitOf(template, stemOf(path)) !== null)
    );
  });
}

function pairsAcrossFolders(pattern: NamePattern): boolean {
  return pattern.anywhere === true || templatesOf(pattern).some((template) => template.includes('/'));
}

function templatesOf({ channels, labels = [], masks }: NamePattern): string[] {
  return [...channels, ...labels, ...(masks ? [masks] : [])];
}

function matchOne(
  pattern: NamePattern,
  paths: readonly string[],
  isOwn: (path: string) => boolean,
  hasOwnImage: (path: string) => boolean,
): PatternMatch {
  const { dataSet, channels, labels = [], masks, anywhere = false } = pattern;
  const stems = paths.map((path) => ({ path, stem: stemOf(path) }));
  const key = ({ folder, text }: Fit) => [anywhere ? '' : folder, ...Object.entries(text).flat()].join(SEPARATOR);

  const images = new Map<string, { fit: Fit; byChannel: (string | undefined)[] }>();
  for (const { path, stem } of stems) {
    for (const [channel, template] of channels.entries()) {
      const found = fitOf(template, stem);
      if (!found) continue;
      // A case without a name of its own is called as its first channel: a label map beside that one is the case's.
      const namesCase = channel === 0 && pattern.id === undefined;
      if (channels.length > 1 && !namesCase && isOwn(path)) continue;
      // A row may want images with such an ending, and says so.
      if (hasOwnImage(path) && !splitLabelSuffix(template)) continue;
      // Two batches may number their cases alike: then the folder tells them apart.
      const at = anywhere && images.has(key(found)) ? `${key(found)}${SEPARATOR}${found.folder}` : key(found);
      const entry = images.get(at) ?? { fit: found, byChannel: [] };
      entry.byChannel[channel] = path;
      images.set(at, entry);
    }
  }
  const labelsOf = new Map<string, string[]>();
  const unpaired = new Set<string>();
  for (const template of labels) {
    for (const { path, stem } of stems) {
      const found = fitOf(template, stem);
      if (!found) continue;
      labelsOf.set(key(found), [...(labelsOf.get(key(found)) ?? []), path]);
      if (!hasOwnImage(path)) unpaired.add(path);
    }
  }
  // Where a row says no more of an image than that it has a name, its label maps have one too.
  const isAnyName = channels.length === 1 && /^\{\w+\}$/.test(channels[0]);
  if (isAnyName) {
    const labelMaps = [...labelsOf].flatMap(([at, found]) => (images.has(at) ? found : []));
    const areLabels = new Set(labelMaps);
    for (const [at, { byChannel }] of images)
      if (byChannel.some((path) => path && areLabels.has(path))) images.delete(at);
  }
  const masksOf = new Map<string, PatternCase['masks'][number][]>();
  for (const { path, stem } of masks ? stems : []) {
    const found = fitOf(masks as string, stem);
    if (!found) continue;
    const { structure, ...others } = found.text;
    const at = key({ ...found, text: others });
    masksOf.set(at, [...(masksOf.get(at) ?? []), { structure, path }]);
  }

  const namesakes = new Map<string, number>();
  for (const { fit: found } of images.values()) namesakes.set(key(found), (namesakes.get(key(found)) ?? 0) + 1);
  const cases: PatternCase[] = [];
  // What lies beside its images to be passed over tells a data set as well as a label map does.
  const passed = new Map<string, { readonly path: string; readonly fit: Fit }[]>();
  for (const template of pattern.passedOver ?? []) {
    for (const { path, stem } of stems) {
      const fit = fitOf(template, stem);
      if (fit && !isOwn(path)) passed.set(fit.folder, [...(passed.get(fit.folder) ?? []), { path, fit }]);
    }
  }
  const placeOf = (path: string) => (pairsAcrossFolders(pattern) ? '' : folderOf(path));
  const wholePlaces = new Set<string>();
  for (const { fit: found, byChannel } of images.values()) {
    const there = byChannel.filter((path) => path !== undefined);
    const candidates = labelsOf.get(key(found)) ?? [];
    // Of batches that number alike, each image takes the label map of its own folder.
    const beside = candidates.filter((path) => folderOf(path) === folderOf(there[0]));
    const isAlone = namesakes.get(key(found)) === 1;
    const chosen = beside[0] ?? (isAlone ? candidates[0] : undefined) ?? null;
    const structures = masksOf.get(key(found)) ?? [];
    if (chosen !== null) unpaired.delete(chosen);
    for (const path of isAlone ? candidates : []) unpaired.delete(path);
    const isMarked = passed
      .get(found.folder)
      ?.some(({ fit: { text } }) => Object.entries(text).every(([name, said]) => found.text[name] === said));
    const isPaired = chosen !== null || structures.length > 0 || isMarked === true;
    if (channels.length > 1 ? there.length === channels.length : isPaired) wholePlaces.add(placeOf(there[0]));
    // It is an image like any other, which another row may know better.
    else if (isAnyName) continue;
    cases.push({
      dataSet,
      channels: there,
      name: pattern.id === undefined ? null : fill(pattern.id, found.text),
      labels: chosen,
      masks: structures.sort((a, b) => (a.structure < b.structure ? -1 : 1)),
    });
  }
  const isInPlace = (path: string) => wholePlaces.has(placeOf(path));
  const counted = cases.filter(({ channels: [first] }) => isInPlace(first));
  const folders = new Set(counted.map((found) => folderOf(found.channels[0])));
  const passedOver = [...folders].flatMap((folder) =>
    (passed.get(folder) ?? []).map(({ path }) => ({ dataSet, path })),
  );
  return { cases: counted, labelsWithoutImage: [...unpaired].filter(isInPlace), passedOver };
}

const compiled = new Map<string, RegExp>();

function fitOf(template: string, stem: string): Fit | null {
  let expression = compiled.get(template);
  if (!expression) {
    const seen = new Set<string>();
    const body = template.replaceAll(/\{(\w+)(:digits)?\}|[^{]+/g, (part, name: string | undefined, digits) => {
      if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\-]/g, '\\$&');
      if (seen.has(name)) return `\\k<${name}>`;
      seen.add(name);
      return `(?<${name}>${digits ? '\\d+' : '[^/]+'})`;
    });
    expression = new RegExp(`^(?:(?<folder>.+)/)?${body}$`);
    compiled.set(template, expression);
  }
  const match = expression.exec(stem);
  if (!match) return null;
  const { folder = '', ...text } = match.groups ?? {};
  return { folder, text };
}

function fill(template: string, text: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)(?::digits)?\}/g, (_, name: string) => text[name] ?? '');
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
