import type { CancelSignal } from '../../core/cancel.ts';
import type { Vec3, VoxelAxis } from '../../core/geometry/vector.ts';
import type { LabelMap } from '../../core/label/label-map.ts';
import { BACKGROUND, type LabelTable } from '../../core/label/table/label-table.ts';
import { cohortValue } from '../../core/label/table/own-labels.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { IGNORED } from '../../core/learn/planes/plane-transform.ts';
import type { CaseTruth } from '../../core/learn/planes/volume-input.ts';
import { namingFile } from '../../node/files/file-errors.ts';
import { fileFingerprint } from '../../node/files/file-fingerprint.ts';
import { readCaseLabels } from '../../node/volumes/labels/case-labels.ts';
import type { TrainableCase } from './find-cases.ts';
import { GridMismatchError, type LoadedImage, readCaseImage } from './images.ts';

/**
 * Background counts too. The largest anatomies have a hundred labels; an image taken for a label file has thousands.
 */
export const MOST_LABELS = 256;

/** One case in memory. */
export interface CaseInMemory {
  readonly image: LoadedImage;
  /** Its labels are indices of `table`. */
  readonly labelMap: LabelMap;
  readonly table: LabelTable;
  /** Sentences about its label file, which say how it was read where that is not plain. */
  readonly labelNotes: readonly string[];
}

/** Loads cases, one after the other, and learns from each which labels there are. It keeps none. */
export class CaseLoader {
  #table: LabelTable;
  #loads = 0;
  #loadMs = 0;

  /** @param known labels of the cohort; values that only files have are added behind them */
  constructor(
    known: LabelTable,
    private readonly ignoredValue: number | null,
  ) {
    this.#table = known.length > 0 ? known : [BACKGROUND];
  }

  /** The labels that are known, those of all files loaded until now included. */
  get table(): LabelTable {
    return this.#table.filter(({ value }) => value !== this.ignoredValue);
  }

  /** The time that loading one case takes, on average until now. */
  get msPerCase(): number {
    return this.#loads === 0 ? 0 : this.#loadMs / this.#loads;
  }

  /**
   * @throws GridMismatchError
   * @throws LabelMapShapeError
   * @throws VolumeFileError
   * @throws FileAccessError
   * @throws CancelledError
   * @throws TrainingError if the labels changed since they were found
   */
  async load(found: TrainableCase, signal?: CancelSignal): Promise<CaseInMemory> {
    const { id } = found.files;
    const beganMs = performance.now();
    const image = await readCaseImage(found.files, signal);
    const { labelMap, table, notes } = await namingFile(
      found.files.labels,
      readCaseLabels(found.files, found.labelsPath, { table: this.#table, grid: image.grid, signal }),
    );
    // The slices were accepted in other labels than the file then holds.
    if (found.labelsFingerprint && (await fileFingerprint(found.labelsPath, signal)) !== found.labelsFingerprint) {
      throw new TrainingError(`The labels of case ${id} were changed by another program meanwhile: train again.`);
    }
    const { reviewAxis, accepted } = found;
    if (reviewAxis !== null && accepted && accepted.length !== image.grid.shape[reviewAxis]) {
      throw new GridMismatchError(
        `The review record of case ${id} has ${accepted.length} slices and its image ${image.grid.shape[reviewAxis]}: the image was replaced. Delete the record to start over.`,
      );
    }
    if (table.length > MOST_LABELS && table.length > 2 * this.#table.length) {
      throw new GridMismatchError(
        `The label file of case ${id} holds ${table.length - this.#table.length} values that no other case has, and a model tells at most ${MOST_LABELS - 1} labels apart: it may be an image. Correct or remove ${found.files.labels}.`,
      );
    }
    // Every file's table continues the one before it, so earlier label maps stay right. A case that does not count adds
    // nothing.
    this.#table = table;
    this.#loads++;
    this.#loadMs += performance.now() - beganMs;
    return { image, labelMap, table, labelNotes: notes };
  }
}

/**
 * Returns what counts of a case, in classes of `labels`. File values that `labels` lacks are ignored, and so are labels
 * that the case names as none of them, and slices (along the review axis) that nobody accepted.
 */
export function caseTruth(
  { reviewAxis, accepted, ownLabels = [] }: Pick<TrainableCase, 'reviewAxis' | 'accepted' | 'ownLabels'>,
  { image, labelMap, table }: CaseInMemory,
  labels: LabelTable,
): CaseTruth {
  const classOf = table.map(({ value }) => {
    const meant = cohortValue(value, ownLabels, labels);
    const index = labels.findIndex((label) => label.value === meant);
    return index < 0 ? IGNORED : index;
  });
  const classes = new Int16Array(labelMap.voxelCount);
  labelMap.forEachRun(0, labelMap.voxelCount, (label, start, length) => {
    if (classOf[label] !== 0) classes.fill(classOf[label], start, start + length);
  });
  if (reviewAxis !== null) {
    accepted?.forEach((counts, slice) => {
      if (!counts) ignoreSlice(classes, image.grid.shape, reviewAxis, slice);
    });
  }
  return { classes };
}

function ignoreSlice(classes: Int16Array, shape: Vec3, axis: VoxelAxis, slice: number): void {
  // Along `axis`, voxels lie in stretches of `stride`, which come again every `shape[axis] * stride`.
  const stride = [1, shape[0], shape[0] * shape[1]][axis];
  for (let start = slice * stride; start < classes.length; start += shape[axis] * stride) {
    classes.fill(IGNORED, start, start + stride);
  }
}
