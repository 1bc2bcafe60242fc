import type { Plan } from '../../core/learn/plan/plan.ts';
import type { BatchSource } from '../../core/learn/samples/batch-source.ts';
import { planTrainingGraph } from '../../core/learn/training/network.ts';
import type { NetworkEngine, Trainer } from '../../core/learn/training/network-engine.ts';
import { type NetworkTraining, type TrainedNetwork, trainNetwork } from '../../core/learn/training/train-network.ts';
import type { TrainingState, Weights } from '../../core/learn/training/training-state.ts';
import { engineFailure } from '../run-failure.ts';
import { halfOf, SplitTrainer } from '../steady/split-trainer.ts';
import { failureInWords, type SteadyEngine, slices } from '../steady/steady-engine.ts';

type Given =
  | 'plan'
  | 'predictModel'
  | 'tune'
  | 'budget'
  | 'patience'
  | 'goOnFrom'
  | 'checkpoints'
  | 'now'
  | 'signal'
  | 'onProgress';

export interface SteadyTraining extends Pick<NetworkTraining, Given> {
  /** Trains. */
  readonly engine: SteadyEngine;
  /** Measures the tune cases. */
  readonly predicting: SteadyEngine;
  readonly batches: RewindableBatches;
  readonly seed: number;
  /** What a run that does not go on starts from. */
  readonly weights: Weights;
  /** Slices of a part of a step: of a run that goes on as it was, else the whole batch. Written when it changes. */
  readonly parts: { atOnce: number };
  /** The newest state that is safe from a failure of the engine; null: there is none yet. */
  readonly lastCheckpoint: () => Promise<TrainingState | null>;
  /** Hears what did not go as it should, in sentences for the user. */
  readonly tell: (note: string) => void;
}

export interface RewindableBatches extends BatchSource {
  /** Steps from this one on will be asked for again. */
  rewind(step: number): void;
}

/**
 * `trainNetwork`, whatever becomes of the engine. Out of memory, it learns a step in parts of half as many slices; with one slice, or when the device is
 * lost, it goes on with the next engine. Each time from the last checkpoint: what was learnt on a device that failed is not
 * to be trusted, if it can be read at all.
 *
 * @throws as `trainNetwork`; NetworkRunError, ProviderStartError if no engine is left
 */
export async function trainSteadily(run: SteadyTraining): Promise<TrainedNetwork> {
  const { plan, engine, predicting, batches, parts, seed, tell } = run;
  let from = run.goOnFrom;
  for (;;) {
    let step = from?.step ?? 0;
    try {
      return await trainNetwork({
        ...run,
        engine: inParts(engine, predicting, parts.atOnce, plan),
        model: {
          graph: planTrainingGraph(withBatch(plan, parts.atOnce), engine.target, seed),
          ...(from ? { weights: from.weights, optimizer: from.optimizer } : { weights: run.weights }),
        },
        goOnFrom: from,
        onProgress: (report) => {
          step = report.step;
          run.onProgress(report);
        },
      });
    } catch (error) {
      const failure = engineFailure(error);
      if (failure === null) throw error;
      const { name } = engine;
      const half = failure === 'out-of-memory' ? halfOf(parts.atOnce, plan.batch.size) : null;
      if (half === null) await engine.fallBack(error);
      from = (await run.lastCheckpoint()) ?? run.goOnFrom;
      batches.rewind(from?.step ?? 0);
      const where = from ? `from step ${from.step}` : 'from the start';
      if (half === null) {
        parts.atOnce = plan.batch.size;
        predicting.follow(engine);
        tell(`${name} ${failureInWords(failure)} at step ${step}: training went on with ${engine.name}, ${where}.`);
      } else {
        parts.atOnce = half;
        tell(
          `${name} ran out of memory at step ${step}: each step learns its ${plan.batch.size} slices in parts of ${half} ${slices(half)}, ${where} on.`,
        );
      }
    }
  }
}

function inParts(engine: SteadyEngine, predicting: SteadyEngine, atOnce: number, plan: Plan): NetworkEngine {
  const { name, onGpu, target } = engine;
  return {
    ...{ name, onGpu, target },
    createPredictor: (model, signal) => predicting.createPredictor(model, signal),
    createTrainer: async (model, signal) => {
      const trainer = safelyClosed(await engine.createTrainer(model, signal));
      return atOnce === plan.batch.size ? trainer : new SplitTrainer(trainer, atOnce);
    },
    close: async () => undefined,
  };
}

/** A trainer whose device is gone can fail at being closed, which must not take the place of the failure that is answered. */
function safelyClosed(trainer: Trainer): Trainer {
  const close = trainer.close.bind(trainer);
  let hasFailed = false;
  const noting = <T>(running: Promise<T>): Promise<T> =>
    running.catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
  return {
    step: (...given) => noting(trainer.step(...given)),
    weights: () => noting(trainer.weights()),
    optimizer: () => noting(trainer.optimizer()),
    close: () => (hasFailed ? close().catch(() => undefined) : close()),
  };
}

function withBatch(plan: Plan, size: number): Plan {
  return size === plan.batch.size ? plan : { ...plan, batch: { ...plan.batch, size } };
}
