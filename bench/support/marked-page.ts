import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Replaces the part of a page between the marks of a bench, `<!-- bench NAME -->` and `<!-- /bench NAME -->`.
 *
 * @throws Error if the page has no such marks
 */
export function writeIntoPage(page: string, name: string, content: string): void {
  const [start, end] = [`<!-- bench ${name} -->`, `<!-- /bench ${name} -->`];
  const [before, rest] = readFileSync(page, 'utf8').split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the figures of ${name}.`);
  writeFileSync(page, `${before}${start}\n${content}\n${end}${after}`);
}
