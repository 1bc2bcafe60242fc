import { resolve } from 'node:path';
import { engineChoice } from '../../core/engines/engine-id.ts';
import { presetName } from '../../core/learn/plan/preset.ts';
import type { TrainParams, TrainProgress, TrainResult } from '../../core/protocol/engine/train.ts';
import { counted } from '../../core/text/counted.ts';
import { EngineDiedError } from '../../node/engine-link/engine-died-error.ts';
import { oneOf, onlyArgument, positiveNumber, readArguments, wholeNumber } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { withEngine } from '../engine.ts';
import { engineFolderHelp, engineFolderOptions, givenEngineFolders } from '../engine-folders.ts';
import { labelMapNoteOfCohort } from '../label-map-note.ts';
import { formatScore } from '../text-table.ts';

/** Without a terminal a line is written at most this often, because people read the logs of cluster jobs. */
const LOG_EVERY_MS = 5000;

export const trainCommand: Command = {
  name: 'train',
  usage: 'COHORT [--preset P] [--minutes M | --epochs N] [--fold K/N] [--resume] [--out DIR] ...',
  summary: 'learn from the labelled cases of a cohort',
  help: `Trains a new model version on the cases of COHORT that have labels, and makes it the active one if it is not worse
than the one before on cases that neither has seen. COHORT is a folder in MSD / nnU-Net layout (imagesTr, labelsTr), or
with labels beside their images (x.nii.gz, x_seg.nii.gz). A splits.json {"train": [...], "val": [...]} in it is
honoured: val is never seen. Ctrl+C keeps the best so far (exit code 130), and --resume goes on from there. How training
went and how good the model is shows the report.html in the model's folder.

A case that cannot be used (a file that is damaged or was not fetched, labels of another shape than their image, other
channels than the rest) is left out by name and the others train; the model is written all the same, and the exit code is 1.

  --preset P    ${presetName.options.join(', ')} (default auto)
  --engine E    ${engineChoice.options.join(', ')} (default auto: the fastest that agrees with the CPU)
${engineFolderHelp(16)}
  --minutes M   wall clock in all, preparation and evaluation included (default: a few minutes)
  --epochs N    passes over the data; with --minutes, whichever ends first
  --seed S      of everything random in the training (default 0). On the CPU, --epochs with the same seed and the same
                --threads gives the same model, bit for bit
  --threads T   of the CPU (default: all cores)
  --plan FILE   decisions of the plan, as JSON: what it holds is taken in place of what would be planned
                (default COHORT/.voxel-loop/plan.json, if it is there)
  --patience E  end after E evaluations in a row without a better Dice on the tune cases; 0: never
                (default: half of --epochs but at least 10; with --minutes never)
  --start-from V
                start from the weights of model V, such as one that was trained too short (default: the active model's)
  --fold K/N    cross-validation: deal the completely labelled cases into N folds, judge on fold K (from 1), train on
                the others. The model goes to folds/K-of-N beside models/ and never becomes the cohort's own
  --resume      go on with the training that was interrupted, from its last checkpoint, with what it was told: whatever
                else is given must be the same, but for the engine. It learns from the labels as they were when it began; refused if
                images have changed since, or a case that it learns from is held out now
  --out DIR     where models/, active and the rest are kept (default COHORT/.voxel-loop)`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      preset: { type: 'string' },
      engine: { type: 'string' },
      ...engineFolderOptions,
      minutes: { type: 'string' },
      epochs: { type: 'string' },
      seed: { type: 'string' },
      threads: { type: 'string' },
      plan: { type: 'string' },
      patience: { type: 'string' },
      'start-from': { type: 'string' },
      fold: { type: 'string' },
      resume: { type: 'boolean' },
      out: { type: 'string' },
    });
    const params: TrainParams = {
      cohortRoot: resolve(onlyArgument(positionals, 'COHORT')),
      preset: values.preset === undefined ? undefined : oneOf(values.preset, 'preset', presetName.options),
      engine: values.engine === undefined ? undefined : oneOf(values.engine, 'engine', engineChoice.options),
      minutes: positiveNumber(values.minutes, 'minutes'),
      epochs: wholeNumber(values.epochs, 'epochs', 1),
      seed: wholeNumber(values.seed, 'seed', 0),
      threads: wholeNumber(values.threads, 'threads', 1),
      planFile: values.plan === undefined ? undefined : resolve(values.plan),
      patience: wholeNumber(values.patience, 'patience', 0),
      startFrom: wholeNumber(values['start-from'], 'start-from', 1),
      fold: foldArgument(values.fold),
      resume: values.resume,
      outDir: values.out === undefined ? undefined : resolve(values.out),
    };
    for (const note of await labelMapNoteOfCohort(params.cohortRoot, io.signal)) io.note(note);
    const onProgress = calmly((report) => io.progress(describeProgress(report)));
    // The notes give the plan in words, where training starts from, and what was left out.
    const result = await withEngine(
      io,
      (endpoint) => endpoint.request('train', params, { signal: io.signal, onProgress }),
      { showsAll: true, folders: givenEngineFolders(values) },
    ).catch((error: unknown) => {
      if (error instanceof EngineDiedError && !io.signal.aborted) io.note(WAY_ON);
      throw error;
    });
    io.print(describe(result));
    const { leftOut } = result;
    if (leftOut.length > 0) io.note(`Left out of training: ${leftOut.map(({ id }) => id).join(', ')}.`);
    if (io.signal.aborted) return 130;
    return leftOut.length > 0 ? 1 : 0;
  },
};

/** A driver may have taken the process down. */
const WAY_ON =
  'What it had learned until its last checkpoint, if it came to one, is kept: --resume goes on from there, and --resume --engine cpu on the CPU.';

/** Reads a fold: "2/5" is the second of five. @throws UsageError */
function foldArgument(value: string | undefined): TrainParams['fold'] {
  if (value === undefined) return undefined;
  const [index, of] = (/^(\d+)\/(\d+)$/.exec(value) ?? []).slice(1).map(Number);
  if (index === undefined || of === undefined || of < 2 || index < 1 || index > of) {
    throw new UsageError(`--fold takes K/N with N of at least 2 and K from 1 to N, such as 2/5, not "${value}".`);
  }
  return { index, of };
}

/** Shows every report on a terminal; elsewhere it shows one in a while, and every change of phase. */
function calmly(show: (report: TrainProgress) => void): (report: TrainProgress) => void {
  let last: { readonly phase: string; readonly at: number } | undefined;
  return (report) => {
    const at = performance.now();
    if (!process.stderr.isTTY && last?.phase === report.phase && at - last.at < LOG_EVERY_MS) return;
    last = { phase: report.phase, at };
    show(report);
  };
}

function describeProgress(report: TrainProgress): string {
  const parts: string[] = [report.phase];
  if (report.phase === 'training') parts.push(`epoch ${report.epoch}`, `step ${report.step}`);
  if (report.loss !== null) parts.push(`loss ${report.loss.toFixed(4)}`);
  if (report.tuneDice !== null) parts.push(`tune Dice ${formatScore(report.tuneDice)}`);
  if (report.bestTuneDice !== null) parts.push(`best ${formatScore(report.bestTuneDice)}`);
  if (report.secondsLeft !== null) parts.push(`${Math.round(report.secondsLeft)} s left`);
  return `${String(Math.round(100 * report.fraction)).padStart(3)} %  ${parts.join(', ')}`;
}

function describe(result: TrainResult): string {
  const lines = [
    `model ${result.version}${result.activated ? ', active' : ', not active'}: ${result.modelDir}`,
    result.verdict,
    `trained on ${counted(result.trainedCases, 'case')} (${counted(result.acceptedSlices, 'slice')}${result.trainedSlices > result.acceptedSlices ? `, ${result.trainedSlices} with those in the other directions` : ''}), ${counted(result.epochs, 'epoch')}, ${counted(result.steps, 'step')}, ${Math.round(result.seconds)} s, ${result.engineName}${result.stopped ? ', stopped early' : ''}`,
  ];
  if (result.holdoutCases > 0) {
    const before = result.previousHoldoutDice === null ? '' : ` (before ${formatScore(result.previousHoldoutDice)})`;
    lines.push(`holdout Dice ${formatScore(result.holdoutDice)}${before} over ${counted(result.holdoutCases, 'case')}`);
    for (const { value, name, holdoutDice } of result.perLabel) {
      lines.push(`  ${name} (${value}) ${formatScore(holdoutDice)}`);
    }
  }
  lines.push(...result.notes);
  if (result.reportPath !== null) lines.push(`report: ${result.reportPath}`);
  return lines.join('\n');
}
