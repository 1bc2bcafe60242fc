import { type EngineId, engineId } from '../../src/core/engines/engine-id.ts';
import type { EngineVerdict } from '../../src/core/engines/engine-verdict.ts';
import type { NetworkEngine, Predictor, Trainer } from '../../src/core/net/graph/network-engine.ts';
import { EngineTrials } from '../../src/engine/choice/engine-trials.ts';
import { Engines } from '../../src/engine/choice/engines.ts';
import { KnownEngines } from '../../src/engine/choice/known-engines.ts';
import { NetworkRunError } from '../../src/engine/device/engine-errors.ts';
import { createOnnxEngine } from '../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { EngineVerdicts } from '../../src/node/engine-link/engine-verdicts.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a faulty engine is asked to do; `count`: how many such runs it was asked for before. */
export interface FaultyRun {
  readonly kind: 'predict' | 'create-trainer' | 'step';
  /** 0 of a trainer. */
  readonly images: number;
  readonly count: number;
}

/**
 * The words that a run fails with, as its runtime would say them; null: it goes well; `NOTHING`: a prediction of zeros; `NO_NUMBER`: a loss that is
 * none; `SPOILED`: a loss as it should be, and weights that are none.
 */
export type Fault = (run: FaultyRun) => string | null;

export const NOTHING = 'nothing';
export const NO_NUMBER = 'no number';
export const SPOILED = 'spoiled';

/**
 * Stands for a GPU that is too small or gets lost, which cannot exist here: the CPU engine by another name, whose runs fail when
 * `fault` says so.
 */
function faultyEngine(cpu: NetworkEngine, name: string, fault: Fault): NetworkEngine {
  const counts = { predict: 0, 'create-trainer': 0, step: 0 };
  const check = (kind: FaultyRun['kind'], images: number): string | null => {
    const words = fault({ kind, images, count: counts[kind]++ });
    if (words === null || [NOTHING, NO_NUMBER, SPOILED].includes(words)) return words;
    throw new NetworkRunError('The network could not be run.', { cause: new Error(words) });
  };
  return {
    name,
    onGpu: true,
    target: cpu.target,
    async createPredictor(model, signal): Promise<Predictor> {
      const predictor = await cpu.createPredictor(model, signal);
      return {
        predict: async (input) => {
          const answers = check('predict', input.shape[0]) !== NOTHING;
          const { data, shape } = await predictor.predict(input);
          return { data: answers ? data : data.fill(0), shape };
        },
        close: () => predictor.close(),
      };
    },
    async createTrainer(model, signal): Promise<Trainer> {
      check('create-trainer', 0);
      const trainer = await cpu.createTrainer(model, signal);
      let isSpoiled = false;
      return {
        step: async (input, target, learningRate) => {
          const answer = check('step', input.shape[0]);
          if (answer === SPOILED) isSpoiled = true;
          const loss = await trainer.step(input, target, learningRate);
          return answer === NO_NUMBER ? Number.NaN : loss;
        },
        weights: async () => {
          const weights = await trainer.weights();
          if (!isSpoiled) return weights;
          return new Map(
            [...weights].map(([name, { data, shape }]) => [name, { data: data.map(() => Number.NaN), shape }]),
          );
        },
        optimizer: () => trainer.optimizer(),
        close: () => trainer.close(),
      };
    },
    close: () => cpu.close(),
  };
}

const good: EngineVerdict = {
  starts: true,
  predicts: true,
  trains: true,
  predictSlicesPerSecond: 100,
  trainSlicesPerSecond: 10,
  findings: 'as the test says',
};
const none: EngineVerdict = { ...good, starts: false, predicts: false, trains: false };

/**
 * The engines of a machine whose fastest are not to be relied on.
 * @param faults by engine, the fastest first; those without one are not there, but for the CPU
 */
export async function enginesWith(faults: Partial<Record<EngineId, Fault>>): Promise<Engines> {
  const file = new EngineVerdicts(temporaryFolder(), 'a machine of a test', 'this process');
  const ids = Object.keys(faults) as EngineId[];
  for (const id of engineId.options) {
    const place = ids.indexOf(id);
    const speed = { predictSlicesPerSecond: 1000 / (place + 1), trainSlicesPerSecond: 100 / (place + 1) };
    await file.write(id, id === 'cpu' ? good : place < 0 ? none : { ...good, ...speed });
  }
  return new Engines(1, new EngineTrials(new FaultyEngines(faults), file), () => undefined);
}

class FaultyEngines extends KnownEngines {
  constructor(private readonly faults: Partial<Record<EngineId, Fault>>) {
    super();
  }

  /** Whatever this machine lacks. */
  override async obstacle(): Promise<undefined> {
    return undefined;
  }

  override async start(id: EngineId): Promise<NetworkEngine> {
    const cpu = await createOnnxEngine('cpu', { threads: 1 });
    const fault = this.faults[id];
    return fault ? faultyEngine(cpu, `faulty ${id}`, fault) : cpu;
  }
}
