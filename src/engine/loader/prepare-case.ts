import { join } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import type { Plan, Slicing } from '../../core/learn/plan/plan.ts';
import { VolumePlanes } from '../../core/learn/planes/plane-source.ts';
import { IGNORED } from '../../core/learn/planes/plane-transform.ts';
import { toStored } from '../../core/learn/planes/stored-slice.ts';
import type { CaseTruth, ImageVolume } from '../../core/learn/planes/volume-input.ts';
import type { LabelledSlice } from '../../core/learn/samples/batch-source.ts';
import { fileFingerprint } from '../../node/files/file-fingerprint.ts';
import { CaseLoader, caseTruth } from '../inputs/case-loader.ts';
import type { TrainableCase } from '../inputs/find-cases.ts';
import { imageFingerprints, shortHash } from '../inputs/images.ts';
import { type PreparedSlice, type SliceFacts, writeSliceFile } from './slice-file.ts';

/** This counts up when the content of slice files changes for the same plan and files. */
const CONTENT_VERSION = 1;

/** A case as it is cut in one of the plan's slicings. */
export interface CaseView {
  readonly found: TrainableCase;
  readonly slicing: Slicing;
}

/**
 * In a further slicing, a slice must be known in at least this share of its pixels: where a person has accepted a few
 * slices, a cut across them shows a few lines of what is known, from which little can be learned.
 */
const KNOWN_SHARE = 0.5;

/** What slices are prepared by. */
export interface Preparation {
  readonly plan: Plan;
  /** The file value that stands for "nobody knows". It is null where there is none. */
  readonly ignoredValue: number | null;
  /** Slice files lie here: `.voxel-loop/cache`. */
  readonly folder: string;
}

/**
 * Returns a key for the content of a case's slice file. All that determines the content is in it, so that a file of
 * this name never needs a second look at the image.
 * @throws TrainingError if image or labels are no longer what they were found to be
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function preparedKey(
  { plan, ignoredValue }: Preparation,
  { found, slicing }: CaseView,
  signal?: CancelSignal,
): Promise<string> {
  const { files, accepted, reviewAxis, labelsPath, labelsFingerprint, imageFingerprints: known } = found;
  const { ownLabels } = found;
  const { plane, neighbours, crop } = plan;
  const geometry = plane.kind === 'stretch' ? plane : [plane.rowSpacingMm, plane.columnSpacingMm];
  const made = [
    ...[CONTENT_VERSION, geometry, neighbours, slicing, slicing === plan.slicing, crop, ignoredValue],
    plan.channels.map(({ normalization }) => normalization),
    plan.labels.map(({ value }) => value),
  ];
  const images = await imageFingerprints(files, signal);
  if (known && images.some((image, channel) => image !== known[channel])) throw changedCase(files.id);
  const labels = await fileFingerprint(labelsPath, signal);
  if (labelsFingerprint !== null && labels !== labelsFingerprint) throw changedCase(files.id);
  // The class of a label that the case names itself depends on the names of the others.
  const named = ownLabels ? [ownLabels, plan.labels.map(({ name }) => name)] : [];
  const from = [images, files.timeIndex, labels, accepted, reviewAxis, ...named];
  return shortHash([JSON.stringify(made), JSON.stringify(from)], 40);
}

/** Makes the error for files that no longer hold what was accepted. */
export function changedCase(id: string): TrainingError {
  return new TrainingError(
    `The image of case ${id} (or what training has kept of its labels) was changed by another program while training ran: train again.`,
  );
}

/** Returns the absolute path of the slice file with this key. */
export function slicePath(folder: string, key: string): string {
  return join(folder, `${key}.slices`);
}

/** Says whether a file in the cache is one of ours. */
export function isSliceFileName(name: string): boolean {
  return /^[0-9a-f]{40}\.slices$/.test(name);
}

/**
 * Reads a case, makes its slices as the plan says and writes them.
 * @throws GridMismatchError
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws TrainingError
 * @throws CancelledError
 */
export async function prepareCase(
  preparation: Preparation,
  { found, slicing }: CaseView,
  key: string,
  signal?: CancelSignal,
): Promise<LabelledSlice[]> {
  const { plan, ignoredValue, folder } = preparation;
  const loaded = await new CaseLoader(plan.labels, ignoredValue).load(found, signal);
  const { facts, slices } = prepareSlices(loaded.image, caseTruth(found, loaded, plan.labels), plan, slicing);
  return writeSliceFile(slicePath(folder, key), key, facts, slices);
}

/** Makes the slices of which anything is known, and their neighbours, ascending, one by one as they are asked for. */
export function prepareSlices(
  image: ImageVolume,
  { classes }: CaseTruth,
  plan: Plan,
  slicing: Slicing,
): { facts: SliceFacts; slices: Iterable<PreparedSlice> } {
  const planes = new VolumePlanes(image, { ...plan, slicing });
  const { slices, neighbourStep, rows, columns, channels, pixelAspect } = planes;
  return {
    facts: { slices, neighbourStep, rows, columns, channels, pixelAspect },
    slices: storedSlices(planes, classes, plan.neighbours, slicing === plan.slicing ? 0 : KNOWN_SHARE),
  };
}

function* storedSlices(
  planes: VolumePlanes,
  classes: Int16Array,
  neighbours: number,
  knownShare: number,
): Generator<PreparedSlice> {
  const { slices, rows, columns, channels } = planes;
  /** The classes of the slices around the current one; null where nothing is known. */
  const around = new Map<number, Int16Array | null>();
  const values = new Float32Array(channels * rows * columns);
  for (let ahead = 0, slice = -neighbours; slice < slices; slice++) {
    for (; ahead < slices && ahead <= slice + neighbours; ahead++) {
      const target = planes.targetPlane(classes, ahead);
      around.set(ahead, isKnown(target, knownShare) ? target : null);
    }
    around.delete(slice - neighbours - 1);
    if (slice < 0 || [...around.values()].every((target) => target === null)) continue;
    planes.readPlane(slice, values, 0);
    yield { slice, planes: toStored(values), classes: around.get(slice) ?? null };
  }
}

/** Says whether any pixel is known, and at least `share` of them. */
function isKnown(target: Int16Array, share: number): boolean {
  let known = 0;
  for (const label of target) if (label !== IGNORED) known++;
  return known > 0 && known >= share * target.length;
}
