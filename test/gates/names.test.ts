import { describe, expect, it } from 'vitest';
import { packagedEngines } from '../../src/core/engines/engine-packages.ts';
import { sourceFiles } from './source-files.ts';

/** Names that mean two things today, each with the reason why it still does. */
const ALLOWED: Readonly<Record<string, string>> = {
  Component: 'a component of a label and an element of the page are told apart when tools have moved',
  Gesture: 'gestures of tools and of the pointer are told apart when tools have moved',
  Paint: 'paint of tools and of strokes are told apart when tools have moved',
  inWords: 'the sentence of an error and a list of endings are told apart when formats have moved',
  ProposalSummary: 'the summary of the tree view is told apart from that of an open case when both have moved',
  SliceFrame: 'the frame that the renderer draws is told apart from that of learning when panes have moved',
  Share: 'words of the page on effort are told apart from its figures when the pages have moved',
  Spread: 'words of the page on effort are told apart from its figures when the pages have moved',
  counted: 'words of the pages are told apart from those of core when the pages have moved',
  dice: 'words of the page on effort are told apart from scores when the pages have moved',
  followImage: 'the editor and the cohort follow an image apart when the session has moved',
  intensityStatistics: 'the schema is told apart from what measures when formats have moved',
  isThere: 'both ask whether a file is there, and one of them goes when the session has moved',
  plural: 'words of the pages are told apart from those of core when the pages have moved',
  predict: 'the job is told apart from the command when the extension has moved',
  sliceFormat: 'the schema is told apart from what makes it when formats have moved',
  timeText: 'words of the pages are told apart from those of core when the pages have moved',
  webviewPort: 'both are one end of the same port, in two processes',
  wholeNumber: 'words of the page on effort are told apart from arguments when the pages have moved',
};

const EXPORTED =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:class|interface|type|const|let|function\*?|enum) (\w+)/gm;

/** Names that more than one file exports, each thing under its name. */
function namesOfTwo(files: ReadonlyMap<string, string>): Map<string, string[]> {
  const exporters = new Map<string, Set<string>>();
  for (const [path, text] of files) {
    for (const [, name] of text.matchAll(EXPORTED)) exporters.set(name, (exporters.get(name) ?? new Set()).add(path));
  }
  return new Map([...exporters].filter(([, paths]) => paths.size > 1).map(([name, paths]) => [name, [...paths]]));
}

/** Files that name an engine outside its folders (one in each layer) and the registries. */
function filesThatName(word: string, files: ReadonlyMap<string, string>): string[] {
  const isAtHome = (path: string) =>
    /^src\/\w+\/engines\/registry\.ts$/.test(path) || new RegExp(`^src/\\w+/engines/${word}[./]`).test(path);
  return [...files].flatMap(([path, text]) => (!isAtHome(path) && text.toLowerCase().includes(word) ? [path] : []));
}

describe('an exported name', () => {
  it('means one thing', () => {
    const found = namesOfTwo(sourceFiles());
    const unexpected = [...found].filter(([name]) => !(name in ALLOWED));
    expect(unexpected).toEqual([]);
    const settled = Object.keys(ALLOWED).filter((name) => !found.has(name));
    expect(settled, 'these mean one thing by now: take them out of the list').toEqual([]);
  });

  it('that means two is noticed, whatever it is', () => {
    const planted = new Map([
      [
        'src/core/a.ts',
        'export class Two {}\nexport const one = v.object({});\nexport type One = 1;\nexport async function two() {}\n',
      ],
      [
        'src/node/b.ts',
        'export interface Two {}\nexport type { One } from "../core/a.ts";\nexport const two = 2;\nfunction one() {}\n',
      ],
    ]);
    expect([...namesOfTwo(planted).keys()]).toEqual(['Two', 'two']);
  });
});

describe('the name of an engine that the user installs', () => {
  it.each(packagedEngines.map(({ id }) => id))('%s stands in its folders and in the registries', (id) => {
    // A paper's algorithm is called so there.
    const cited = ['src/core/net/optimizers/average.ts'];
    expect(filesThatName(id, sourceFiles())).toEqual(cited);
  });

  it('is noticed elsewhere', () => {
    const planted = new Map([
      ['src/node/engines/toy/install-toy.ts', 'const toy = 1;'],
      ['src/core/engines/registry.ts', "import { toy } from './toy.ts';"],
      ['src/cli/main.ts', 'if (engine === "toy") start();'],
    ]);
    expect(filesThatName('toy', planted)).toEqual(['src/cli/main.ts']);
  });
});
