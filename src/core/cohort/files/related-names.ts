import type { CohortCase } from './layouts/cohort-layout.ts';
import { stemOf } from './names/file-names.ts';
import type { NamePattern } from './names/name-patterns.ts';

/** Two images of one cohort whose names differ in one place: `scan-0` and `roi-0`. Paths as the listing has them. */
export type NamedPair = readonly [string, string];

/** All pairs whose names differ in the same way. Nothing is known yet of which of the two is a label map. */
export interface RelatedNames {
  /** The first and the second of each pair are called like this, as in `NamePattern`: `scan-{number:digits}`. */
  readonly templates: readonly [string, string];
  /** The pairs are in the order of the listing; of very many cases only some are here. */
  readonly pairs: readonly NamedPair[];
}

/** So many paths are enough to see how a cohort names its files, however many there are. */
const MOST_PATHS = 600;
/** A name that differs in the same place from more others differs by what it is of, not by what it is. */
const MOST_ALIKE = 8;
/** Longer differences are no longer one word for what a file is ("t1ce" are three: t, 1, ce). */
const MOST_WORDS = 3;
/** Names of more words are not looked into. */
const MOST_WORDS_OF_NAME = 24;
/** `cohort.json` takes no longer templates. */
const MOST_CHARACTERS = 200;

/** A name cut into what a pair has in common and what tells its two files apart. */
interface Cut {
  readonly path: string;
  /** The folder that differs, with its `/`. It is empty where both lie in one folder. */
  readonly folder: string;
  readonly before: string;
  /** The part that differs, with the separators around it: `_scan`. */
  readonly role: string;
  readonly after: string;
}

/**
 * Finds which images of a cohort may be the label maps of others, by their names alone: two names differ in one to
 * three words, in the folder that they lie in, or in both. Numbers tell cases apart and never say what a file is.
 *
 * @param cases of a listing, with any paths that have `/`; those that have labels, or several channels, are no
 * candidates
 * @returns the most frequent first; among equals the one whose names differ least
 */
export function relatedNames(cases: readonly CohortCase[]): RelatedNames[] {
  const groups = new Map<string, Cut[]>();
  for (const path of sampled(candidates(cases))) {
    for (const [key, cut] of cutsOf(path)) {
      const group = groups.get(key);
      if (group) group.push(cut);
      else groups.set(key, [cut]);
    }
  }
  const families = new Map<string, (readonly [Cut, Cut])[]>();
  for (const group of groups.values()) {
    if (group.length > MOST_ALIKE) continue;
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) {
        if (!differByRole(one, other)) continue;
        const pair =
          one.folder + one.role < other.folder + other.role ? ([one, other] as const) : ([other, one] as const);
        const where = [one.before !== '', one.after !== ''];
        const key = JSON.stringify([where, ...pair.map(({ folder, role }) => [folder, role])]);
        families.set(key, [...(families.get(key) ?? []), pair]);
      }
    }
  }
  const found = [...families.values()].map((pairs) => ({
    templates: templatesOf(pairs),
    pairs: pairs.map(([one, other]) => [one.path, other.path] as const),
    difference: pairs[0][0].role.length + pairs[0][1].role.length,
  }));
  return found
    .filter(({ templates }) => templates.every((template) => template.length <= MOST_CHARACTERS))
    .sort((a, b) => b.pairs.length - a.pairs.length || a.difference - b.difference)
    .map(({ templates, pairs }) => ({ templates, pairs }));
}

/**
 * Says whether a row states of the same names that they belong together, or (in a row that was refused) that they do
 * not.
 */
export function isAboutSameNames(templates: readonly [string, string], row: NamePattern): boolean {
  const [one, other] = templates.map(withoutNames);
  const images = row.channels.map(withoutNames);
  const labels = (row.labels ?? []).map(withoutNames);
  return (images.includes(one) && labels.includes(other)) || (images.includes(other) && labels.includes(one));
}

function withoutNames(template: string): string {
  return template.replaceAll(/\{[^}]*\}/g, '{}');
}

function candidates(cases: readonly CohortCase[]): string[] {
  return cases.flatMap(({ labelled, test, files: { channels } }) =>
    labelled || test || channels.length !== 1 || /[{}]/.test(channels[0]) ? [] : [channels[0]],
  );
}

/** Takes of very many paths all files of some cases: files with the same numbers in their names belong together. */
function sampled(paths: readonly string[]): string[] {
  if (paths.length <= MOST_PATHS) return [...paths];
  const byNumbers = new Map<string, string[]>();
  for (const path of paths) {
    const numbers = (path.match(/\d+/g) ?? []).join(' ');
    const group = byNumbers.get(numbers);
    if (group) group.push(path);
    else byNumbers.set(numbers, [path]);
  }
  return [...byNumbers.values()].flat().slice(0, MOST_PATHS);
}

/** Yields all ways to cut a name, each with what the other file of a pair has in common with it. */
function* cutsOf(path: string): Generator<[string, Cut]> {
  const stem = stemOf(path);
  const slash = stem.lastIndexOf('/');
  const folder = stem.slice(0, slash + 1);
  const name = stem.slice(slash + 1);
  const words = [...name.matchAll(/\p{L}+|\p{N}+/gu)].map(({ 0: word, index }) => ({
    from: index,
    to: index + word.length,
  }));
  if (words.length > MOST_WORDS_OF_NAME) return;
  const above = folder.slice(0, folder.slice(0, -1).lastIndexOf('/') + 1);
  const own = folder.slice(above.length);
  for (let from = 0; from <= words.length; from++) {
    for (let to = from; to <= Math.min(words.length, from + MOST_WORDS); to++) {
      const before = from === 0 ? '' : name.slice(0, words[from - 1].to);
      const after = to === words.length ? '' : name.slice(words[to].from);
      const role = name.slice(before.length, name.length - after.length);
      const common = `${before}\0${after}`;
      yield [`${folder}\0${common}`, { path, folder: '', before, role, after }];
      if (own !== '' && common !== '\0') yield [`${above}\0/${common}`, { path, folder: own, before, role, after }];
    }
  }
}

/** Says whether two cuts with the same in common tell what their files are, in as few words as can be. */
function differByRole(one: Cut, other: Cut): boolean {
  if (one.folder !== '' && (one.folder === other.folder || !isRole(one.folder) || !isRole(other.folder))) return false;
  if (one.role === other.role) return one.folder !== '' && one.role === '' && one.after === '';
  if (!isRole(one.role) || !isRole(other.role)) return false;
  const [a, b] = [one.role, other.role].map((role) => role.match(/\p{L}+|\p{N}+/gu) ?? []);
  if (a.length + b.length === 0) return false;
  // If both name a number, they are of two cases, unless the number is the same.
  const [ofA, ofB] = [a, b].map((words) => words.filter((word) => !isRole(word)).join(' '));
  if (ofA !== '' && ofB !== '' && ofA !== ofB) return false;
  // They have nothing in common but the folder: then a number would tell which of its files it is.
  if (one.before + one.after === '' && ofA + ofB !== '') return false;
  return a.length === 0 || b.length === 0 || (a[0] !== b[0] && a.at(-1) !== b.at(-1));
}

function isRole(text: string): boolean {
  return /\p{L}/u.test(text) || !/\p{N}/u.test(text);
}

function templatesOf(pairs: readonly (readonly [Cut, Cut])[]): [string, string] {
  const isNumber = (texts: readonly string[]) => texts.every((text) => /^\d+$/.test(text));
  const placeholder = (which: 'before' | 'after', name: string) => {
    const texts = pairs.map(([one]) => one[which]);
    if (texts[0] === '') return '';
    return isNumber(texts) ? `{${name}:digits}` : `{${name}}`;
  };
  const hasBoth = pairs[0][0].before !== '' && pairs[0][0].after !== '';
  const [before, after] = [placeholder('before', 'case'), placeholder('after', hasBoth ? 'number' : 'case')];
  const templateOf = ({ folder, role }: Cut) => `${folder}${before}${role}${after}`;
  return [templateOf(pairs[0][0]), templateOf(pairs[0][1])];
}
