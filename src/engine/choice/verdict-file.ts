import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import * as v from 'valibot';
import { type EngineVerdict, engineVerdict } from '../../core/protocol/engine-id.ts';
import { readRecordFile, writeRecordFile } from '../../node/record-file.ts';

/** Raised when what is measured changes, so that old verdicts are found out anew. */
const FORMAT = 2;

const record = v.strictObject({
  format: v.literal(FORMAT),
  /** Of which machine, with which drivers and versions: on another all of it is void. */
  machine: v.string(),
  /** Engines that are being tried right now, and by which process. */
  trying: v.array(v.strictObject({ subject: v.string(), pid: v.pipe(v.number(), v.integer()) })),
  verdicts: v.record(v.string(), engineVerdict),
});
type VerdictRecord = v.InferOutput<typeof record>;

/**
 * What the engines of this machine were found to be worth, kept in the user's cache folder. A driver that takes its whole
 * process down while it is tried is remembered as well: nobody shall lose a second process to it. An engine is named by its
 * id and, where it does not come with Voxel Loop, by what it is and where (see `KnownEngines.subject`).
 */
export class VerdictFile {
  readonly #path: string;

  /** @param machine what verdicts depend on besides the engine (see `machineKey`) */
  constructor(
    folder: string,
    private readonly machine: string,
  ) {
    this.#path = join(folder, 'engines.json');
  }

  /** Null: not known. */
  async read(subject: string): Promise<EngineVerdict | null> {
    const { verdicts, trying } = await this.#record();
    const known = verdicts[subject];
    if (known) return known;
    return trying.some((attempt) => attempt.subject === subject && !isAlive(attempt.pid)) ? ENDED_THE_PROCESS : null;
  }

  /** To be called before an engine is tried, so that a crash can be told afterwards. */
  async begin(subject: string): Promise<void> {
    await this.#change(({ trying, verdicts, ...rest }) => {
      const { [subject]: _, ...others } = verdicts;
      const attempts = trying.filter((attempt) => attempt.subject !== subject);
      return { ...rest, trying: [...attempts, { subject, pid: process.pid }], verdicts: others };
    });
  }

  async write(subject: string, verdict: EngineVerdict): Promise<void> {
    await this.#change(({ trying, verdicts, ...rest }) => ({
      ...rest,
      trying: trying.filter((attempt) => attempt.subject !== subject),
      verdicts: { ...verdicts, [subject]: verdict },
    }));
  }

  async #record(): Promise<VerdictRecord> {
    const empty: VerdictRecord = { format: FORMAT, machine: this.machine, trying: [], verdicts: {} };
    // A cache: one that cannot be read is made anew.
    const found = await readRecordFile(record, this.#path).catch(() => null);
    return found?.machine === this.machine ? found : empty;
  }

  async #change(change: (before: VerdictRecord) => VerdictRecord): Promise<void> {
    // Two processes that write at once lose a verdict, which is then found out again. A full disk is no reason to stop.
    const after = change(await this.#record());
    await mkdir(dirname(this.#path), { recursive: true })
      .then(() => writeRecordFile(this.#path, after))
      .catch(() => undefined);
  }
}

const ENDED_THE_PROCESS: EngineVerdict = {
  ...{ starts: false, predicts: false, trains: false, predictSlicesPerSecond: null, trainSlicesPerSecond: null },
  findings: 'its driver ended the whole process when it was tried',
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else's is there too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
