import type { StructureMask } from './case.ts';
import { splitLabelSuffix, stemOf } from './file-names.ts';
import type { NamePattern } from './name-patterns.ts';
import { type Fit, fill, nameTemplate, type PathStem } from './name-template.ts';
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
  /** Of several label maps those that do not count. */
  readonly unusedLabels: readonly string[];
  /** Not numbered yet: their value is 0. */
  readonly masks: readonly StructureMask[];
}

export interface PatternMatch {
  readonly cases: readonly PatternCase[];
  /** Label maps of a data set whose images are not there. */
  readonly labelsWithoutImage: readonly string[];
  /** Label maps that may be of several images, because those have the same name in different folders. */
  readonly ambiguous: readonly { readonly labels: string; readonly images: readonly string[] }[];
  /** Neither images to annotate nor label maps. */
  readonly passedOver: readonly { readonly dataSet: string; readonly path: string }[];
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
  const found: PatternMatch[] = [];
  let left = paths.map(pathStem);
  let stems: ReadonlySet<string> | undefined;
  const hasOwnImage = ({ stem, nameAt }: PathStem) => {
    const name = stem.slice(nameAt);
    const split = splitLabelSuffix(name) ?? splitReviewer(name);
    if (split === null) return false;
    stems ??= new Set(paths.map(stemOf));
    return stems.has(stem.slice(0, nameAt) + split.imageStem);
  };
  for (const pattern of patterns) {
    const match = matchOne(pattern, left, isOwn, hasOwnImage);
    if (match.cases.length === 0) continue;
    found.push(match);
    const taken = new Set([
      ...match.cases.flatMap(({ channels, labels, unusedLabels }) => [...channels, labels ?? '', ...unusedLabels]),
      ...match.labelsWithoutImage,
      ...match.ambiguous.map(({ labels }) => labels),
      ...match.passedOver.map(({ path }) => path),
    ]);
    for (const { masks } of match.cases) for (const { path } of masks) taken.add(path);
    left = left.filter(({ path }) => !taken.has(path));
  }
  return {
    cases: found.flatMap(({ cases }) => cases),
    labelsWithoutImage: found.flatMap(({ labelsWithoutImage }) => labelsWithoutImage),
    ambiguous: found.flatMap(({ ambiguous }) => ambiguous),
    passedOver: found.flatMap(({ passedOver }) => passedOver),
  };
}

function pathStem(path: string): PathStem {
  const stem = stemOf(path);
  return { path, stem, nameAt: stem.lastIndexOf('/') + 1 };
}

/**
 * The folders (beside its own) in which rows look for what belongs to a file: none for most files; null: any folder.
 */
export function foldersToPair(path: string, patterns: readonly NamePattern[]): readonly string[] | null {
  // A second reviewer's file is called as the label map that it lies beside.
  const stems = [pathStem(path), pathStem(path.replace(/\.[^./]+(\.nii(?:\.gz)?)$/i, '$1'))];
  const folders = new Set<string>();
  for (const pattern of patterns) {
    if (!pairsAcrossFolders(pattern)) continue;
    const templates = templatesOf(pattern);
    const fit = templates.flatMap((template) => stems.flatMap((stem) => nameTemplate(template).fit(stem) ?? []))[0];
    if (!fit) continue;
    if (pattern.anywhere) return null;
    for (const template of templates) {
      const folder = folderOf(template);
      const names = [...folder.matchAll(/\{(\w+)/g)].map(([, name]) => name);
      if (names.some((name) => fit.text[name] === undefined)) return null;
      folders.add([fit.folder, fill(folder, fit.text)].filter((part) => part !== '').join('/'));
    }
  }
  return [...folders];
}

function pairsAcrossFolders(pattern: NamePattern): boolean {
  return pattern.anywhere === true || templatesOf(pattern).some((template) => template.includes('/'));
}

function templatesOf({ channels, labels = [], masks }: NamePattern): string[] {
  return [...channels, ...labels, ...(masks ? [masks] : [])];
}

function matchOne(
  pattern: NamePattern,
  stems: readonly PathStem[],
  isOwn: (path: string) => boolean,
  hasOwnImage: (stem: PathStem) => boolean,
): PatternMatch {
  const { dataSet, channels, labels = [], masks, anywhere = false } = pattern;
  const fitting = function* (template: string): Generator<[PathStem, Fit]> {
    const compiled = nameTemplate(template);
    for (const each of stems) {
      const fit = compiled.fit(each);
      if (fit) yield [each, fit];
    }
  };
  const key = ({ folder, text }: Fit) => {
    let parts = anywhere ? '' : folder;
    for (const name in text) parts += SEPARATOR + name + SEPARATOR + text[name];
    return parts;
  };

  const images = new Map<string, { fit: Fit; byChannel: (string | undefined)[] }>();
  for (const [channel, template] of channels.entries()) {
    // A row may want images with such an ending, and says so.
    const wantsSuffix = splitLabelSuffix(template) !== null;
    // A case without a name of its own is called as its first channel: a label map beside that one is the case's.
    const namesCase = channel === 0 && pattern.id === undefined;
    for (const [each, found] of fitting(template)) {
      if (channels.length > 1 && !namesCase && isOwn(each.path)) continue;
      if (!wantsSuffix && hasOwnImage(each)) continue;
      // Two batches may number their cases alike: then the folder tells them apart.
      const known = anywhere ? images.get(key(found)) : undefined;
      const isOther = known !== undefined && known.fit.folder !== found.folder;
      const at = isOther ? `${key(found)}${SEPARATOR}${found.folder}` : key(found);
      const entry = images.get(at) ?? { fit: found, byChannel: [] };
      entry.byChannel[channel] = each.path;
      images.set(at, entry);
    }
  }
  const none = { cases: [], labelsWithoutImage: [], ambiguous: [], passedOver: [] };
  if (images.size === 0) return none;
  const labelsOf = new Map<string, string[]>();
  const unpaired = new Set<string>();
  for (const template of labels) {
    for (const [each, found] of fitting(template)) {
      add(labelsOf, key(found), each.path);
      if (!hasOwnImage(each)) unpaired.add(each.path);
    }
  }
  // Where a row says no more of an image than that it has a name, its label maps have one too.
  const isAnyName = channels.length === 1 && /^\{\w+\}$/.test(channels[0]);
  if (isAnyName) {
    const labelMaps = new Set([...labelsOf].flatMap(([at, found]) => (images.has(at) ? found : [])));
    for (const [at, { byChannel }] of images)
      if (byChannel.some((path) => path && labelMaps.has(path))) images.delete(at);
  }
  const masksOf = new Map<string, StructureMask[]>();
  for (const [{ path }, found] of masks ? fitting(masks) : []) {
    const { structure, ...others } = found.text;
    add(masksOf, key({ ...found, text: others }), { structure, value: 0, path });
  }

  const namesakes = new Map<string, number>();
  for (const { fit: found } of images.values()) namesakes.set(key(found), (namesakes.get(key(found)) ?? 0) + 1);
  const cases: PatternCase[] = [];
  // What lies beside its images to be passed over tells a data set as well as a label map does.
  const passed = new Map<string, { readonly path: string; readonly fit: Fit }[]>();
  for (const template of pattern.passedOver ?? []) {
    for (const [{ path }, fit] of fitting(template)) if (!isOwn(path)) add(passed, fit.folder, { path, fit });
  }
  const mayBeOf = new Map<string, string[]>();
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
    const ownCandidates = isAlone ? candidates : beside;
    for (const path of ownCandidates) unpaired.delete(path);
    const isAmbiguous = chosen === null && candidates.length > 0;
    for (const path of isAmbiguous ? candidates : []) add(mayBeOf, path, there[0]);
    const isMarked = passed
      .get(found.folder)
      ?.some(({ fit: { text } }) => Object.entries(text).every(([name, said]) => found.text[name] === said));
    const isPaired = chosen !== null || isAmbiguous || structures.length > 0 || isMarked === true;
    if (channels.length > 1 ? there.length === channels.length : isPaired) wholePlaces.add(placeOf(there[0]));
    // It is an image like any other, which another row may know better.
    else if (isAnyName) continue;
    cases.push({
      dataSet,
      channels: there,
      name: pattern.id === undefined ? null : fill(pattern.id, found.text),
      labels: chosen,
      unusedLabels: ownCandidates.filter((path) => path !== chosen),
      masks: structures.sort((a, b) => (a.structure < b.structure ? -1 : 1)),
    });
  }
  const isInPlace = (path: string) => wholePlaces.has(placeOf(path));
  const counted = cases.filter(({ channels: [first] }) => isInPlace(first));
  const folders = new Set(counted.map((found) => folderOf(found.channels[0])));
  const passedOver = [...folders].flatMap((folder) =>
    (passed.get(folder) ?? []).map(({ path }) => ({ dataSet, path })),
  );
  // What one image has for its own, another one of that name has not.
  const own = new Set(counted.flatMap(({ labels, unusedLabels }) => [labels ?? '', ...unusedLabels]));
  const ambiguous = [...mayBeOf].flatMap(([path, images]) => (own.has(path) ? [] : { labels: path, images }));
  const isAmbiguous = new Set(ambiguous.map(({ labels }) => labels));
  const labelsWithoutImage = [...unpaired].filter((path) => isInPlace(path) && !isAmbiguous.has(path));
  return { cases: counted, labelsWithoutImage, ambiguous, passedOver };
}

function add<Value>(to: Map<string, Value[]>, key: string, value: Value): void {
  const group = to.get(key);
  if (group) group.push(value);
  else to.set(key, [value]);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
