import { describe, expect, it } from 'vitest';
import type { EngineChoice, EngineId } from '../../../src/core/engines/engine-id.ts';
import type { EngineInUse } from '../../../src/core/protocol/engine/engine-report.ts';
import { EngineDeaths } from '../../../src/node/engine-link/engine-deaths.ts';
import { EngineDiedError } from '../../../src/node/engine-link/engine-died-error.ts';

const webgpu: EngineInUse = { id: 'webgpu', name: 'ONNX Runtime WebGPU', isReference: false };
const cuda: EngineInUse = { id: 'cuda', name: 'ONNX Runtime CUDA', isReference: false };
const cpu: EngineInUse = { id: 'cpu', name: 'ONNX Runtime CPU', isReference: true };

interface Params {
  readonly engine?: EngineChoice;
  readonly without?: EngineId[];
}

/** A prediction whose process dies on the last of `engines`. */
async function dieOn(deaths: EngineDeaths, params: Params, ...engines: EngineInUse[]): Promise<string> {
  const dying = deaths.watch(params, async (_, runs) => {
    for (const engine of engines) runs(engine);
    // Of what is not running on an engine, nothing is told.
    runs(undefined);
    throw new EngineDiedError('signal SIGSEGV');
  });
  return dying.then(
    () => 'it lives',
    (error: Error) => error.message,
  );
}

function withoutOf(deaths: EngineDeaths, params: Params): Promise<EngineId[] | undefined> {
  return deaths.watch(params, async ({ without }) => without);
}

describe('an engine that takes its process down while it predicts', () => {
  it('is not taken again by auto', async () => {
    const deaths = new EngineDeaths();
    expect(await withoutOf(deaths, { engine: 'auto' })).toBeUndefined();
    expect(await dieOn(deaths, { engine: 'auto' }, cuda, webgpu)).toBe(
      'The compute engine stopped unexpectedly (signal SIGSEGV) while ONNX Runtime WebGPU predicted. The next try takes another engine.',
    );
    expect(await withoutOf(deaths, { engine: 'auto' })).toEqual(['webgpu']);
    expect(await withoutOf(deaths, {})).toEqual(['webgpu']);
    await dieOn(deaths, {}, cuda);
    expect(await withoutOf(deaths, { without: ['tensorflow'] })).toEqual(['tensorflow', 'webgpu', 'cuda']);
  });

  it('stays where it was chosen, and the error names the setting', async () => {
    const deaths = new EngineDeaths();
    expect(await dieOn(deaths, { engine: 'webgpu' }, webgpu)).toContain('set voxelLoop.engine (--engine');
    expect(await withoutOf(deaths, { engine: 'webgpu' })).toBeUndefined();
    expect(await withoutOf(deaths, { engine: 'auto' })).toBeUndefined();
  });

  it('is taken again where it is the one that the others are compared with, or where nothing ran yet', async () => {
    const deaths = new EngineDeaths();
    const plain = 'The compute engine stopped unexpectedly (signal SIGSEGV). It will be started again when you retry.';
    expect(await dieOn(deaths, { engine: 'auto' }, cpu)).toBe(plain);
    expect(await dieOn(deaths, { engine: 'auto' })).toBe(plain);
    expect(await withoutOf(deaths, { engine: 'auto' })).toBeUndefined();
  });

  it('is not blamed for errors that it answered with', async () => {
    const deaths = new EngineDeaths();
    const failing = deaths.watch({}, async (_, runs) => {
      runs(webgpu);
      throw new Error('an answer');
    });
    await expect(failing).rejects.toThrow('an answer');
    expect(await withoutOf(deaths, {})).toBeUndefined();
  });
});
