import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { trainCommand } from '../../../src/cli/commands/train.ts';
import type { EngineEntry } from '../../../src/core/engines/engine-entry.ts';
import { engineChoice } from '../../../src/core/engines/engine-id.ts';
import { engines as registered } from '../../../src/core/engines/registry.ts';
import { EngineTrials } from '../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../src/engine/choice/known-engines.ts';
import type { EngineModule } from '../../../src/engine/engines/engine-module.ts';
import { runFailure } from '../../../src/engine/engines/run-failure.ts';
import { withEngineSetting } from '../../support/engine-settings.ts';

/** What a newcomer writes: a folder with these two, and a line in each of the two registries below. */
const toy = vi.hoisted(() => {
  const entry: EngineEntry = { id: 'toy', description: 'A toy: the CPU under another name' };
  const world = { obstacle: undefined as string | undefined };
  const module = async (): Promise<() => EngineModule> => {
    const { createOnnxEngine } = await import('../../../src/engine/engines/onnx-runtime/onnx-engine.ts');
    return () => ({
      id: 'toy' as never,
      isPossible: true,
      traits: { name: 'Toy', onGpu: false, reducedPrecision: false, cpuNodes: 'none', isReference: false },
      obstacle: async () => world.obstacle,
      start: async () => Object.assign(await createOnnxEngine('cpu', { threads: 1 }), { name: 'Toy' }),
      parts: () => '',
      sharedParts: () => [],
      failureWords: { outOfMemory: [/the toy box is full/], deviceLost: [/the toy is broken/] },
    });
  };
  return { entry, module, world };
});

vi.mock('../../../src/core/engines/registry.ts', async (original) => {
  const { engines } = (await original()) as { engines: readonly EngineEntry[] };
  return { engines: [...engines, toy.entry] };
});

vi.mock('../../../src/engine/engines/registry.ts', async (original) => {
  const { engineModules } = (await original()) as { engineModules: Record<string, unknown> };
  return { engineModules: { ...engineModules, toy: await toy.module() } };
});

describe('an engine that is added to the registries alone', () => {
  const id = v.parse(engineChoice, 'toy') as 'cpu';

  it('can be asked for in messages, on the command line and in the settings', () => {
    expect(v.safeParse(engineChoice, 'no engine').success).toBe(false);
    expect(trainCommand.help).toContain('cpu, wasm, toy (default auto');
    const manifest = JSON.parse(withEngineSetting(readFileSync('package.json', 'utf8'), registered));
    expect(manifest.contributes.configuration.properties['voxelLoop.engine'].enum).toContain('toy');
  });

  it('is tried, compared with the CPU and used', async () => {
    const known = new KnownEngines();
    expect(known.candidates()).toContain('toy');
    expect(await known.reference()).toBe('cpu');
    const trials = new EngineTrials(known, null);
    const engines = new Engines(1, trials, () => undefined);
    expect(await trials.verdict(id)).toMatchObject({ starts: true, predicts: true, trains: true });
    expect((await engines.get(id, 'train')).engine.name).toBe('Toy');
    await engines.close();
  });

  it('brings the words in which it fails', () => {
    expect(runFailure(new Error('the toy box is full'))).toBe('out-of-memory');
    expect(runFailure(new Error('the toy is broken'))).toBe('device-lost');
  });

  it('is listed with the reason where it cannot run', async () => {
    toy.world.obstacle = 'Toy needs a battery';
    const verdict = await new EngineTrials(new KnownEngines(), null).verdict(id);
    expect(verdict).toMatchObject({ starts: false, findings: 'Toy needs a battery' });
  });
});
