import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** A program that measures the same work elsewhere: it reads JSON lines and answers each with one. */
export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  /** @param script a Python file under `bench/peers`; runs in `$VOXEL_LOOP_PYTHON`, else `python3` */
  constructor(script: string, args: readonly string[]) {
    this.#process = spawn(process.env.VOXEL_LOOP_PYTHON ?? 'python3', [`bench/peers/${script}`, ...args]);
    this.#process.stderr.pipe(process.stderr);
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** The peer's next answer. @throws Error if it ended instead */
  async read(): Promise<Record<string, unknown>> {
    const line = await this.#lines.next();
    if (line.done) throw new Error('The peer ended: is PyTorch installed in the Python that VOXEL_LOOP_PYTHON names?');
    return JSON.parse(line.value) as Record<string, unknown>;
  }

  ask(command: object): Promise<Record<string, unknown>> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    return this.read();
  }

  close(): void {
    this.#process.stdin.end();
    this.#reader.close();
  }
}
