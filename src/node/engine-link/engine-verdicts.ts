import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type EngineVerdict, engineVerdict } from '../../core/engines/engine-verdict.ts';
import { readRecordFile, writeRecordFile } from '../files/record-file.ts';

/** The number is raised when the trial changes, so that old verdicts are found out anew. */
const FORMAT = 3;

const verdictRecord = v.strictObject({
  format: v.literal(FORMAT),
  /** A text for the machine, with its drivers and versions. */
  machine: v.string(),
  /** A text for the engine that was tried. */
  subject: v.string(),
  found: v.variant('state', [
    v.strictObject({ state: v.literal('trying'), process: v.string() }),
    /** The process ended by itself while the engine was tried. */
    v.strictObject({ state: v.literal('crashed') }),
    v.strictObject({ state: v.literal('known'), verdict: engineVerdict }),
  ]),
});
type VerdictRecord = v.InferOutput<typeof verdictRecord>;

/**
 * Keeps what the engines of this machine were found to be worth, in the user's cache folder. There is a file for each
 * engine on each machine (a home folder may serve several), so that processes which try engines at once do not lose
 * each other's results.
 *
 * A driver that takes its whole process down while it is tried is remembered as well, so that nobody loses a second
 * process to it. A process that is ended while it tries one (by a closed window, or Ctrl+C) says nothing about the
 * engine. Only its parent can tell the two apart: see `noteEngineCrash`.
 */
export class EngineVerdicts {
  readonly #folder: string;

  /**
   * @param cacheFolder the user's cache folder
   * @param machine describes what verdicts depend on besides the engine
   * @param process the name that its parent gave to the process that tries
   */
  constructor(
    cacheFolder: string,
    private readonly machine: string,
    private readonly process: string,
  ) {
    this.#folder = folderIn(cacheFolder);
  }

  /**
   * @param subject an engine's id and, where it does not come with Voxel Loop, what it is and where. @returns null if
   * nothing is known
   */
  async read(subject: string): Promise<EngineVerdict | null> {
    const found = (await readVerdict(this.#path(subject)))?.found;
    if (found?.state === 'known') return found.verdict;
    return found?.state === 'crashed' ? ENDED_THE_PROCESS : null;
  }

  /** This must be called before an engine is tried, so that a crash can be recognised afterwards. */
  async begin(subject: string): Promise<void> {
    await this.#write(subject, { state: 'trying', process: this.process });
  }

  async write(subject: string, verdict: EngineVerdict): Promise<void> {
    await this.#write(subject, { state: 'known', verdict });
  }

  /** Nothing was found out. */
  async forget(subject: string): Promise<void> {
    await rm(this.#path(subject), { force: true }).catch(() => undefined);
  }

  async #write(subject: string, found: VerdictRecord['found']): Promise<void> {
    // This is a cache: a full disk is no reason to stop.
    await mkdir(this.#folder, { recursive: true })
      .then(() => writeRecordFile(this.#path(subject), { format: FORMAT, machine: this.machine, subject, found }))
      .catch(() => undefined);
  }

  #path(subject: string): string {
    const key = createHash('sha256')
      .update(JSON.stringify([FORMAT, this.machine, subject]))
      .digest('hex');
    return join(this.#folder, `${subject.split(':')[0]}-${key.slice(0, 16)}.json`);
  }
}

/** A process ended by itself: the engine that it was just trying is not tried again. This never throws. */
export async function noteEngineCrash(cacheFolder: string, process: string): Promise<void> {
  const folder = folderIn(cacheFolder);
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const known = await readVerdict(path);
    if (known?.found.state !== 'trying' || known.found.process !== process) continue;
    await writeRecordFile(path, { ...known, found: { state: 'crashed' } }).catch(() => undefined);
  }
}

function folderIn(cacheFolder: string): string {
  return join(cacheFolder, 'engines');
}

/** The verdict is null if there is none, or if it cannot be read, so that it is found out anew. */
async function readVerdict(path: string): Promise<VerdictRecord | null> {
  return await readRecordFile(verdictRecord, path).catch(() => null);
}

const ENDED_THE_PROCESS: EngineVerdict = {
  starts: false,
  predicts: false,
  trains: false,
  predictSlicesPerSecond: null,
  trainSlicesPerSecond: null,
  findings: 'its driver ended the whole process when it was tried',
};
