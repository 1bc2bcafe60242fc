import type { StructureMask } from '../case.ts';
import { endingOf, splitLabelName, splitLabelSuffix, stemOf } from '../names/file-names.ts';
import { folderOf } from '../names/listing-paths.ts';
import type { NamePattern } from '../names/name-patterns.ts';
import { type Fit, fillTemplate, nameTemplate, type PathStem } from '../names/name-template.ts';
import { splitReviewer } from '../names/reviewer-files.ts';
import { writtenPath } from './read-only-formats.ts';

/** A case that a row of `NAME_PATTERNS` finds. Paths are those of the listing. */
export interface PatternCase {
  readonly dataSet: string;
  /** The paths by channel. */
  readonly channels: readonly string[];
  /** The name of a case of several channels, without its folder. It is null where the case is called as its image. */
  readonly name: string | null;
  /** It is null where the case has none, or not as the row says. */
  readonly labels: string | null;
  /** Where there are several label maps, these do not count. */
  readonly unusedLabels: readonly string[];
  /** The masks have no number yet: their value is 0. */
  readonly masks: readonly StructureMask[];
}

export interface PatternMatch {
  readonly cases: readonly PatternCase[];
  /** Label maps of a data set whose images are not there. */
  readonly labelsWithoutImage: readonly string[];
  /** Label maps that may be of several images, because those have the same name in different folders. */
  readonly ambiguous: readonly { readonly labels: string; readonly images: readonly string[] }[];
  /** These files are neither images to annotate nor label maps. */
  readonly passedOver: readonly { readonly dataSet: string; readonly path: string }[];
}

/** NUL stands in no path, so it can separate texts. */
const SEPARATOR = '\0';

/**
 * Finds the cases that known data sets name in their own way. A row counts where at least one of its cases is whole: an
 * image with its label map or masks, or all of several channels. Where a row's files of a case lie in one folder, each
 * folder is judged by itself, so that a case is the same whether its folder or the whole cohort is listed.
 *
 * A label map under one of our own names (`x_seg` beside `x`) is neither an image nor a label map whose image is
 * missing, whatever rows fit it.
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
  const hasOwnImage = ({ path, stem, nameAt }: PathStem) => {
    const split = splitLabelName(path.slice(nameAt)) ?? splitReviewer(stem.slice(nameAt));
    if (split === null) return false;
    stems ??= new Set(paths.map(stemOf));
    return stems.has(stem.slice(0, nameAt) + split.imageStem);
  };
  for (const pattern of patterns) {
    const match = new RowMatch(pattern, left, isOwn, hasOwnImage).result();
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
  // A segmentation (`x.seg.nrrd`) fits what the label map that is saved in its place fits (`x_seg`).
  const stem = stemOf(writtenPath(path));
  return { path, stem, nameAt: stem.lastIndexOf('/') + 1 };
}

/**
 * Returns the folders (beside its own) in which rows look for what belongs to a file: none for most files. Null means
 * any folder.
 */
export function foldersToPair(path: string, patterns: readonly NamePattern[]): readonly string[] | null {
  // A second reviewer's file is called as the label map that it lies beside.
  const stems = [pathStem(path), pathStem(stemOf(path).replace(/\.[^./]+$/, '') + endingOf(path))];
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
      folders.add([fit.folder, fillTemplate(folder, fit.text)].filter((part) => part !== '').join('/'));
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

const NO_MATCH: PatternMatch = { cases: [], labelsWithoutImage: [], ambiguous: [], passedOver: [] };

/** The channels of one case, and what the row's names say of it. */
interface FoundImage {
  readonly fit: Fit;
  /** A channel whose file is missing is undefined. */
  readonly byChannel: (string | undefined)[];
}

interface FoundLabels {
  /** Label maps by the key of the case that they fit. */
  readonly byCase: ReadonlyMap<string, readonly string[]>;
  /** Label maps that no image has claimed yet. */
  readonly unpaired: Set<string>;
}

/** A case of the row, with the label maps that may be its own. */
interface Pairing {
  readonly found: PatternCase;
  readonly isWhole: boolean;
  /** Its label map, and those of the same key that do not count. */
  readonly own: readonly string[];
  /** Label maps that may be of this case or of another one of the same name. */
  readonly ambiguous: readonly string[];
}

/** Holds one row of `NAME_PATTERNS` (or of the cohort's own) against all names that no row before it has taken. */
class RowMatch {
  readonly #isAnyName: boolean;

  constructor(
    private readonly pattern: NamePattern,
    private readonly stems: readonly PathStem[],
    private readonly isOwn: (path: string) => boolean,
    private readonly hasOwnImage: (stem: PathStem) => boolean,
  ) {
    const { channels } = pattern;
    this.#isAnyName = channels.length === 1 && /^\{\w+\}$/.test(channels[0]);
  }

  result(): PatternMatch {
    const images = this.#images();
    if (images.size === 0) return NO_MATCH;
    const labels = this.#labels();
    if (this.#isAnyName) dropLabelMaps(images, labels);
    const pairings = this.#pairings(images, labels);
    const places = new Set(
      pairings.flatMap(({ found, isWhole }) => (isWhole ? [this.#placeOf(found.channels[0])] : [])),
    );
    const isInPlace = (path: string) => places.has(this.#placeOf(path));
    const counted = pairings.filter(({ found }) => isInPlace(found.channels[0]));
    const cases = counted.map(({ found }) => found);
    const ambiguous = ambiguousLabels(pairings, cases);
    const isAmbiguous = new Set(ambiguous.map(({ labels: path }) => path));
    return {
      cases,
      labelsWithoutImage: [...labels.unpaired].filter((path) => isInPlace(path) && !isAmbiguous.has(path)),
      ambiguous,
      passedOver: this.#passedOverBeside(cases),
    };
  }

  /** Returns the images by the key of their case. */
  #images(): Map<string, FoundImage> {
    const { channels, anywhere = false } = this.pattern;
    const images = new Map<string, FoundImage>();
    for (const [channel, template] of channels.entries()) {
      // A row that wants images with such an ending says so.
      const wantsSuffix = splitLabelSuffix(template) !== null;
      // A case without a name of its own is called as its first channel: a label map beside that one is the case's.
      const namesCase = channel === 0 && this.pattern.id === undefined;
      for (const [each, fit] of this.#fitting(template)) {
        if (channels.length > 1 && !namesCase && this.isOwn(each.path)) continue;
        if (!wantsSuffix && this.hasOwnImage(each)) continue;
        // Two batches may number their cases alike: then the folder tells them apart.
        const known = anywhere ? images.get(this.#keyOf(fit)) : undefined;
        const isOther = known !== undefined && known.fit.folder !== fit.folder;
        const at = isOther ? `${this.#keyOf(fit)}${SEPARATOR}${fit.folder}` : this.#keyOf(fit);
        const entry = images.get(at) ?? { fit, byChannel: [] };
        entry.byChannel[channel] = each.path;
        images.set(at, entry);
      }
    }
    return images;
  }

  #labels(): FoundLabels {
    const byCase = new Map<string, string[]>();
    const unpaired = new Set<string>();
    for (const template of this.pattern.labels ?? []) {
      for (const [each, fit] of this.#fitting(template)) {
        add(byCase, this.#keyOf(fit), each.path);
        if (!this.hasOwnImage(each)) unpaired.add(each.path);
      }
    }
    return { byCase, unpaired };
  }

  /** Returns masks of single structures by the key of their case. */
  #masks(): Map<string, StructureMask[]> {
    const { masks } = this.pattern;
    const byCase = new Map<string, StructureMask[]>();
    for (const [{ path }, fit] of masks ? this.#fitting(masks) : []) {
      const { structure, ...others } = fit.text;
      add(byCase, this.#keyOf({ ...fit, text: others }), { structure, value: 0, path });
    }
    return byCase;
  }

  /** Gives each image its label map or its masks; label maps that found their image are no longer `unpaired`. */
  #pairings(images: ReadonlyMap<string, FoundImage>, labels: FoundLabels): Pairing[] {
    const masks = this.#masks();
    const passedOver = this.#passedOver();
    const namesakes = new Map<string, number>();
    for (const { fit } of images.values()) {
      namesakes.set(this.#keyOf(fit), (namesakes.get(this.#keyOf(fit)) ?? 0) + 1);
    }
    return [...images.values()].flatMap(({ fit, byChannel }) => {
      const key = this.#keyOf(fit);
      const candidates = labels.byCase.get(key) ?? [];
      const isAlone = namesakes.get(key) === 1;
      // Files that lie beside their images to be passed over tell a data set as well as a label map does.
      const isMarked = passedOver
        .get(fit.folder)
        ?.some(({ said }) => Object.entries(said).every(([name, text]) => fit.text[name] === text));
      const pairing = this.#pairing({ fit, byChannel }, candidates, isAlone, masks.get(key) ?? [], isMarked === true);
      for (const path of pairing.own) labels.unpaired.delete(path);
      // It is an image like any other, which another row may know better.
      return pairing.isWhole || !this.#isAnyName ? [pairing] : [];
    });
  }

  /** @param isMarked whether a file that the row passes over lies beside the image */
  #pairing(
    { fit, byChannel }: FoundImage,
    candidates: readonly string[],
    isAlone: boolean,
    masks: readonly StructureMask[],
    isMarked: boolean,
  ): Pairing {
    const { dataSet, channels, id } = this.pattern;
    const there = byChannel.filter((path) => path !== undefined);
    // Where batches number alike, each image takes the label map of its own folder.
    const beside = candidates.filter((path) => folderOf(path) === folderOf(there[0]));
    const labels = beside[0] ?? (isAlone ? candidates[0] : undefined) ?? null;
    const own = isAlone ? candidates : beside;
    const ambiguous = labels === null ? candidates : [];
    const isPaired = labels !== null || ambiguous.length > 0 || masks.length > 0 || isMarked;
    return {
      found: {
        dataSet,
        channels: there,
        name: id === undefined ? null : fillTemplate(id, fit.text),
        labels,
        unusedLabels: own.filter((path) => path !== labels),
        masks: [...masks].sort((a, b) => (a.structure < b.structure ? -1 : 1)),
      },
      isWhole: channels.length > 1 ? there.length === channels.length : isPaired,
      own,
      ambiguous,
    };
  }

  /** Returns what the row passes over, by folder, with what its name says. */
  #passedOver(): Map<string, { readonly path: string; readonly said: Fit['text'] }[]> {
    const byFolder = new Map<string, { readonly path: string; readonly said: Fit['text'] }[]>();
    for (const template of this.pattern.passedOver ?? []) {
      for (const [{ path }, { folder, text }] of this.#fitting(template)) {
        if (!this.isOwn(path)) add(byFolder, folder, { path, said: text });
      }
    }
    return byFolder;
  }

  #passedOverBeside(cases: readonly PatternCase[]): PatternMatch['passedOver'] {
    const passedOver = this.#passedOver();
    const folders = new Set(cases.map(({ channels: [first] }) => folderOf(first)));
    const { dataSet } = this.pattern;
    return [...folders].flatMap((folder) => (passedOver.get(folder) ?? []).map(({ path }) => ({ dataSet, path })));
  }

  *#fitting(template: string): Generator<[PathStem, Fit]> {
    const compiled = nameTemplate(template);
    for (const each of this.stems) {
      const fit = compiled.fit(each);
      if (fit) yield [each, fit];
    }
  }

  /** Makes the key that files of one case have in common. */
  #keyOf({ folder, text }: Fit): string {
    let parts = this.pattern.anywhere ? '' : folder;
    for (const name in text) parts += SEPARATOR + name + SEPARATOR + text[name];
    return parts;
  }

  /**
   * Returns the folder by which files of a row are judged; it is the same for all where the row pairs across folders.
   */
  #placeOf(path: string): string {
    return pairsAcrossFolders(this.pattern) ? '' : folderOf(path);
  }
}

/**
 * Leaves out label maps that were taken for images: where a row says no more of an image than that it has a name, its
 * label maps have one too.
 */
function dropLabelMaps(images: Map<string, FoundImage>, { byCase }: FoundLabels): void {
  const labelMaps = new Set([...byCase].flatMap(([at, found]) => (images.has(at) ? found : [])));
  for (const [at, { byChannel }] of images) {
    if (byChannel.some((path) => path && labelMaps.has(path))) images.delete(at);
  }
}

/**
 * Lists label maps that may be of several images. A label map that one of `cases` has for its own is of no other image.
 */
function ambiguousLabels(pairings: readonly Pairing[], cases: readonly PatternCase[]): PatternMatch['ambiguous'] {
  const own = new Set(cases.flatMap(({ labels, unusedLabels }) => [labels ?? '', ...unusedLabels]));
  const imagesOf = new Map<string, string[]>();
  for (const { found, ambiguous } of pairings) {
    for (const path of ambiguous) if (!own.has(path)) add(imagesOf, path, found.channels[0]);
  }
  return [...imagesOf].map(([labels, images]) => ({ labels, images }));
}

function add<Value>(to: Map<string, Value[]>, key: string, value: Value): void {
  const group = to.get(key);
  if (group) group.push(value);
  else to.set(key, [value]);
}
