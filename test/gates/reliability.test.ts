import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/harness/paths.mjs';

const TABLE = readFileSync(join(repositoryRoot, 'docs/reliability.md'), 'utf8');

/** A test file, and the beginning of a test's name in it where the table gives one. */
interface NamedTest {
  readonly file: string;
  readonly name: string | undefined;
}

function namedTests(markdown: string): NamedTest[] {
  return [...markdown.matchAll(/`(test\/[\w/.-]+\.ts)`(?:: "([^"]+)")?/g)].map(([, file, name]) => ({
    file: file as string,
    name,
  }));
}

/** Why a named test is no test that runs; null: it is one. */
function faultOf({ file, name }: NamedTest): string | null {
  const path = join(repositoryRoot, file);
  if (!existsSync(path)) return `there is no ${file}`;
  return name === undefined || readFileSync(path, 'utf8').includes(name) ? null : `${file} has no test "${name}"`;
}

describe('the table of what must not go wrong', () => {
  const tests = namedTests(TABLE);

  it('names tests that are there', () => {
    expect(tests.length).toBeGreaterThan(40);
    expect(tests.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
  });

  it('has a test in every row of what went wrong', () => {
    const [found = ''] = TABLE.split('\n## Figures');
    const rows = found.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what went wrong|---)/.test(line));
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => namedTests(row).length === 0)).toEqual([]);
  });

  it('would miss a test that is gone', () => {
    expect(faultOf({ file: 'test/gates/gone.test.ts', name: undefined })).not.toBeNull();
    expect(faultOf({ file: 'test/gates/reliability.test.ts', name: 'no such' + ' test' })).not.toBeNull();
  });
});
