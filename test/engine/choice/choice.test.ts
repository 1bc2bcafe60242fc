import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineId } from '../../../src/core/engines/engine-id.ts';
import type { EngineVerdict } from '../../../src/core/engines/engine-verdict.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import type { NetworkEngine } from '../../../src/core/net/graph/network-engine.ts';
import { agreement } from '../../../src/engine/choice/agreement.ts';
import { EngineTrials } from '../../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../../src/engine/choice/known-engines.ts';
import { machineKey } from '../../../src/engine/choice/machine-key.ts';
import { runTrial, type Trial } from '../../../src/engine/choice/trial.ts';
import { parseDisplayAdapters } from '../../../src/engine/choice/windows-display-adapters.ts';
import { NetworkRunError, ProviderStartError } from '../../../src/engine/device/engine-errors.ts';
import type { StartOptions } from '../../../src/engine/engines/engine-module.ts';
import { createOnnxEngine } from '../../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { providersOf } from '../../../src/engine/engines/onnx-runtime/providers.ts';
import { EngineVerdicts, noteEngineCrash } from '../../../src/node/engine-link/engine-verdicts.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

const good: EngineVerdict = {
  starts: true,
  predicts: true,
  trains: true,
  predictSlicesPerSecond: 500,
  trainSlicesPerSecond: 100,
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
      predicts: true,
      trains: true,
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
  const here = (folder: string, name = 'this process') => new EngineVerdicts(folder, 'this machine', name);

  it('are remembered for the machine that they were found on, beside those of another', async () => {
    // The user's cache folder may not have ours yet.
    const folder = join(temporaryFolder(), 'not', 'there yet');
    const there = new EngineVerdicts(folder, 'this machine, another driver', 'this process');
    await here(folder).write('webgpu', good);
    expect(await here(folder).read('webgpu')).toEqual(good);
    expect(await here(folder).read('cuda')).toBeNull();
    expect(await there.read('webgpu')).toBeNull();
    await there.write('webgpu', { ...good, trains: false });
    expect(await here(folder).read('webgpu')).toEqual(good);
  });

  it('hold an engine that took its process down against it, and none whose process was ended', async () => {
    const folder = temporaryFolder();
    await here(folder).begin('webgpu');
    await here(folder).begin('cuda');
    await here(folder, 'another').begin('directml');
    expect(await here(folder).read('webgpu')).toBeNull();
    await here(folder).write('cuda', good);
    await noteEngineCrash(folder, 'this process');
    expect(await here(folder).read('webgpu')).toMatchObject({
      starts: false,
      findings: expect.stringMatching(/driver/),
    });
    expect(await here(folder).read('cuda')).toEqual(good);
    expect(await here(folder).read('directml')).toBeNull();
    await here(folder).write('webgpu', good);
    expect(await here(folder).read('webgpu')).toEqual(good);
    await here(folder).forget('webgpu');
    expect(await here(folder).read('webgpu')).toBeNull();
    await noteEngineCrash(join(folder, 'nowhere'), 'this process');
  });

  it('of several processes that try engines at once are all kept', async () => {
    for (let round = 0; round < 20; round++) {
      const folder = temporaryFolder();
      await here(folder, 'a').begin('webgpu');
      await Promise.all([here(folder, 'a').write('webgpu', good), here(folder, 'b').begin('cpu')]);
      await noteEngineCrash(folder, 'a');
      expect(await here(folder).read('webgpu')).toEqual(good);
    }
  });

  it('are found out anew where the file is damaged, and go nowhere where it cannot be written', async () => {
    const folder = temporaryFolder();
    await here(folder).write('cpu', good);
    const [name] = readdirSync(join(folder, 'engines'));
    writeFileSync(join(folder, 'engines', name), '{"format":');
    expect(await here(folder).read('cpu')).toBeNull();
    await here(folder).write('cpu', good);
    expect(await here(folder).read('cpu')).toEqual(good);
    await here(join(folder, 'engines', name, 'below a file')).write('cpu', good);
  });
});

describe('the trial of an engine', () => {
  /** Candidates are WebGPU and the CPU; WebGPU starts as it is told to. */
  class Machine extends KnownEngines {
    readonly started: EngineId[] = [];

    constructor(private readonly begin: (id: EngineId, time: number) => void | Promise<void>) {
      super();
    }

    override candidates(): EngineId[] {
      return ['webgpu', 'cpu'];
    }

    override async start(id: EngineId): Promise<NetworkEngine> {
      this.started.push(id);
      await this.begin(id, this.started.filter((each) => each === id).length);
      return createOnnxEngine('cpu', { threads: 1 });
    }
  }
  const verdicts = () => new EngineVerdicts(temporaryFolder(), 'this machine', 'this process');
  const outOfMemory = () =>
    new NetworkRunError('It failed.', { cause: new Error('Failed to allocate memory for requested buffer') });

  it('remembers what lasts, and not what may go another time', async () => {
    for (const [error, lasts] of [
      [outOfMemory(), false],
      [new NetworkRunError('It failed.', { cause: new Error('Device was lost') }), false],
      [new Error('no adapter'), true],
    ] as const) {
      const file = verdicts();
      const trials = new EngineTrials(
        new Machine((id) => {
          if (id === 'webgpu') throw error;
        }),
        file,
      );
      expect(await trials.verdict('webgpu')).toMatchObject({ starts: false });
      expect(await file.read('webgpu')).toEqual(lasts ? expect.objectContaining({ findings: 'no adapter' }) : null);
    }
  });

  it('counts what a provider that is made for graphs in pieces leaves to the CPU, and says so', async () => {
    // Stands for CoreML, which cannot exist here: everything is left to the CPU.
    class Mac extends KnownEngines {
      constructor(private readonly place: string) {
        super();
      }

      override candidates(): EngineId[] {
        return ['coreml', 'webgpu', 'cpu'];
      }

      override start(_: EngineId, options: StartOptions = {}): Promise<NetworkEngine> {
        const profilePrefix = options.profilePrefix && this.place + options.profilePrefix;
        return createOnnxEngine('cpu', { threads: 1, ...(profilePrefix !== undefined && { profilePrefix }) });
      }
    }
    const trials = new EngineTrials(new Mac(''), null);
    const { findings, predicts } = await trials.verdict('coreml');
    expect(predicts).toBe(true);
    expect(findings).toMatch(/ \((\d{3,}) of \1 nodes of its graphs run on the CPU\)$/);
    expect((await trials.verdict('webgpu')).findings).not.toContain('run on the CPU');
    // Without a record it is taken all the same.
    const lost = await new EngineTrials(new Mac('/no such folder'), null).verdict('coreml');
    expect(lost).toMatchObject({ predicts: true, findings: expect.stringContaining('could not be counted') });
  });

  it('asks the CPU again where that failed once', async () => {
    const machine = new Machine((id, time) => {
      if (id === 'cpu' && time === 1) throw outOfMemory();
    });
    const trials = new EngineTrials(machine, verdicts());
    expect(await trials.verdict('webgpu')).toMatchObject({ starts: false });
    expect(await trials.verdict('webgpu', true)).toMatchObject({ starts: true, predicts: true, trains: true });
  });

  it('ends where a driver hangs, and can be left while it runs', async () => {
    const machine = new Machine((id) => (id === 'webgpu' ? new Promise(() => undefined) : undefined));
    const trials = new EngineTrials(machine, verdicts(), 0.005);
    expect((await trials.verdict('webgpu')).findings).toBe('not done with a small task after 0.005 minutes');
    const controller = new AbortController();
    const engines = new Engines(1, new EngineTrials(machine, verdicts()), () => undefined);
    const report = engines.report(true, controller.signal);
    controller.abort();
    await expect(report).rejects.toThrow(CancelledError);
  });

  it('never holds a crash against the CPU: there is nothing to take in its place', async () => {
    const folder = temporaryFolder();
    const file = new EngineVerdicts(folder, 'this machine', 'this process');
    let crash = () => Promise.resolve();
    const trials = new EngineTrials(new Machine(() => crash()), file);
    crash = () => noteEngineCrash(folder, 'this process');
    await trials.verdict('cpu');
    expect(await trials.verdict('cpu')).toMatchObject({ starts: true });
    expect(readdirSync(join(folder, 'engines'))).toHaveLength(1);
  });
});

describe('the display adapters of Windows', () => {
  it('are read from what the registry prints', () => {
    const key = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}`;
    const text = [
      key,
      '    ClassDesc    REG_SZ    @%SystemRoot%\\System32\\SysClass.Dll,-3010',
      '',
      `${key}\\0000`,
      '    DriverDesc    REG_SZ    NVIDIA GeForce RTX 4090',
      '    DriverVersion    REG_SZ    32.0.15.6094',
      '    RMMaxTouch    REG_DWORD    0x1',
      '',
      `${key}\\0000\\UMD`,
      '    DriverVersion    REG_SZ    1.2',
      '',
      `${key}\\0001`,
      '    DriverVersion    REG_SZ    31.0.101.2125',
      '    DriverDesc    REG_SZ    Intel(R) UHD Graphics 770',
      '',
    ].join('\r\n');
    expect(parseDisplayAdapters(text)).toEqual([
      { name: 'NVIDIA GeForce RTX 4090', driverVersion: '32.0.15.6094' },
      { name: 'Intel(R) UHD Graphics 770', driverVersion: '31.0.101.2125' },
    ]);
    expect(parseDisplayAdapters('ERROR: The system was unable to find the specified registry key.')).toEqual([]);
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

  class Mac extends KnownEngines {
    override candidates(): EngineId[] {
      return ['coreml', 'webgpu', 'cpu', 'wasm'];
    }
  }

  it('takes the fastest that agrees, for each use apart', async () => {
    const folder = temporaryFolder();
    const file = new EngineVerdicts(folder, 'a machine with a GPU', 'this process');
    await file.write('coreml', { ...good, predicts: false, trains: false, predictSlicesPerSecond: 9000 });
    await file.write('webgpu', { ...good, predictSlicesPerSecond: 2000, trainSlicesPerSecond: 20 });
    await file.write('cpu', { ...good, predictSlicesPerSecond: 200, trainSlicesPerSecond: 30 });
    const trials = new EngineTrials(new Mac(), file);
    expect([await trials.fastest('predict'), await trials.fastest('train')]).toEqual(['webgpu', 'cpu']);
  });

  it('says why an engine that was asked for by name cannot be used', async () => {
    const folder = temporaryFolder();
    const file = new EngineVerdicts(folder, 'a machine', 'this process');
    await file.write('webgpu', { ...good, starts: false, findings: 'no adapter' });
    await file.write('coreml', { ...good, trains: false, findings: 'losses to 3e-1' });
    const engines = new Engines(1, new EngineTrials(new KnownEngines(), file), () => undefined);
    await expect(engines.get('webgpu', 'predict')).rejects.toThrow(ProviderStartError);
    await expect(engines.get('webgpu', 'predict')).rejects.toThrow(/WebGPU does not start here \(no adapter\)/);
    await expect(engines.get('coreml', 'train')).rejects.toThrow(/predicts here but does not train/);
    await engines.close();
  });

  it('counts TensorFlow in only where a folder was named for it', async () => {
    expect(new KnownEngines().candidates()).not.toContain('tensorflow');
    const known = new KnownEngines({ tensorflow: temporaryFolder() }).candidates();
    expect(known).toEqual([...known.slice(0, -3), 'tensorflow', 'cpu', 'wasm']);
    const engines = new Engines(1, new EngineTrials(new KnownEngines(), null), () => undefined);
    await expect(engines.get('tensorflow', 'train')).rejects.toThrow(
      /^TensorFlow does not start here \(TensorFlow\.js is not installed: run "Voxel Loop: Install TensorFlow GPU Engine".*\): choose "auto"/,
    );
    await engines.close();
  });

  it('judges TensorFlow anew where the package is another one, or was made whole', async () => {
    const file = new EngineVerdicts(temporaryFolder(), 'this machine', 'this process');
    const folder = temporaryFolder();
    const engine = () => new EngineTrials(new KnownEngines({ tensorflow: folder }), file).verdict('tensorflow');
    expect((await engine()).findings).toMatch(/^There is no @tensorflow\/tfjs-node-gpu/);
    // FAKE: a name without a library.
    const install = (version: string) =>
      writeTree(folder, {
        'package.json': JSON.stringify({ name: '@tensorflow/tfjs-node', version, main: 'index.js' }),
        'lib/napi-v8/tfjs_binding.node': '',
        'deps/lib/libtensorflow.so.2': '',
        'index.js': `throw new Error('I am ${version}');`,
      });
    install('4.21.0');
    expect((await engine()).findings).toContain('does not load (I am 4.21.0)');
    await file.write(new KnownEngines({ tensorflow: folder }).subject('tensorflow'), good);
    expect(await engine()).toEqual(good);
    install('4.22.0');
    expect((await engine()).starts).toBe(false);
  });

  it('lists every engine of this machine with what it is worth, by trying', async () => {
    const folder = temporaryFolder();
    const engines = new Engines(
      1,
      new EngineTrials(new KnownEngines(), new EngineVerdicts(folder, 'this machine', 'this process')),
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
