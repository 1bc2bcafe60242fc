import { CancelledError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { BatchSource } from '../../../core/learn/samples/batch-source.ts';
import { planTrainingGraph } from '../../../core/learn/training/network.ts';
import type { NetworkTraining, TrainedNetwork } from '../../../core/learn/training/network-training.ts';
import { trainNetwork } from '../../../core/learn/training/train-network.ts';
import type { BestWeights, TrainingState, Weights } from '../../../core/learn/training/training-state.ts';
import type { NetworkEngine, Trainer } from '../../../core/net/graph/network-engine.ts';
import { NotANumberError } from '../../device/engine-errors.ts';
import { engineFailure } from '../../engines/run-failure.ts';
import { halfOf, SplitTrainer } from '../../steady/split-trainer.ts';
import { failureInWords, type SteadyEngine, slices } from '../../steady/steady-engine.ts';

type Given =
  | 'plan'
  | 'predictModel'
  | 'tune'
  | 'learnt'
  | 'budget'
  | 'patience'
  | 'goOnFrom'
  | 'checkpoints'
  | 'now'
  | 'signal'
  | 'onProgress';

export interface SteadyTraining extends Pick<NetworkTraining, Given> {
  /** This engine trains. */
  readonly engine: SteadyEngine;
  /** This engine measures the tune cases. */
  readonly predicting: SteadyEngine;
  readonly batches: RewindableBatches;
  readonly seed: number;
  /** A run that does not go on starts from these weights. */
  readonly weights: Weights;
  /**
   * The slices of a part of a step: in a run that goes on as it was, else the whole batch. It is written when it
   * changes.
   */
  readonly parts: { atOnce: number };
  /** Returns the newest state that is safe from a failure of the engine. It is null where there is none yet. */
  readonly lastCheckpoint: () => Promise<TrainingState | null>;
  /** Is told what did not go as it should, in sentences for the user. */
  readonly tell: (note: string) => void;
}

export interface RewindableBatches extends BatchSource {
  /** Steps from this one on will be asked for again. */
  rewind(step: number): void;
}

/**
 * Does what `trainNetwork` does, whatever becomes of the engine. When it is out of memory, it learns a step in parts of
 * half as many slices; with one slice, or when the device is lost, it goes on with the next engine. It goes on from the
 * last checkpoint each time: what was learned on a device that failed is not to be trusted, if it can be read at all.
 *
 * A loss that is no number is the fault of the images, or of the rate, only where the reference comes to it as well:
 * with every other engine it is a failure like the others.
 *
 * When it is stopped meanwhile, it gives the best of that checkpoint.
 *
 * @throws what `trainNetwork` throws
 * @throws NetworkRunError
 * @throws ProviderStartError if no engine is left
 */
export async function trainSteadily(run: SteadyTraining): Promise<TrainedNetwork> {
  const { plan, engine, predicting, batches, parts, seed, tell } = run;
  let from = run.goOnFrom;
  for (;;) {
    let step = from?.step ?? 0;
    try {
      return await trainNetwork({
        ...run,
        engine: inParts(engine, predicting, parts.atOnce, plan, from !== run.goOnFrom),
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
      from = (await run.lastCheckpoint()) ?? run.goOnFrom;
      // A run that begins keeps its first weights too, and these are the start.
      if (from?.step === 0 && !run.goOnFrom) from = undefined;
      if (run.signal?.aborted) {
        // Whoever has stopped waits for no other engine. What no evaluation has measured yet is measured below.
        if (!from) throw new CancelledError();
        if (from.best) return stoppedAt(from, from.best, batches.stepsPerEpoch);
      }
      if (half === null) await engine.fallBack(error);
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

function stoppedAt({ step, curve }: TrainingState, best: BestWeights, stepsPerEpoch: number): TrainedNetwork {
  return { best, epochs: Math.ceil(step / stepsPerEpoch), steps: step, ended: 'stopped', curve };
}

/**
 * @param hasProgress a failure must not cost that progress: when it is stopped now, the run goes on as far as to tell
 * its best
 */
function inParts(
  engine: SteadyEngine,
  predicting: SteadyEngine,
  atOnce: number,
  plan: Plan,
  hasProgress: boolean,
): NetworkEngine {
  const { name, onGpu, target } = engine;
  return {
    name,
    onGpu,
    target,
    createPredictor: (model, signal) => predicting.createPredictor(model, signal),
    createTrainer: async (model, signal) => {
      const created = await engine.createTrainer(model, hasProgress ? undefined : signal);
      const trainer = safelyClosed(engine.isReference ? created : withNumbersOnly(created, name));
      return atOnce === plan.batch.size ? trainer : new SplitTrainer(trainer, atOnce);
    },
    close: async () => undefined,
  };
}

/**
 * Refuses what is no number. A number that a step spoiled shows only in the loss of the next one: weights that are read
 * between the two would be the best, or carried to the next engine.
 */
function withNumbersOnly(trainer: Trainer, engineName: string): Trainer {
  const check = (numbers: Float32Array) => {
    if (!numbers.every(Number.isFinite)) throw new NotANumberError(engineName);
  };
  return {
    step: async (...given) => {
      const loss = await trainer.step(...given);
      check(Float32Array.of(loss));
      return loss;
    },
    weights: async () => {
      const weights = await trainer.weights();
      for (const { data } of weights.values()) check(data);
      return weights;
    },
    optimizer: async () => {
      const state = await trainer.optimizer();
      for (const { data } of state.moments.values()) check(data);
      return state;
    },
    close: () => trainer.close(),
  };
}

/**
 * Closes a trainer without failing: one whose device is gone can fail at being closed, which must not take the place of
 * the failure that is answered.
 */
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
