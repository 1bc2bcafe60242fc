import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packagedEngines } from '../../src/core/engines/engine-packages.ts';
import { toolCommand } from '../../src/core/tools/known-tools.ts';
import { TOOLS } from '../../src/core/tools/registry.ts';
import { type Contributions, manifestFaults } from '../support/manifest-faults.ts';

const source = readdirSync('src/extension', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join('src/extension', file), 'utf8'))
  .join('\n');
// The file itself cannot be imported, because it imports VS Code.
const viewTypes = [
  ...readFileSync('src/extension/platform/view-type.ts', 'utf8').matchAll(/= '(voxelLoop\.\w+)'/g),
].map(([, type]) => type);
const fromRegistries = [
  ...TOOLS.map(({ id }) => toolCommand(id)),
  ...packagedEngines.flatMap(({ id, package: { installCommand } }) => [`${id}.path`, installCommand]),
].map((name) => `voxelLoop.${name}`);

const contributions = (): Contributions => JSON.parse(readFileSync('package.json', 'utf8')).contributes;
const faultsOf = (changed: Contributions) => manifestFaults(changed, source, viewTypes, fromRegistries);

it('package.json promises what the extension does, and all that it does', () => {
  expect(viewTypes).toHaveLength(2);
  expect(faultsOf(contributions())).toEqual([]);
});

it('what is changed there by hand is told', () => {
  const faultsIn = (change: (text: string) => string) => faultsOf(JSON.parse(change(JSON.stringify(contributions()))));
  const renamed = (from: string, to: string) => faultsIn((text) => text.replaceAll(`"${from}"`, `"${to}"`));
  expect(renamed('voxelLoop.exportLabelMap', 'voxelLoop.exportIt')).toEqual([
    'nothing carries out voxelLoop.exportIt',
    'voxelLoop.exportLabelMap is carried out, and nobody can run it',
  ]);
  expect(renamed('voxelLoop.display.convention', 'voxelLoop.display.conventions')).toEqual([
    'nothing reads voxelLoop.display.conventions',
  ]);
  expect(renamed('voxelLoop.optionalVolume', 'voxelLoop.other')).toEqual([
    'voxelLoop.other is no type of the editor',
    'no selector opens voxelLoop.optionalVolume',
  ]);
  const { menus, ...others } = contributions();
  expect(faultsOf({ ...others, menus: { ...menus, more: [{ command: 'voxelLoop.nothing' }] } })).toEqual([
    'voxelLoop.nothing is used, and is no command',
  ]);
});
