import { basename } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { OWN_FORMAT } from '../../core/formats/registry.ts';
import {
  fitWords,
  isPlaceDoubtful,
  matchedByNumberNote,
  mayMatchByNumber,
  orientationOf,
  placeQuestion,
} from '../../core/label/label-fit.ts';
import { decodeLabelMap, encodeLabelMap } from '../../core/label/label-map-codec.ts';
import type { ParamsOf, ResultOf } from '../../core/protocol/contract.ts';
import { discardPrepared } from '../files/atomic-save.ts';
import { namingFile } from '../files/file-errors.ts';
import { fileFingerprint } from '../files/file-fingerprint.ts';
import { caseLabelsFingerprint, readCaseLabels } from '../volumes/labels/case-labels.ts';
import { prepareLabelVolume, writeLabelVolume } from '../volumes/labels/write-label-volume.ts';
import type { VolumeWorkerContract } from './contract.ts';

type Params<M extends keyof VolumeWorkerContract['requests']> = ParamsOf<VolumeWorkerContract, M>;
type Result<M extends keyof VolumeWorkerContract['requests']> = Promise<ResultOf<VolumeWorkerContract, M>>;

/** @throws VolumeFileError, LabelMapShapeError, LabelTableError, FileAccessError, CancelledError */
export async function readLabelFile(
  { path, masks, table, grid, matchesByNumber = false }: Params<'readLabels'>,
  signal?: CancelSignal,
): Result<'readLabels'> {
  const files = { labels: path, ...(masks && { masks }) };
  // The fingerprint is taken before the voxels are read: a file that changes meanwhile is then noticed, not taken for
  // the new one.
  const fingerprint = await caseLabelsFingerprint(files, path, signal);
  const options = { ...(table && { table }), grid, matchesByNumber, signal };
  // The image of a case is read at the same time, so an error must say which of the two it means; that of masks does.
  const reading = readCaseLabels(files, path, options);
  const labels = await (masks ? reading : namingFile(path, reading));
  const own = labels.header.grid;
  const name = basename(path);
  const hasChoice = grid !== undefined && mayMatchByNumber(labels.fit, grid, own);
  const orientation = orientationOf(own);
  const isByNumber = hasChoice && matchesByNumber;
  // Whoever chose the place was asked, and need not be asked again before a save.
  const words = isByNumber
    ? { note: matchedByNumberNote(name, orientation), question: null }
    : grid
      ? fitWords(name, labels.fit, grid, own)
      : null;
  return {
    labels: encodeLabelMap(labels.labelMap),
    table: [...labels.table],
    fingerprint,
    warnings: [...labels.header.warnings, ...labels.notes, ...(words ? [words.note] : [])],
    asksBeforeSave: words?.question ?? null,
    isPlaceDoubtful: isPlaceDoubtful(labels.fit),
    turned: hasChoice ? { orientation, isByNumber, question: placeQuestion(grid, own) } : null,
  };
}

/** @throws as `writeLabelVolume` */
export async function writeLabelFile(params: Params<'writeLabels'>, signal?: CancelSignal): Result<'writeLabels'> {
  await writeLabelVolume(params.path, contentOf(params), signal);
  // The file is saved, so it is too late for cancelling.
  return { fingerprint: await fileFingerprint(params.path) };
}

/** @throws as `prepareLabelVolume` */
export async function prepareLabelFile(
  params: Params<'prepareLabels'>,
  signal?: CancelSignal,
): Result<'prepareLabels'> {
  const prepared = await prepareLabelVolume(params.path, contentOf(params), signal);
  try {
    return { ...prepared, fingerprint: await fileFingerprint(prepared.temporary) };
  } catch (error) {
    await discardPrepared(prepared);
    throw error;
  }
}

function contentOf({ header, labels, table }: Params<'writeLabels'>) {
  const image = OWN_FORMAT.writing.readGeometry(header);
  return { image, labelMap: decodeLabelMap(labels, image.grid.shape), table };
}
