import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineVerdict } from '../../src/core/protocol/engine-id.ts';
import { agreement } from '../../src/engine/choice/agreement.ts';
import { EngineTrials } from '../../src/engine/choice/engine-trials.ts';
import { machineKey } from '../../src/engine/choice/machine-key.ts';
import { runTrial, type Trial } from '../../src/engine/choice/trial.ts';
import { VerdictFile } from '../../src/engine/choice/verdict-file.ts';
import { ProviderStartError } from '../../src/engine/engine-errors.ts';
import { Engines } from '../../src/engine/engines.ts';
import { KnownEngines } from '../../src/engine/known-engines.ts';
import { createOnnxEngine } from '../../src/engine/onnx-runtime/onnx-engine.ts';
import { providersOf } from '../../src/engine/onnx-runtime/providers.ts';
import { temporaryFolder, writeTree } from '../support/temporary-folder.ts';

const good: EngineVerdict = {
  ...{ starts: true, predicts: true, trains: true, predictSlicesPerSecond: 500, trainSlicesPerSecond: 100 },
  findings: 'as the test says',
};

describe('agreement with the CPU', async () => {
  const cpu = await createOnnxEngine('cpu', { threads: 1 });
  const reference = await runTrial(cpu, 50);
  await cpu.close();
  const changed = (change: { probability?: number; loss?: number; weight?: number }): Trial => {
    const { training } = reference;
    if (!training) throw new Error('The CPU trains.');
    return {
      ...reference,
      probabilities: reference.probabilities.map((each) => each.map((value) => value + (change.probability ?? 0))),
      training: {
        losses: training.losses.map((each) => each.map((value) => value * (1 + (change.loss ?? 0)))),
        weights: training.weights.map((each) => each.map((value) => value + (change.weight ?? 0))),
      },
    };
  };

  it('is what the same engine has with itself', () => {
    expect(agreement(reference, changed({}), false)).toMatchObject({ predicts: true, trains: true });
  });

  it('ends, for float32, where a probability is 0.001 off, a loss a ten-thousandth, or a weight', () => {
    expect(agreement(reference, changed({ probability: 2e-3 }), false)).toMatchObject({ predicts: false });
    expect(agreement(reference, changed({ loss: 1e-3 }), false)).toMatchObject({ predicts: true, trains: false });
    expect(agreement(reference, changed({ weight: 0.02 }), false)).toMatchObject({ predicts: true, trains: false });
    expect(agreement(reference, changed({ probability: Number.NaN }), false)).toMatchObject({ predicts: false });
    expect(agreement(reference, { ...reference, training: null }, false)).toMatchObject({
      predicts: true,
      trains: false,
    });
  });

  it('is, with fewer bits, the same classes and the same end of training', () => {
    // A shift of all classes alike leaves the largest the largest.
    expect(agreement(reference, changed({ probability: 0.01, loss: 5e-3 }), true)).toMatchObject({
      ...{ predicts: true, trains: true },
    });
    expect(agreement(reference, changed({ loss: 0.02 }), true)).toMatchObject({ predicts: true, trains: false });
    const reversed = {
      ...reference,
      probabilities: reference.probabilities.map((each) => each.map((value) => -value)),
    };
    expect(agreement(reference, reversed, true)).toMatchObject({ predicts: false });
  });
});

describe('verdicts', () => {
  it('are remembered for the machine that they were found on', async () => {
    const folder = temporaryFolder();
    // The user's cache folder may not have ours yet.
    const fresh = join(folder, 'not', 'there yet');
    await new VerdictFile(fresh, 'this machine').write('webgpu', good);
    expect(await new VerdictFile(fresh, 'this machine').read('webgpu')).toEqual(good);
    await new VerdictFile(folder, 'this machine').write('webgpu', good);
    expect(await new VerdictFile(folder, 'this machine').read('webgpu')).toEqual(good);
    expect(await new VerdictFile(folder, 'this machine').read('cuda')).toBeNull();
    expect(await new VerdictFile(folder, 'this machine, another driver').read('webgpu')).toBeNull();
  });

  it('hold an engine that took its process down against it', async () => {
    const folder = temporaryFolder();
    const file = new VerdictFile(folder, 'this machine');
    await file.begin('webgpu');
    // While this process lives it may still come out well.
    expect(await file.read('webgpu')).toBeNull();
    const path = join(folder, 'engines.json');
    const gone = 2 ** 22 + 1;
    writeFileSync(path, readFileSync(path, 'utf8').replace(String(process.pid), String(gone)));
    expect(await file.read('webgpu')).toMatchObject({ starts: false, findings: expect.stringMatching(/driver/) });
    await file.write('webgpu', good);
    expect(await file.read('webgpu')).toEqual(good);
  });

  it('are found out anew where the file is damaged, and go nowhere where it cannot be written', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'engines.json'), '{"format":');
    const file = new VerdictFile(folder, 'this machine');
    expect(await file.read('cpu')).toBeNull();
    await file.write('cpu', good);
    expect(await file.read('cpu')).toEqual(good);
    await new VerdictFile(join(folder, 'engines.json', 'below a file'), 'this machine').write('cpu', good);
  });
});

describe('the choice of an engine', () => {
  it('is the CPU without trying it, where nothing else starts; WASM where there is no native binary', () => {
    expect(providersOf({ platform: 'linux', arch: 'x64', isMusl: false })).toEqual(['cuda', 'webgpu', 'cpu', 'wasm']);
    expect(providersOf({ platform: 'linux', arch: 'x64', isMusl: true })).toEqual(['wasm']);
    expect(providersOf({ platform: 'darwin', arch: 'x64', isMusl: false })).toEqual(['wasm']);
    expect(providersOf({ platform: 'darwin', arch: 'arm64', isMusl: false })[0]).toBe('webgpu');
    expect(machineKey(['1.0'])).not.toBe(machineKey(['1.1']));
  });

  it('takes the fastest that agrees, for each use apart', async () => {
    const folder = temporaryFolder();
    const file = new VerdictFile(folder, 'a machine with a GPU');
    await file.write('cuda', { ...good, predicts: false, trains: false, predictSlicesPerSecond: 9000 });
    await file.write('webgpu', { ...good, predictSlicesPerSecond: 2000, trainSlicesPerSecond: 20 });
    await file.write('cpu', { ...good, predictSlicesPerSecond: 200, trainSlicesPerSecond: 30 });
    const trials = new EngineTrials(new KnownEngines(null), file);
    expect([await trials.fastest('predict'), await trials.fastest('train')]).toEqual(['webgpu', 'cpu']);
  });

  it('says why an engine that was asked for by name cannot be used', async () => {
    const folder = temporaryFolder();
    const file = new VerdictFile(folder, 'a machine');
    await file.write('webgpu', { ...good, starts: false, findings: 'no adapter' });
    await file.write('cuda', { ...good, trains: false, findings: 'losses to 3e-1' });
    const engines = new Engines(1, new EngineTrials(new KnownEngines(null), file), () => undefined);
    await expect(engines.get('webgpu', 'predict')).rejects.toThrow(ProviderStartError);
    await expect(engines.get('webgpu', 'predict')).rejects.toThrow(/WebGPU does not start here \(no adapter\)/);
    await expect(engines.get('cuda', 'train')).rejects.toThrow(/predicts here but does not train/);
    await engines.close();
  });

  it('counts TensorFlow in only where a folder was named for it', async () => {
    expect(await new KnownEngines(null).candidates()).not.toContain('tensorflow');
    const known = await new KnownEngines(temporaryFolder()).candidates();
    expect(known).toEqual([...known.slice(0, -3), 'tensorflow', 'cpu', 'wasm']);
    const engines = new Engines(1, new EngineTrials(new KnownEngines(null), null), () => undefined);
    await expect(engines.get('tensorflow', 'train')).rejects.toThrow(
      /^TensorFlow does not start here \(TensorFlow\.js is not installed: run "Voxel Loop: Install TensorFlow GPU Engine".*\): choose "auto"/,
    );
    await engines.close();
  });

  it('judges TensorFlow anew where the package is another one, or was made whole', async () => {
    const file = new VerdictFile(temporaryFolder(), 'this machine');
    const folder = temporaryFolder();
    const engine = () => new EngineTrials(new KnownEngines(folder), file).verdict('tensorflow');
    expect((await engine()).findings).toMatch(/^There is no @tensorflow\/tfjs-node-gpu/);
    // FAKE: a name without a library.
    const install = (version: string) =>
      writeTree(folder, {
        'package.json': JSON.stringify({ name: '@tensorflow/tfjs-node', version, main: 'index.js' }),
        ...{ 'lib/napi-v8/tfjs_binding.node': '', 'deps/lib/libtensorflow.so.2': '' },
        'index.js': `throw new Error('I am ${version}');`,
      });
    install('4.21.0');
    expect((await engine()).findings).toContain('does not load (I am 4.21.0)');
    await file.write(new KnownEngines(folder).subject('tensorflow'), good);
    expect(await engine()).toEqual(good);
    install('4.22.0');
    expect((await engine()).starts).toBe(false);
  });

  it('lists every engine of this machine with what it is worth, by trying', async () => {
    const folder = temporaryFolder();
    const engines = new Engines(
      1,
      new EngineTrials(new KnownEngines(null), new VerdictFile(folder, 'this machine')),
      () => undefined,
    );
    const { engines: found, reference, chosen } = await engines.report(false);
    expect(reference).toBe('cpu');
    const of = (id: string) => found.find((each) => each.id === id)?.verdict;
    expect(of('cpu')).toMatchObject({ starts: true, predicts: true, trains: true });
    expect(of('wasm')).toMatchObject({ starts: true, predicts: true, trains: true });
    for (const { verdict } of found) {
      expect(verdict.findings).not.toBe('');
      expect(verdict.starts || verdict.predictSlicesPerSecond === null).toBe(true);
    }
    const { engine } = await engines.get('auto', 'train');
    expect(engine.name).toBe(found.find(({ id }) => id === chosen.train)?.name);
    await engines.close();
  });
});
