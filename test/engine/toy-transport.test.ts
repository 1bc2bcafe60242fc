import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CancelSource } from '../../src/core/cancel.ts';
import { CancelledError } from '../../src/core/errors.ts';
import type { MessageChannelPort } from '../../src/core/protocol/endpoint.ts';
import type { TrainProgress } from '../../src/core/protocol/engine/train.ts';
import { serveEngine } from '../../src/engine/serve-engine.ts';
import { startEngine } from '../../src/node/engine-link/start-engine.ts';
import type { EngineSettings, EngineTransport } from '../../src/node/engine-link/transport.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { bundleWorkers } from '../support/loader-file.ts';

/** Two ends of a channel on which messages are text, as they would be between machines. */
function channel(): [MessageChannelPort, MessageChannelPort] {
  const receivers: [Set<(message: unknown) => void>, Set<(message: unknown) => void>] = [new Set(), new Set()];
  const end = (own: 0 | 1): MessageChannelPort => ({
    post(message) {
      const text = JSON.stringify(message);
      queueMicrotask(() => {
        for (const receive of receivers[1 - own]) receive(JSON.parse(text));
      });
    },
    listen(receive) {
      receivers[own].add(receive);
      return () => receivers[own].delete(receive);
    },
  });
  return [end(0), end(1)];
}

/** A TOY: engines that run in this very process. Nothing of the product knows it. */
class ToyTransport implements EngineTransport {
  readonly started: EngineSettings[] = [];
  /** Ends the newest engine, as a driver or a scheduler might. */
  die: (how: string) => void = () => undefined;

  start(settings: EngineSettings) {
    this.started.push(settings);
    const [port, far] = channel();
    let end: (how: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const served = serveEngine(far, settings, { version: 'toy', workerFiles: bundleWorkers() });
    const leave = (how: string) => {
      served.close(new Error(how));
      end(how);
    };
    this.die = leave;
    settings.onOutput('a library says something');
    return { pid: undefined, port, ended, stop: async () => leave('stopped') };
  }
}

describe('a transport of which the product knows nothing', () => {
  const start = (background = false) => {
    const transport = new ToyTransport();
    const logged: string[] = [];
    const engine = startEngine(transport, {
      threads: 1,
      background,
      folders: { tensorflow: '/there' },
      onLog: (level, message) => logged.push(`${level}: ${message}`),
    });
    onTestFinished(() => engine.stop());
    return { transport, engine, logged };
  };
  const training = { preset: 'auto', engine: 'cpu', seed: 1 } as const;

  it('is told what the engine is started with', async () => {
    const { transport, logged } = start(true);
    expect(transport.started).toEqual([
      expect.objectContaining({ threads: 1, priority: 'background', folders: { tensorflow: '/there' } }),
    ]);
    expect(logged).toEqual(['info: a library says something']);
    expect(start().transport.started[0].priority).toBe('normal');
  });

  it('carries a training with its progress and its result, and a prediction', async () => {
    const cohort = await ballCohort(4);
    const { engine, logged } = start();
    const reports: TrainProgress[] = [];
    const trained = await engine.endpoint.request(
      'train',
      { ...training, cohortRoot: cohort.root, epochs: 1 },
      { onProgress: (report) => reports.push(report) },
    );
    expect(trained).toMatchObject({ version: 1, stopped: false });
    expect(new Set(reports.map(({ phase }) => phase))).toEqual(new Set(['preparing', 'training', 'evaluating']));
    expect(logged).toContain('info: Training on 3 cases, tuning on 0, judging on 1.');
    const predicted = await engine.endpoint.request('predict', {
      channels: [cohort.image('ball_0')],
      timeIndex: 0,
      model: trained.modelDir,
      engine: 'cpu',
      output: { kind: 'labels', path: join(cohort.root, 'out.nii.gz') },
    });
    expect(predicted.engineName).toBe('ONNX Runtime CPU');
  });

  it('carries a cancellation', async () => {
    const cohort = await ballCohort(4);
    const { engine } = start();
    const source = new CancelSource();
    const request = engine.endpoint.request(
      'train',
      { ...training, cohortRoot: cohort.root, epochs: 100_000 },
      { signal: source.signal, onProgress: ({ phase }) => phase === 'preparing' && source.cancel() },
    );
    await expect(request).rejects.toThrow(CancelledError);
  });

  it('tells of a death, which rejects what was asked with a sentence and how it came', async () => {
    const cohort = await ballCohort(4);
    const { transport, engine } = start();
    const request = engine.endpoint.request(
      'train',
      { ...training, cohortRoot: cohort.root, epochs: 100_000 },
      { onProgress: ({ phase }) => phase === 'training' && transport.die('out of its time') },
    );
    await expect(request).rejects.toMatchObject({
      code: 'engine-died',
      message: expect.stringContaining('stopped unexpectedly (out of its time)'),
    });
    expect(await engine.exited).toBe('out of its time');
  });
});
