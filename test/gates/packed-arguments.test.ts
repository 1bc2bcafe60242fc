import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { foldersWithRules, repositoryRoot } from '../../scripts/harness/paths.mjs';

/*
 * An object literal that is spread into another one, or a tuple that is spread into a call, says what the plain form says
 * in fewer lines, and hides from the reader which argument is which.
 */

/** The packed literals in a source, as they are written. */
function packedIn(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const spreads = ts.isSpreadAssignment(node) || (ts.isSpreadElement(node) && ts.isCallExpression(node.parent));
    let packed = spreads ? node.expression : undefined;
    while (packed && (ts.isParenthesizedExpression(packed) || ts.isAsExpression(packed))) packed = packed.expression;
    if (packed && ts.isObjectLiteralExpression(packed)) found.push(node.getText());
    if (packed && ts.isArrayLiteralExpression(packed) && ts.isSpreadElement(node)) {
      if (ts.isParenthesizedExpression(node.expression)) found.push(node.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}

describe('arguments', () => {
  it('are packed nowhere', () => {
    const files = foldersWithRules.flatMap((folder) =>
      (readdirSync(join(repositoryRoot, folder), { recursive: true }) as string[])
        .filter((path) => /\.m?ts$|\.mjs$/.test(path))
        .map((path) => join(folder, path)),
    );
    expect(files.length).toBeGreaterThan(1000);
    const found = files.flatMap((path) =>
      packedIn(readFileSync(join(repositoryRoot, path), 'utf8')).map((packed) => `${path}: ${packed}`),
    );
    expect(found).toEqual([]);
  });

  it('that are packed are noticed', () => {
    expect(packedIn('f({ ...{ a, b }, c });')).toEqual(['...{ a, b }']);
    expect(packedIn('f(...([a, b] as const), c);')).toEqual(['...([a, b] as const)']);
    expect(packedIn('f({ ...(isSet && { a }), ...rest }, ...more, [...[1, 2], ...[3, 4]]);')).toEqual([]);
  });
});
