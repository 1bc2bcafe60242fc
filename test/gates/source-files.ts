import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './run-gate.ts';

/** The text of every file of the product by its path from the repository ("src/core/cancel.ts"). */
export function sourceFiles(): Map<string, string> {
  const paths = (readdirSync(join(repositoryRoot, 'src'), { recursive: true }) as string[])
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => `src/${path.replaceAll('\\', '/')}`);
  return new Map(paths.sort().map((path) => [path, readFileSync(join(repositoryRoot, path), 'utf8')]));
}
