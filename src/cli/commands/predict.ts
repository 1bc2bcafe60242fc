import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { stemOf } from '../../core/cohort/files/names/file-names.ts';
import { leftOutSummary } from '../../core/cohort/left-out.ts';
import { engineChoice } from '../../core/engines/engine-id.ts';
import type { EngineFolders } from '../../core/engines/engine-packages.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import { endingsInWords } from '../../core/formats/registry.ts';
import type { PredictParams, PredictResult } from '../../core/protocol/engine/predict.ts';
import { EngineDeaths } from '../../node/engine-link/engine-deaths.ts';
import { EngineDiedError } from '../../node/engine-link/engine-died-error.ts';
import { FileAccessError, fileAccessError } from '../../node/files/file-access-error.ts';
import { withFileErrors } from '../../node/files/file-errors.ts';
import { isMissing } from '../../node/files/missing-file.ts';
import { isUntouchedPrediction } from '../../node/volumes/labels/prediction-mark.ts';
import { oneOf, readArguments, required } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { withEngine } from '../engine.ts';
import { engineFolderHelp, engineFolderOptions, givenEngineFolders } from '../engine-folders.ts';
import { findImages, ImageArgumentError, type ImageCase } from '../image-arguments.ts';
import { labelMapNoteOfCohort } from '../label-map-note.ts';
import { findModel, modelChannels } from '../model-argument.ts';
import { RepeatedNotes } from '../repeated-notes.ts';

export const predictCommand: Command = {
  name: 'predict',
  usage: 'IMAGE... --model DIR|FILE.onnx --out DIR [--engine E] [--shard I/N] ...',
  summary: 'label images with a model',
  help: `Writes one label map per image into the folder of --out: NAME.nii.gz, on the image's own grid, with its exact geometry.
IMAGE is a volume (${endingsInWords()}), or a folder: all images in it, or in its imagesTr and imagesTs. For a model of several
channels name all channel files (NAME_0000.nii.gz, NAME_0001.nii.gz), or a 4-D file. Prints the path of each label map
as soon as it is written, in order of name. An image that cannot be predicted is told on stderr, the others are
predicted all the same, and the exit code is 1. What looks like a label map is not predicted.

A label map of an earlier run is replaced. One that a person has made or changed is not, and an image never.

  --model M    a cohort (its active model), the folder of a model version, or a .onnx file
  --out DIR    where the label maps go; made if it is missing
  --engine E   ${engineChoice.options.join(', ')} (default auto: the fastest that agrees with the CPU)
${engineFolderHelp(15)}
  --shard I/N  only the I-th of N equal parts of the images (from 1), for N jobs of a cluster with one --out
  --overwrite  replace any label map in --out, also those that a person has made or changed
  --even-labels
               predict also what holds a few whole numbers only, as a label map does`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      model: { type: 'string' },
      out: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
      ...engineFolderOptions,
      shard: { type: 'string' },
      overwrite: { type: 'boolean', default: false },
      'even-labels': { type: 'boolean', default: false },
    });
    if (positionals.length === 0) throw new UsageError('IMAGE is missing.');
    const out = resolve(required(values.out, 'out'));
    const engine = oneOf(values.engine, 'engine', engineChoice.options);
    const shard = shardArgument(values.shard);
    const model = await findModel(required(values.model, 'model'));
    const { cases, notes } = await findImages(positionals, await modelChannels(model));
    for (const note of notes) io.note(note);
    await withFileErrors('write', out, mkdir(out, { recursive: true }));
    const all = cases.map((found): Job => ({ ...found, target: join(out, `${found.id}.nii.gz`) }));
    await refuseImages(all);
    for (const folder of positionals) {
      for (const note of await labelMapNoteOfCohort(resolve(folder), io.signal)) io.note(note);
    }
    // The images are dealt like cards, because images that lie together are often alike in size.
    const jobs = all.filter((_, index) => index % shard.of === shard.index - 1);
    const deaths = new EngineDeaths();
    const failed = await predictAll(jobs, io, givenEngineFolders(values), async (job, endpoint) => {
      if (job.problem !== undefined) throw new ImageArgumentError(job.problem);
      if (!values.overwrite) await refuseOthersWork(job.target, io.signal);
      const { channels, timeIndex, target } = job;
      const output = { kind: 'labels', path: target } as const;
      const evenLabels = values['even-labels'];
      const params: PredictParams = { channels: [...channels], timeIndex, model, engine, output, evenLabels };
      return deaths.watch(params, (given, runs) =>
        endpoint.request('predict', given, { signal: io.signal, onProgress: (report) => runs(report.engine) }),
      );
    });
    if (failed.length === 0) return 0;
    if (jobs.length > 1) io.note(leftOutSummary(failed, jobs.length, 'image'));
    return 1;
  },
};

interface Job extends ImageCase {
  /** The label map is written here. */
  readonly target: string;
}

type Endpoint = Parameters<Parameters<typeof withEngine>[1]>[0];

/** With one of these errors nothing can be predicted: the next image would fail in the same way. */
const HOPELESS = new Set(['onnx-runtime-missing', 'provider-start', 'engine-package', 'model-format']);
/** These errors mean that the compute process is gone. */
const GONE = new Set(['engine-died', 'disconnected']);
/** If it dies this often without a prediction in between, the images are not the reason. */
const MOST_DEATHS = 3;

/**
 * Predicts one job after the other, even if an earlier one failed. A compute process that dies (because an image is too
 * large for the memory) takes its image with it, unless another engine is left to try it on; the others go on in a new
 * process.
 *
 * @returns the jobs that failed; each has been reported
 * @throws CancelledError, and what would fail every image
 */
async function predictAll(
  jobs: readonly Job[],
  io: CommandIo,
  folders: EngineFolders,
  predict: (job: Job, endpoint: Endpoint) => Promise<PredictResult>,
): Promise<Job[]> {
  const failed: Job[] = [];
  let next = 0;
  let deaths = 0;
  const notes = new RepeatedNotes(io.note);
  while (next < jobs.length) {
    const work = async (endpoint: Endpoint) => {
      let isAlive = true;
      for (; isAlive && next < jobs.length; next++) {
        try {
          const result = await predict(jobs[next], endpoint);
          const took = `${result.seconds.toFixed(1)} s, ${result.modelName}, ${result.engineName}`;
          io.progress(`${next + 1} of ${jobs.length}: ${jobs[next].id}, ${took}`);
          for (const note of result.notes) notes.say(note);
          io.print(result.path);
          deaths = 0;
        } catch (error) {
          const { code, message } = oneImage(error, io.signal);
          const way = code === 'looks-like-labels' ? ' Give --even-labels to predict it all the same.' : '';
          const told = `voxel-loop predict: ${jobs[next].id}: ${message.replaceAll(/\s+/g, ' ').trim()}${way}`;
          if (error instanceof EngineDiedError && error.nextTakesAnother) {
            io.note(told);
            return;
          }
          isAlive = !GONE.has(code);
          if (!isAlive) deaths++;
          if (HOPELESS.has(code) || deaths === MOST_DEATHS) throw error;
          failed.push(jobs[next]);
          io.note(told);
        }
      }
    };
    await withEngine(io, work, { folders });
  }
  notes.end();
  return failed;
}

/** The error of one image. @throws any other error, such as a cancelled run or a defect of ours */
function oneImage(error: unknown, signal: CancelSignal): VoxelLoopError {
  if (!(error instanceof VoxelLoopError) || error instanceof CancelledError || signal.aborted) throw error;
  return error;
}

/** Reads a shard: "2/8" is the second of eight. @throws UsageError */
function shardArgument(value: string | undefined): { readonly index: number; readonly of: number } {
  if (value === undefined) return { index: 1, of: 1 };
  const [index, of] = (/^(\d+)\/(\d+)$/.exec(value) ?? []).slice(1).map(Number);
  if (index === undefined || of === undefined || index < 1 || index > of) {
    throw new UsageError(`--shard takes I/N with I from 1 to N, such as 1/4, not "${value}".`);
  }
  return { index, of };
}

/** @throws ImageArgumentError if there is a label map that no earlier run wrote, or that was changed since */
async function refuseOthersWork(target: string, signal: CancelSignal): Promise<void> {
  try {
    if (await isUntouchedPrediction(target, signal)) return;
  } catch (error) {
    if (error instanceof FileAccessError && isMissing(error.cause)) return;
    throw error;
  }
  throw new ImageArgumentError(
    `${target} is there and is no prediction, or was changed since: choose another --out, or give --overwrite to replace it.`,
  );
}

/**
 * Refuses to write over an image, by whatever name: one that lies in the folder of --out (`x.nii.gz`, also where
 * `x.nii` was asked for, whose label map would be taken for the image ever after), or one that is reached by a link.
 *
 * @throws ImageArgumentError
 */
async function refuseImages(jobs: readonly Job[]): Promise<void> {
  const images = new Set<string>();
  for (const path of jobs.flatMap(({ channels }) => channels)) {
    // An image that cannot be reached is reported when it is predicted.
    const image = await realPath(path).catch(() => path);
    images.add(image).add(join(dirname(image), `${stemOf(basename(image))}.nii.gz`));
  }
  for (const { target } of jobs) {
    if (images.has(await realPath(target).catch(() => target))) {
      throw new ImageArgumentError(`The label map would take the place of the image ${target}: choose another --out.`);
    }
  }
}

/** The place that a path leads to, even if no file is there yet. @throws FileAccessError */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw fileAccessError('read', path, error);
    const folder = await realpath(dirname(path)).catch(() => dirname(path));
    return join(folder, basename(path));
  }
}
