import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantedFolder, runGate } from './run-gate.ts';

describe('the compiler settings of core', () => {
  it.each([
    { what: 'the DOM', line: 2, code: 'TS2584' },
    { what: 'Node', line: 3, code: 'TS2591' },
    { what: 'an implicit any', line: 4, code: 'TS7006' },
    { what: 'undefined for an absent property', line: 5, code: 'TS2375' },
    { what: 'null for a value', line: 6, code: 'TS2322' },
    { what: 'an override that does not say so', line: 8, code: 'TS4114' },
  ])('refuse $what', ({ line, code }) => {
    expect(compilerOutput()).toMatch(new RegExp(`core-breaks-the-rules\\.ts\\(${line},\\d+\\): error ${code}`));
  });
});

let output: string | undefined;
function compilerOutput(): string {
  output ??= runGate('typescript/bin/tsc', ['-p', join(plantedFolder, 'types')], { cwd: plantedFolder }).output;
  return output;
}
