import { describe, expect, it } from 'vitest';
import { packagedEngines } from '../../src/core/engines/engine-packages.ts';
import { sourceFiles } from './source-files.ts';

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
    expect([...namesOfTwo(sourceFiles())]).toEqual([]);
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
