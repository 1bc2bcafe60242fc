import type { EngineId } from '../../core/engines/engine-id.ts';
import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import type { FailureWords } from './failure-words.ts';

/** What is known of an engine before it is started. */
export interface EngineTraits {
  /** The user reads this name. */
  readonly name: string;
  readonly onGpu: boolean;
  /**
   * It computes in fewer bits than float32 where it likes (TF32, float16): then agreement with the CPU is judged by
   * what a person would see, not by the last digits.
   */
  readonly reducedPrecision: boolean;
  /**
   * What becomes of nodes that it lacks, which its runtime would run on the CPU with a copy each way. `refused`: such a
   * session does not start, so that nobody wonders why it is slow; our graphs need none there (tested). `counted`: the
   * user is told how many there are, because nobody has seen yet whether our graphs need some, and an engine that
   * computes right shall not be lost to one of them. `none`: it runs every node itself.
   */
  readonly cpuNodes: 'refused' | 'counted' | 'none';
  /**
   * The others can be compared with it, because it computes on the processor in float32. The first of the registry that
   * runs is the reference; `auto` does not take the references behind it, because they are slower.
   */
  readonly isReference: boolean;
}

export interface StartOptions {
  /** The threads of one operator on the CPU. Without it the runtime chooses, which gives one per core. */
  readonly threads?: number;
  /** Runtimes that can write profiles of all sessions to files whose names start so. */
  readonly profilePrefix?: string;
}

/** A way to run networks, as this process sees it. */
export interface EngineModule {
  readonly id: EngineId;
  /**
   * It is true when there can be such an engine on this machine, so that users read of it. Whether it runs is another
   * question.
   */
  readonly isPossible: boolean;
  readonly traits: EngineTraits;
  /**
   * Says why it cannot be tried at all, in a sentence without its full stop. It is undefined where it can. The answer
   * changes with what the user installs, and comes quickly.
   */
  readonly obstacle: () => Promise<string | undefined>;
  readonly start: (options: StartOptions) => Promise<NetworkEngine>;
  /**
   * Says what it consists of besides what comes with Voxel Loop: a verdict on it is void when this changes. The text is
   * empty where there is nothing else.
   */
  readonly parts: () => string;
  /**
   * Lists the programs that it brings into the process for other engines too: verdicts on all of them are void when
   * these change.
   */
  readonly sharedParts: () => readonly string[];
  /** What its runtime says when a run fails for want of memory, or because the device is gone. */
  readonly failureWords: FailureWords;
}

/**
 * Makes the module of one engine.
 * @param folder where its package was installed; undefined where it was not
 */
export type EngineModuleMaker = (folder: string | undefined) => EngineModule;
