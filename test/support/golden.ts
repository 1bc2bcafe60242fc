import { readFileSync } from 'node:fs';

/** Reads `test/golden/<name>`. A missing golden file fails the test: it is never made up. */
export function readGolden<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8')) as Shape;
}
