import { join, relative, sep } from 'node:path';
import type { CohortCase } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { matchPatterns } from '../../../core/cohort/files/layouts/match-patterns.ts';
import { stemOf } from '../../../core/cohort/files/names/file-names.ts';
import type { NamePattern } from '../../../core/cohort/files/names/name-patterns.ts';
import {
  isAboutSameNames,
  type NamedPair,
  type RelatedNames,
  relatedNames,
} from '../../../core/cohort/files/related-names.ts';
import { type CohortRecord, newCohortRecord, RecordError } from '../../../core/cohort/records/cohort-record.ts';
import { CancelledError, VoxelLoopError } from '../../../core/errors.ts';
import type { LabelMapPair } from '../../volumes/labels/label-map-pair.ts';
import { CohortStore } from '../state/cohort-store.ts';
import type { CohortListing } from './cohort-folder.ts';

/**
 * Asks whether some images of a cohort are the label maps of others, as their names and the content of one of them
 * suggest.
 */
export interface LabelMapQuestion {
  /** The content of this pair suggests it. Its paths are absolute. */
  readonly pair: LabelMapPair;
  /** A yes makes these images and label maps pairs. */
  readonly pairs: readonly { readonly image: string; readonly labels: string }[];
  /** A yes adds this pattern to the cohort's `namePatterns`, and a no adds it to its `refusedNamePatterns`. */
  readonly pattern: NamePattern;
}

/** Whoever reads what was recognised learns from this that the names come from `cohort.json`. */
const DATA_SET = 'cohort.json';
/** Pairs form families by how their two names differ; the headers of at most this many families are read. */
const MOST_FAMILIES = 12;
/**
 * At most this many pairs of a family are read, until one tells: a label map may be empty, because nothing was found in
 * its image, or unreadable.
 */
const MOST_PAIRS = 3;
/** `cohort.json` holds at most this many patterns. */
const MOST_PATTERNS = 20;

/**
 * Looks for images that may be the label maps of others and that no name pattern pairs. Only cohorts with files side by
 * side are asked about: elsewhere the layout says what is a label map. Nothing is written.
 *
 * @param look see `lookAtPair`; it may run on another thread
 * @param about if given, only pairs of this file (an absolute path) count
 * @returns null if there is nothing to ask
 */
export async function findLabelMapQuestion(
  { root, layout, dataset }: Pick<CohortListing, 'root' | 'layout' | 'dataset'>,
  record: CohortRecord | null,
  look: (pair: NamedPair) => Promise<LabelMapPair | null>,
  about?: string,
): Promise<LabelMapQuestion | null> {
  if (layout.name !== 'side-by-side' || (dataset?.channelNames.length ?? 1) > 1) return null;
  const toPath = (path: string) => relative(root, path).split(sep).join('/');
  const cases = layout.cases.map((found) => {
    const channels = found.files.channels.map(toPath);
    return { ...found, files: { ...found.files, channels } };
  });
  const refused = record?.refusedNamePatterns ?? [];
  const own = about === undefined ? undefined : toPath(about);
  // Of very many cases only some are looked at, and always those of this file.
  const inOrder = own === undefined ? cases : [...cases].sort((a, b) => Number(isOf(b, own)) - Number(isOf(a, own)));
  const families = relatedNames(inOrder)
    .filter(({ templates }) => !refused.some((row) => isAboutSameNames(templates, row)))
    .flatMap((family) => (own === undefined ? family : ofFile(family, own)));
  const unlabelled = cases.flatMap(({ labelled, files }) => (labelled ? [] : files.channels));
  for (const { templates, pairs } of families.slice(0, MOST_FAMILIES)) {
    const known = await lookAtSome(pairs, ([one, other]) => look([join(root, one), join(root, other)]));
    if (!known) continue;
    const { pair, names } = known;
    const [images, labels] = toPath(pair.image) === names[0] ? templates : [templates[1], templates[0]];
    const pattern = { dataSet: DATA_SET, channels: [images], labels: [labels] };
    const paired = matchPatterns(unlabelled, [pattern]).cases.flatMap(({ channels, labels }) =>
      labels === null ? [] : { image: join(root, channels[0]), labels: join(root, labels) },
    );
    // A yes must pair exactly what the question showed.
    if (paired.some((each) => each.image === pair.image && each.labels === pair.labels)) {
      return { pair, pairs: paired, pattern };
    }
  }
  return null;
}

/**
 * Returns the cohort's record with the answer in it. @param record null if there is none yet. @throws RecordError where
 * it is full
 */
export function withAnswer(
  record: CohortRecord | null,
  listing: Pick<CohortListing, 'layout'>,
  pattern: NamePattern,
  isLabelMap: boolean,
): CohortRecord {
  const { dataSet, channels, labels = [] } = pattern;
  const row = { dataSet, channels: [...channels], labels: [...labels] };
  const known = record ?? newCohortRecord({ layout: listing.layout.name, labels: [] });
  // Where the list of refused patterns is full, the oldest is dropped and will be asked about again.
  if (!isLabelMap)
    return { ...known, refusedNamePatterns: [...(known.refusedNamePatterns ?? []), row].slice(-MOST_PATTERNS) };
  const rows = known.namePatterns ?? [];
  if (rows.length < MOST_PATTERNS) return { ...known, namePatterns: [...rows, row] };
  throw new RecordError(
    `.voxel-loop/cohort.json holds ${MOST_PATTERNS} rows of names already: remove one of them first.`,
  );
}

/** Writes the answer into `cohort.json`, as that is now. @throws RecordError, FileAccessError, UnsafePathError */
export async function writeAnswer(
  listing: Pick<CohortListing, 'root' | 'layout'>,
  pattern: NamePattern,
  isLabelMap: boolean,
): Promise<void> {
  const store = new CohortStore(listing.root);
  await store.changeRecord((record) => withAnswer(record, listing, pattern, isLabelMap));
}

/** The sentence reads, for instance, "roi-0 holds 3 whole numbers (0, 1, 2) on the grid of scan-0". */
export function describeLabelMapPair(root: string, { labels, image, values }: LabelMapPair): string {
  const [one, other] = [labels, image].map((path) => nameInCohort(root, path));
  const some = values.length > 6 ? `${values.slice(0, 5).join(', ')}, … ${values.at(-1)}` : values.join(', ');
  return `${one} holds ${values.length} whole numbers (${some}) on the grid of ${other}`;
}

/** A file's name as a person would say it: its path in the cohort, without the ending. */
export function nameInCohort(root: string, path: string): string {
  return stemOf(relative(root, path).split(sep).join('/'));
}

/** Returns the first pair whose content shows which of its two names is that of a label map. */
async function lookAtSome(
  pairs: readonly NamedPair[],
  look: (names: NamedPair) => Promise<LabelMapPair | null>,
): Promise<{ readonly pair: LabelMapPair; readonly names: NamedPair } | null> {
  for (const names of pairs.slice(0, MOST_PAIRS)) {
    const pair = await unlessUnreadable(look(names));
    if (pair) return { pair, names };
  }
  return null;
}

function isOf({ files }: CohortCase, path: string): boolean {
  return files.channels.includes(path);
}

function ofFile(family: RelatedNames, path: string): RelatedNames[] {
  const own = family.pairs.find((pair) => pair.includes(path));
  return own ? [{ ...family, pairs: [own, ...family.pairs.filter((pair) => pair !== own)] }] : [];
}

/** A file that cannot be read is no reason to ask anything; whoever needs it reports the fault. */
async function unlessUnreadable(looking: Promise<LabelMapPair | null>): Promise<LabelMapPair | null> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof VoxelLoopError)) throw error;
    return null;
  }
}
