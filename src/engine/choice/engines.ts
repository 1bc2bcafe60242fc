import { availableParallelism } from 'node:os';
import { type CancelSignal, untilCancelled } from '../../core/cancel.ts';
import type { EngineChoice, EngineId } from '../../core/engines/engine-id.ts';
import type { EngineVerdict } from '../../core/engines/engine-verdict.ts';
import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import type { EngineReport } from '../../core/protocol/engine/engine-report.ts';
import { ProviderStartError } from '../device/engine-errors.ts';
import { type EngineTrials, type EngineUse, isUsable } from './engine-trials.ts';
import { findHardware } from './machine-key.ts';
import { PredictorCache } from './predictor-cache.ts';

export interface StartedEngine {
  readonly id: EngineId;
  readonly engine: NetworkEngine;
}

/** The engines of this process. Each is started once, when first asked for, and kept. */
export class Engines {
  readonly predictors = new PredictorCache();
  readonly #started = new Map<string, Promise<StartedEngine>>();
  readonly #explicitThreads: number | undefined;
  /**
   * `auto` does not take these engines any more, because their device is gone for this process. What is remembered of
   * them is not touched.
   */
  readonly #lost = new Set<EngineId>();
  readonly #mostPixels = new Map<EngineId, number>();

  /** @param threads the threads of the CPU; without it all cores */
  constructor(
    threads: number | undefined,
    private readonly trials: EngineTrials,
    private readonly log: (message: string) => void,
  ) {
    this.#explicitThreads = threads;
  }

  /** The threads of one network on the CPU, where a job does not ask for others. */
  get threads(): number {
    return this.#explicitThreads ?? availableParallelism();
  }

  /**
   * Returns the engine that was asked for; for `auto` it is the fastest that agrees with the CPU.
   *
   * @param threads where a job wants others than this process was started with
   * @throws ProviderStartError if what was asked for by name does not start here, or not for this use
   * @throws EnginePackageError
   * @throws RuntimeMissingError
   */
  async get(choice: EngineChoice, use: EngineUse, threads = this.threads): Promise<StartedEngine> {
    const id = choice === 'auto' ? await this.trials.fastest(use, this.#lost) : choice;
    if (id !== (await this.trials.reference())) {
      const verdict = await this.trials.verdict(id);
      if (!isUsable(verdict, use))
        throw new ProviderStartError(whyNot(this.trials.known.traits(id).name, verdict, use));
    }
    const key = `${id} ${threads}`;
    const known = this.#started.get(key);
    if (known) return known;
    // ONNX Runtime places its threads better where their number is its own choice.
    const isOwnChoice = this.#explicitThreads === undefined && threads === this.threads;
    const starting = this.trials.known.start(id, isOwnChoice ? {} : { threads }).then((engine) => ({ id, engine }));
    this.#started.set(key, starting);
    starting.then(
      ({ engine }) => this.log(`${engine.name} (${choice})`),
      // The next request tries again: a driver may have been installed meanwhile.
      () => this.#started.delete(key),
    );
    return starting;
  }

  /**
   * Returns the engine that a job goes on with when others failed it. It is null where none is left.
   * @param failed these are not taken, though they may be the fastest
   */
  async next(
    use: EngineUse,
    failed: ReadonlySet<EngineId>,
    threads: number | undefined,
  ): Promise<StartedEngine | null> {
    const without = new Set([...failed, ...this.#lost]);
    for (;;) {
      const id = await this.trials.fastest(use, without);
      if (without.has(id)) return null;
      try {
        return await this.get(id, use, threads);
      } catch (error) {
        if (!(error instanceof ProviderStartError)) throw error;
        without.add(id);
      }
    }
  }

  /** Returns the engine if another can take over from it. It is null for the one that the others are compared with. */
  async replaceable(id: EngineId): Promise<{ id: EngineId; name: string } | null> {
    return id === (await this.trials.reference()) ? null : { id, name: this.trials.known.traits(id).name };
  }

  /** Says whether an engine computes by itself what engines are compared with. */
  isReference(id: EngineId): boolean {
    return this.trials.known.traits(id).isReference;
  }

  /** Notes that the device of an engine is gone: while this process lives, `auto` takes another. */
  lose(id: EngineId): void {
    this.#lost.add(id);
  }

  /**
   * Returns so many pixels, all images together, as an engine predicts at once: as many as fitted where more ran out of
   * memory.
   */
  mostPixels(id: EngineId): number {
    return this.#mostPixels.get(id) ?? Number.POSITIVE_INFINITY;
  }

  /** Lowers that number and never raises it: another job, with larger images, may have found less. */
  limitPixels(id: EngineId, mostPixels: number): void {
    this.#mostPixels.set(id, Math.min(mostPixels, this.mostPixels(id)));
  }

  /**
   * Lists every engine that there can be on this machine, with what it is worth.
   * @param again all of them are tried now, whatever is remembered
   * @throws CancelledError; an engine that is being tried is tried to the end for whoever asks next
   */
  async report(again: boolean, signal?: CancelSignal): Promise<EngineReport> {
    const verdicts: [EngineId, EngineVerdict][] = [];
    for (const id of this.trials.known.candidates()) {
      verdicts.push([id, await untilCancelled(this.trials.verdict(id, again), signal)]);
    }
    const chosen = { predict: await this.trials.fastest('predict'), train: await this.trials.fastest('train') };
    const { cpu, graphics } = findHardware();
    return {
      engines: verdicts.map(([id, verdict]) => {
        const { name, onGpu } = this.trials.known.traits(id);
        return { id, name, device: onGpu ? graphics.join(', ') || null : cpu, verdict };
      }),
      reference: await this.trials.reference(),
      chosen,
    };
  }

  /** Closes every engine that started. */
  async close(): Promise<void> {
    await this.predictors.close();
    const started = [...this.#started.values()];
    this.#started.clear();
    for (const result of await Promise.allSettled(started)) {
      if (result.status === 'fulfilled') await result.value.engine.close();
    }
  }
}

function whyNot(name: string, { starts, predicts, findings }: EngineVerdict, use: EngineUse): string {
  const advice = 'choose "auto" or another engine in the settings';
  if (!starts) return `${name} does not start here (${findings}): ${advice}.`;
  if (!predicts) return `${name} computes other results than the CPU (${findings}): ${advice}.`;
  return `${name} predicts here but does not ${use} as the CPU does (${findings}): ${advice}.`;
}
