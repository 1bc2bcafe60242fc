import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import { LabelMap } from '../../core/label/label-map.ts';
import { slicingAxis } from '../../core/learn/planes/slice-frame.ts';
import { predictVolume, type VolumePrediction } from '../../core/learn/prediction/predict-volume.ts';
import { featureNames } from '../../core/learn/prediction/slice-features.ts';
import type { TrainingSlices } from '../../core/learn/prediction/training-slices.ts';
import type { PredictParams, PredictProgress, PredictResult } from '../../core/protocol/engine/predict.ts';
import { LooksLikeLabelsError, valuesLikeLabels } from '../../core/volume/looks-like-labels.ts';
import { readTrainingSlices } from '../../node/cohort/models/training-slices-file.ts';
import {
  PROPOSAL_ENDING,
  type ProposalFacts,
  type ProposalFile,
  readProposalFile,
  writeProposalFile,
} from '../../node/cohort/proposals/proposal-file.ts';
import { namingFile } from '../../node/files/file-errors.ts';
import { GuardedFolder } from '../../node/files/guarded-folder.ts';
import { writeLabelVolume } from '../../node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../../node/volumes/read-volume.ts';
import { imageFingerprints, type LoadedImage, readCaseImage, shortHash } from '../inputs/images.ts';
import { type ModelFile, readModelFile } from '../inputs/model-file.ts';
import { SteadyEngine } from '../steady/steady-engine.ts';
import type { JobContext } from './job-context.ts';

/**
 * Predicts one case into a proposal or a label file.
 *
 * @throws ModelMismatchError
 * @throws LooksLikeLabelsError
 * @throws UnusableImageError
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws ProviderStartError
 * @throws CancelledError
 */
export async function predict(params: PredictParams, context: JobContext<PredictProgress>): Promise<PredictResult> {
  const startedMs = performance.now();
  const { signal, progress } = context;
  const { output } = params;
  progress({ phase: 'loading', fraction: 0 });
  const model = await readModelFile(params.model);
  const { grid } = await namingFile(params.channels[0], readVolumeHeader(params.channels[0], signal));
  const axis = params.reviewAxis ?? slicingAxis(grid, model.plan.slicing);
  const seconds = () => (performance.now() - startedMs) / 1000;
  const target = output.kind === 'proposal' ? await proposalTarget(params, output, model, axis, signal) : null;
  const known = target && (await readProposalFile(target.path, grid.shape));
  if (target && known) return { ...knownResult(target.path, known), seconds: seconds() };
  const predicted = await predictImage(params, context, model, axis);
  const { image, prediction, signals, engineName, notes } = predicted;
  progress({ phase: 'writing', fraction: 0.95 });
  const labelMap = LabelMap.fromDense(grid.shape, prediction.classes);
  if (target) {
    const facts = factsOf(target, params, model, predicted, axis);
    await writeProposalFile(target.path, { facts, labelMap }, target.files);
  }
  const { labels } = model.plan;
  if (output.kind === 'labels') {
    await mkdir(dirname(output.path), { recursive: true });
    await writeLabelVolume(output.path, { image: image.header, labelMap, table: labels, isPrediction: true }, signal);
  }
  return {
    path: output.kind === 'labels' ? output.path : (target?.path ?? output.folder),
    reused: false,
    engineName,
    notes: [...notes],
    modelName: model.name,
    seconds: seconds(),
    reviewAxis: axis,
    ...signals,
    components: prediction.components,
    labels: labels.map((label, index) => ({ ...label, voxels: prediction.classVoxels[index] })),
  };
}

/** Answers with a proposal that is there already. */
function knownResult(path: string, { facts, labelMap }: ProposalFile): Omit<PredictResult, 'seconds'> {
  return {
    path,
    reused: true,
    engineName: null,
    notes: [],
    modelName: facts.modelName,
    reviewAxis: facts.reviewAxis,
    uncertainty: facts.uncertainty,
    disagreement: facts.disagreement,
    distance: facts.distance,
    areaMm2: facts.areaMm2,
    components: facts.components,
    labels: facts.labels.map((label, index) => ({ ...label, voxels: labelMap.count(index) })),
  };
}

interface PredictedImage {
  readonly image: LoadedImage;
  readonly prediction: VolumePrediction;
  /** The signals by slice, rounded. */
  readonly signals: Pick<ProposalFacts, 'uncertainty' | 'disagreement' | 'distance' | 'areaMm2'>;
  readonly engineName: string;
  /** What did not go as it should, in sentences. */
  readonly notes: readonly string[];
}

/** Reads the image while an engine starts, and predicts it. */
async function predictImage(
  params: PredictParams,
  context: JobContext<PredictProgress>,
  model: ModelFile,
  axis: VoxelAxis,
): Promise<PredictedImage> {
  const { signal, progress } = context;
  const notes: string[] = [];
  let fraction = 0.1;
  const report = () => progress({ phase: 'predicting', fraction, engine: engine.inUse });
  // An engine that falls back says so before it goes on.
  const tell = (note: string) => {
    notes.push(note);
    report();
  };
  const [engine, image] = await Promise.all([
    SteadyEngine.start(context.engines, params.engine, 'predict', tell, { without: params.without }),
    readCaseImage(params, signal),
  ]);
  // A proposal is looked at in the editor, which says what is odd about the header when it opens the image.
  if (params.output.kind === 'labels') {
    notes.push(...image.headerDoubts.map(({ path, sentence }) => `${basename(path)}: ${sentence}`));
  }
  notes.push(...image.doubts);
  if (!params.evenLabels) refuseLabels(image.channels, params.channels[0]);
  report();
  const trainedOn = await trainingSlicesOf(model, context);
  const prediction = await engine.withPredictor(model, (predictor) =>
    predictVolume(image, model.plan, predictor, {
      reviewAxis: axis,
      trainedOn,
      signal,
      onSlice: (done, all) => {
        fraction = 0.1 + (0.85 * done) / all;
        report();
      },
    }),
  );
  return { image, prediction, signals: signalsOf(prediction), engineName: engine.name, notes };
}

function signalsOf({ uncertainty, disagreement, distance, areaMm2 }: VolumePrediction): PredictedImage['signals'] {
  return {
    uncertainty: uncertainty.map(rounded),
    disagreement: disagreement?.map(rounded) ?? null,
    distance: distance?.map(rounded) ?? null,
    areaMm2: areaMm2?.map(rounded) ?? null,
  };
}

function factsOf(
  { id, fingerprints }: ProposalTarget,
  { timeIndex }: PredictParams,
  model: ModelFile,
  { image, prediction, signals, engineName }: PredictedImage,
  axis: VoxelAxis,
): ProposalFacts {
  return {
    id,
    modelVersion: model.version,
    modelName: model.name,
    engineName,
    created: new Date().toISOString(),
    image: { fingerprints, timeIndex, shape: [...image.grid.shape] },
    reviewAxis: axis,
    ...signals,
    components: prediction.components,
    labels: [...model.plan.labels],
  };
}

/** @throws LooksLikeLabelsError if every channel may be a label map */
function refuseLabels(channels: readonly Float32Array[], path: string): void {
  const values = channels.map(valuesLikeLabels);
  if (values.includes(null)) return;
  throw new LooksLikeLabelsError(
    `${basename(path)} holds ${values[0]} whole numbers and nothing else, as a label map does, so it was not predicted: a model predicts images.`,
  );
}

/** Rounds a signal. Signals only order slices, and know no more than a ten-thousandth. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Reads what the model was trained on, without which a model predicts all the same. */
async function trainingSlicesOf(
  model: ModelFile,
  { log }: Pick<JobContext<PredictProgress>, 'log'>,
): Promise<TrainingSlices | null> {
  try {
    const known = await readTrainingSlices(dirname(model.path));
    // A model file may have been copied into the folder of another.
    const { channels, labels } = model.plan;
    const names = featureNames(channels.length, labels.length);
    return known && known.features.join() === names.join() ? known : null;
  } catch (error) {
    if (!(error instanceof VoxelLoopError)) throw error;
    log('warning', `It cannot be told how far images are from what ${model.name} was trained on: ${error.message}`);
    return null;
  }
}

interface ProposalTarget {
  readonly id: string;
  readonly path: string;
  readonly files: GuardedFolder;
  /** The fingerprints of the image's files. */
  readonly fingerprints: string[];
}

/**
 * Returns where the proposal of this model for this image lies. Its name says both, so a proposal that is there is
 * never out of date.
 */
async function proposalTarget(
  params: PredictParams,
  { folder, within }: { readonly folder: string; readonly within?: string },
  model: ModelFile,
  axis: VoxelAxis,
  signal: CancelSignal,
): Promise<ProposalTarget> {
  const fingerprints = await imageFingerprints(params, signal);
  const image = shortHash([...fingerprints, String(params.timeIndex)], 16);
  const id = `${model.version}-${model.hash.slice(0, 8)}-${image}-${'ijk'[axis]}`;
  return { id, path: join(folder, id + PROPOSAL_ENDING), files: new GuardedFolder(within ?? folder), fingerprints };
}
