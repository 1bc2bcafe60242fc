import { VoxelLoopError } from '../../core/errors.ts';
import type { NetworkEngine } from '../../core/learn/training/network-engine.ts';
import type { EngineId, EngineVerdict } from '../../core/protocol/engine-id.ts';
import { cudaObstacle } from '../cuda/cuda-runtime.ts';
import type { KnownEngines } from '../known-engines.ts';
import { TensorFlowError } from '../tensorflow/tensorflow-package.ts';
import { agreement } from './agreement.ts';
import { measureSpeed } from './speed.ts';
import { runTrial, type Trial } from './trial.ts';
import type { VerdictFile } from './verdict-file.ts';

/** What an engine is wanted for: one may predict fast and not train at all. */
export type EngineUse = 'predict' | 'train';

const NONE: ReadonlySet<EngineId> = new Set();

/** Enough to see whether float32 results drift apart; and to see where training arrives with fewer bits. */
const STEPS = 3;
const STEPS_WITH_FEWER_BITS = 50;

/** The engines that there can be on this machine, and what each is worth: found out by trying, once. */
export class EngineTrials {
  readonly #verdicts = new Map<EngineId, Promise<EngineVerdict>>();
  readonly #references = new Map<number, Promise<Trial>>();

  /** @param file where verdicts are remembered; null: nowhere */
  constructor(
    readonly known: KnownEngines,
    private readonly file: VerdictFile | null,
  ) {}

  /** What the others are compared with: the native CPU, where it exists. */
  async reference(): Promise<EngineId> {
    return (await this.known.candidates()).includes('cpu') ? 'cpu' : 'wasm';
  }

  /** @param again tried now, whatever is remembered */
  verdict(id: EngineId, again = false): Promise<EngineVerdict> {
    const known = this.#verdicts.get(id);
    if (known && !again) return known;
    const found = this.#find(id, again);
    this.#verdicts.set(id, found);
    return found;
  }

  /**
   * The fastest that does what the reference does; the reference where no other can be used, without measuring anything.
   * @param without engines that are not taken; the reference is, where it alone is left
   */
  async fastest(use: EngineUse, without: ReadonlySet<EngineId> = NONE): Promise<EngineId> {
    const usable: { id: EngineId; speed: number }[] = [];
    const reference = await this.reference();
    for (const id of await this.known.candidates()) {
      // Slower than the native CPU wherever that is.
      if (id === reference || id === 'wasm' || without.has(id)) continue;
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
    const remembered = again ? null : await this.file?.read(subject);
    if (remembered) return remembered;
    // Not remembered: it changes with what the user installs, and is quickly asked.
    const obstacle = id === 'cuda' ? await cudaObstacle() : null;
    if (obstacle !== null) return doesNotStart(obstacle);
    await this.file?.begin(subject);
    const verdict = await this.#try(id);
    await this.file?.write(subject, verdict);
    return verdict;
  }

  async #try(id: EngineId): Promise<EngineVerdict> {
    let engine: NetworkEngine | undefined;
    try {
      engine = await this.known.start(id);
      if (id === (await this.reference())) {
        const speed = await measureSpeed(engine, true);
        return { starts: true, predicts: true, trains: true, ...speed, findings: 'what the others are compared with' };
      }
      const { reducedPrecision } = this.known.traits(id);
      const steps = reducedPrecision ? STEPS_WITH_FEWER_BITS : STEPS;
      const found = await runTrial(engine, steps);
      const { predicts, trains, findings } = agreement(await this.#referenceTrial(steps), found, reducedPrecision);
      const speed = predicts
        ? await measureSpeed(engine, trains)
        : { predictSlicesPerSecond: null, trainSlicesPerSecond: null };
      return { starts: true, predicts, trains: predicts && trains, ...speed, findings };
    } catch (error) {
      return doesNotStart(reasonOf(error));
    } finally {
      await engine?.close();
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
    return running;
  }
}

function doesNotStart(findings: string): EngineVerdict {
  return {
    ...{ starts: false, predicts: false, trains: false },
    ...{ predictSlicesPerSecond: null, trainSlicesPerSecond: null },
    findings,
  };
}

export function isUsable(verdict: EngineVerdict, use: EngineUse): boolean {
  return verdict.starts && verdict.predicts && (use === 'predict' || verdict.trains);
}

function speedOf(verdict: EngineVerdict, use: EngineUse): number {
  return (use === 'predict' ? verdict.predictSlicesPerSecond : verdict.trainSlicesPerSecond) ?? 0;
}

/** ONNX Runtime's own words say more than ours: "no adapter", "libcudnn.so.9: cannot open shared object file". */
function reasonOf(error: unknown): string {
  if (error instanceof TensorFlowError) return error.message.replace(/\.$/, '');
  const cause = error instanceof VoxelLoopError && error.cause instanceof Error ? error.cause : error;
  const words = cause instanceof Error ? cause.message : String(cause);
  // Where in its source the library gave up says nothing to a user: "file.cc:136 function() condition was false. No adapters".
  const reason = words.replaceAll(/\s+/g, ' ').trim().split(' was false. ').at(-1) ?? '';
  return reason.slice(0, 200);
}
