/**
 * How large and how entangled the source is: `npm run bench -- house [FOLDER]`. FOLDER is another checkout of this
 * repository, with its packages installed, to compare with; the rules about layers are always those of this one.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import ts from 'typescript';

const root = path.resolve(process.argv[2] ?? '.');
const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => path.posix.join('src', file.split(path.sep).join('/')));

interface Sized {
  readonly name: string;
  readonly lines: number;
}

const sources = files.map((file) => {
  const text = readFileSync(path.join(root, file), 'utf8');
  return { file, text, lines: text.split('\n').length - 1 };
});

/** Functions, methods and function values, with all of their lines. */
function functionsOf({ file, text }: { file: string; text: string }): Sized[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Sized[] = [];
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      const name = `${named?.getText(source) ?? 'a function'} in ${file}`;
      found.push({ name, lines: lineAt(node.getEnd()) - lineAt(node.getStart(source)) + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function longest(all: readonly Sized[]): string {
  const first = all.reduce((most, each) => (each.lines > most.lines ? each : most));
  return `${first.lines} lines: ${first.name}`;
}

/** Folders that import one another in a circle, as the rule `no-folder-knots` finds them. */
function foldersInKnots(): number {
  const { stdout, error } = spawnSync(
    process.execPath,
    [
      path.resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      'src',
      '--config',
      path.resolve('.dependency-cruiser.cjs'),
      '--output-type',
      'json',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (error) throw error;
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  const knots = summary.violations.filter(({ rule }) => rule.name === 'no-folder-knots');
  return new Set(knots.map(({ from }) => from)).size;
}

const folders = new Map<string, number>();
for (const { file } of sources) {
  const folder = path.posix.dirname(file);
  folders.set(folder, (folders.get(folder) ?? 0) + 1);
}
const importers = new Map<string, number>();
for (const { file, text } of sources) {
  const targets = new Set([...text.matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g)].map(([, target]) => target));
  for (const target of targets) {
    const imported = path.posix.join(path.posix.dirname(file), target);
    importers.set(imported, (importers.get(imported) ?? 0) + 1);
  }
}
const functions = sources.flatMap(functionsOf);
const figures: Record<string, string | number> = {
  files: sources.length,
  lines: sources.reduce((sum, { lines }) => sum + lines, 0),
  folders: folders.size,
  'folders that import one another in circles': foldersInKnots(),
  'largest folder': longest([...folders].map(([name, lines]) => ({ name, lines }))).replace(' lines:', ' files:'),
  'longest file': longest(sources.map(({ file, lines }) => ({ name: file, lines }))),
  'files over 400 lines': sources.filter(({ lines }) => lines > 400).length,
  'longest function': longest(functions),
  'functions over 60 lines': functions.filter(({ lines }) => lines > 60).length,
  'files under 30 lines': sources.filter(({ lines }) => lines < 30).length,
  'files under 30 lines that one other file imports': sources.filter(
    ({ file, lines }) => lines < 30 && importers.get(file) === 1,
  ).length,
  'files that one other file imports': sources.filter(({ file }) => importers.get(file) === 1).length,
};
for (const [what, figure] of Object.entries(figures)) console.log(`| ${what} | ${figure} |`);
