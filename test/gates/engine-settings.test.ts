import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packagedEngines } from '../../src/core/engines/engine-packages.ts';
import { engines } from '../../src/core/engines/registry.ts';
import { engineInstallers } from '../../src/node/engines/registry.ts';
import { missingForPackages, withEngineSetting } from '../support/engine-settings.ts';

const toy = {
  id: 'toy',
  description: 'A toy',
  package: { title: 'Toy', library: 'Toy.js', packages: 'toy', installCommand: 'installToy' },
};

describe('package.json', () => {
  const manifest = readFileSync('package.json', 'utf8');

  it('has the engines of the registry as the values of a setting', async () => {
    // `npx vitest run -u test/gates/engine-settings.test.ts` writes them there.
    await expect(withEngineSetting(manifest, engines)).toMatchFileSnapshot('../../package.json');
    expect(withEngineSetting(manifest, [...engines, toy])).not.toBe(manifest);
  });

  it('has a setting and a command for each engine whose package is installed', () => {
    expect(missingForPackages(manifest, engines)).toEqual([]);
    expect(missingForPackages(manifest, [...engines, toy])).toEqual(['voxelLoop.toy.path', 'voxelLoop.installToy']);
    for (const { id } of packagedEngines) expect(engineInstallers[id], id).toBeDefined();
  });
});
