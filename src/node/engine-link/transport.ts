import type { EngineFolders } from '../../core/engines/engine-packages.ts';
import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';

/**
 * A way to run a program that answers `engineContract`: a child process of this one (`fork/`), or whatever else can
 * start a program and carry messages. Requests, progress, cancelling and answers are messages, so a transport knows
 * nothing of them. All of them survive JSON, and paths in them are paths of the machine on which the engine runs.
 */
export interface EngineTransport {
  start(settings: EngineSettings): TransportedEngine;
}

/** The engine is told this when it starts. */
export interface EngineSettings {
  /** The name of this start among all: an engine that dies is remembered by it. */
  readonly name: string;
  /** The number of threads that networks may use; without it, all cores are used. */
  readonly threads?: number;
  /** The folders into which packages of engines were installed. */
  readonly folders: EngineFolders;
  /** `background` gives way to whoever works at the machine. */
  readonly priority: 'normal' | 'background';
  /** Is called with what native libraries write by themselves, line by line. */
  readonly onOutput: (line: string) => void;
}

export interface TransportedEngine {
  /** The id of the process on this machine; it is undefined if there is none. */
  readonly pid: number | undefined;
  /** A message that is posted after the engine has ended goes nowhere. */
  readonly port: MessageChannelPort;
  /**
   * Resolves when the engine is gone, whoever ended it, with the way it ended ("exit code 1", "signal SIGKILL"). It
   * never rejects.
   */
  readonly ended: Promise<string>;
  /** Asks it to end, and ends it if it does not in a short time. It resolves when the engine is gone. */
  stop(): Promise<void>;
}
