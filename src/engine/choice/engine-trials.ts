import type { EngineId } from '../../core/engines/engine-id.ts';
import type { EngineVerdict } from '../../core/engines/engine-verdict.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import type { EngineVerdicts } from '../../node/engine-link/engine-verdicts.ts';
import { EnginePackageError } from '../../node/engines/engine-package-error.ts';
import { isPassing } from '../engines/run-failure.ts';
import { agreement } from './agreement.ts';
import { splitInWords } from './graph-split.ts';
import type { KnownEngines } from './known-engines.ts';
import { measureSpeed } from './speed.ts';
import { runTrial, type Trial } from './trial.ts';

/** An engine is wanted for one of these: it may predict fast and not train at all. */
export type EngineUse = 'predict' | 'train';

const NONE: ReadonlySet<EngineId> = new Set();

/**
 * So many steps are enough to see whether float32 results drift apart, and to see where training arrives with fewer
 * bits.
 */
const STEPS = 3;
const STEPS_WITH_FEWER_BITS = 50;
/**
 * A driver that hangs shall not keep anybody waiting for ever. The slowest that works (WebGPU on a processor) needs a
 * tenth of this time.
 */
const MOST_MINUTES = 3;

/** The engines that there can be on this machine, and what each is worth, which is found out by trying once. */
export class EngineTrials {
  readonly #verdicts = new Map<EngineId, Promise<EngineVerdict>>();
  readonly #references = new Map<number, Promise<Trial>>();

  /**
   * @param remembered null where nothing is
   * @param mostMinutes one engine may take so long
   */
  constructor(
    readonly known: KnownEngines,
    private readonly remembered: EngineVerdicts | null,
    private readonly mostMinutes = MOST_MINUTES,
  ) {}

  /** Returns the engine that the others are compared with. */
  reference(): Promise<EngineId> {
    return this.known.reference();
  }

  /**
   * Returns what an engine is worth.
   * @param again it is tried now, whatever is remembered
   */
  verdict(id: EngineId, again = false): Promise<EngineVerdict> {
    const known = this.#verdicts.get(id);
    if (known && !again) return known;
    const found = this.#find(id, again);
    this.#verdicts.set(id, found);
    return found;
  }

  /**
   * Returns the fastest engine that does what the reference does. Where no other can be used it is the reference,
   * without measuring anything.
   * @param without these engines are not taken, except the reference where it alone is left
   */
  async fastest(use: EngineUse, without: ReadonlySet<EngineId> = NONE): Promise<EngineId> {
    const usable: { id: EngineId; speed: number }[] = [];
    const reference = await this.reference();
    for (const id of this.known.candidates()) {
      if (id === reference || this.known.traits(id).isReference || without.has(id)) continue;
      const verdict = await this.verdict(id);
      if (isUsable(verdict, use)) usable.push({ id, speed: speedOf(verdict, use) });
    }
    if (usable.length === 0) return reference;
    if (!without.has(reference)) {
      usable.push({ id: reference, speed: speedOf(await this.verdict(reference), use) });
    }
    return usable.reduce((best, each) => (each.speed > best.speed ? each : best)).id;
  }

  async #find(id: EngineId, again: boolean): Promise<EngineVerdict> {
    const subject = this.known.subject(id);
    // This is never remembered and asked first, because a library that was there once may be gone.
    const obstacle = await this.known.obstacle(id);
    if (obstacle !== undefined) return doesNotStart(obstacle);
    const known = again ? null : await this.remembered?.read(subject);
    if (known) return known;
    // Something else ends a process while the reference runs, because there is nothing to take in its place.
    if (id !== (await this.reference())) await this.remembered?.begin(subject);
    try {
      const verdict = await this.#inTime(this.#try(id));
      await this.remembered?.write(subject, verdict);
      return verdict;
    } catch (error) {
      if (isPassing(error)) await this.remembered?.forget(subject);
      else await this.remembered?.write(subject, doesNotStart(reasonOf(error)));
      return doesNotStart(reasonOf(error));
    }
  }

  /** @throws TrialTooLongError */
  async #inTime<Result>(trial: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TrialTooLongError(this.mostMinutes)), this.mostMinutes * 60_000);
    });
    try {
      return await Promise.race([trial, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #try(id: EngineId): Promise<EngineVerdict> {
    const engine = await this.known.start(id);
    try {
      if (id === (await this.reference())) {
        const speed = await measureSpeed(engine, true);
        return { starts: true, predicts: true, trains: true, ...speed, findings: 'what the others are compared with' };
      }
      const { reducedPrecision, cpuNodes } = this.known.traits(id);
      const steps = reducedPrecision ? STEPS_WITH_FEWER_BITS : STEPS;
      const found = await runTrial(engine, steps);
      const { predicts, trains, findings } = agreement(await this.#referenceTrial(steps), found, reducedPrecision);
      const speed = predicts
        ? await measureSpeed(engine, trains)
        : { predictSlicesPerSecond: null, trainSlicesPerSecond: null };
      const split = cpuNodes === 'counted' ? await splitInWords((options) => this.known.start(id, options)) : '';
      const refusal = found.refusal === undefined ? '' : ` (${reasonOf(found.refusal)})`;
      return { starts: true, predicts, trains: predicts && trains, ...speed, findings: findings + refusal + split };
    } finally {
      await engine.close();
    }
  }

  #referenceTrial(steps: number): Promise<Trial> {
    const known = this.#references.get(steps);
    if (known) return known;
    const running = (async () => {
      const engine = await this.known.start(await this.reference());
      try {
        return await runTrial(engine, steps);
      } finally {
        await engine.close();
      }
    })();
    this.#references.set(steps, running);
    running.catch(() => this.#references.delete(steps));
    return running;
  }
}

/** An engine is not done with its trial after minutes: it hangs, or is of no use. */
class TrialTooLongError extends Error {
  constructor(minutes: number) {
    super(`not done with a small task after ${minutes} minutes`);
  }
}

function doesNotStart(findings: string): EngineVerdict {
  return {
    starts: false,
    predicts: false,
    trains: false,
    predictSlicesPerSecond: null,
    trainSlicesPerSecond: null,
    findings,
  };
}

export function isUsable(verdict: EngineVerdict, use: EngineUse): boolean {
  return verdict.starts && verdict.predicts && (use === 'predict' || verdict.trains);
}

function speedOf(verdict: EngineVerdict, use: EngineUse): number {
  return (use === 'predict' ? verdict.predictSlicesPerSecond : verdict.trainSlicesPerSecond) ?? 0;
}

/**
 * Finds the reason in ONNX Runtime's own words, which say more than ours: "no adapter", "libcudnn.so.9: cannot open
 * shared object file".
 */
function reasonOf(error: unknown): string {
  if (error instanceof EnginePackageError) return error.message.replace(/\.$/, '');
  const cause = error instanceof VoxelLoopError && error.cause instanceof Error ? error.cause : error;
  const words = cause instanceof Error ? cause.message : String(cause);
  // The place in its source where the library gave up says nothing to a user: "file.cc:136 function() condition was
  // false. No adapters".
  const reason = words.replaceAll(/\s+/g, ' ').trim().split(' was false. ').at(-1) ?? '';
  return reason.slice(0, 200);
}
