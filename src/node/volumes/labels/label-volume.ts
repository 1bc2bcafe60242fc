import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { CancelSignal } from '../../../core/cancel.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { type LabelFit, labelFit, mayMatchByNumber } from '../../../core/label/label-fit.ts';
import { LabelMap } from '../../../core/label/label-map.ts';
import { LabelMapShapeError } from '../../../core/label/label-map-errors.ts';
import { placeLabels } from '../../../core/label/place-labels.ts';
import { labelColor } from '../../../core/label/table/label-colors.ts';
import { BACKGROUND, type LabelTable } from '../../../core/label/table/label-table.ts';
import { LabelValueReader } from '../../../core/label/table/label-values.ts';
import { roundingOfLabels, wholeLabel } from '../../../core/label/whole-labels.ts';
import { VolumeFileError } from '../../../core/volume/volume-file-error.ts';
import type { Segmentation, VolumeHeader } from '../../../core/volume/volume-header.ts';
import { isOneNumber } from '../../../core/volume/voxel-type.ts';
import { copyRealValues } from '../../../core/volume/voxel-values.ts';
import { VolumeFile } from '../stored/volume-file.ts';
import { streamSlabs } from '../stored/voxel-slabs.ts';

/** A label file in memory. */
export interface LabelVolume {
  /** The labels on the grid of the image, where that was given, else on the file's own. */
  readonly labelMap: LabelMap;
  /** The labels of `labelMap` have their meaning here: the index is the label, and `value` is what the file holds. */
  readonly table: LabelTable;
  /** The header of the file, with its own grid, also where the labels were placed on that of an image. */
  readonly header: VolumeHeader;
  /** Says how the file's voxels belong to those of the image; it is `same` where no image was given. */
  readonly fit: Exclude<LabelFit['kind'], 'apart'>;
  /** These sentences tell the user how the numbers of this file were read, where that is not plain. */
  readonly notes: readonly string[];
}

/**
 * Reads a label file by value: integers of any type and sign, floats that are integers, with scaling applied (see
 * `roundingOfLabels`).
 *
 * @param options.table the labels that are known already; values that it lacks are added behind it, in ascending order
 * @param options.grid the grid of the image that the labels belong to: a file that holds a piece of it is placed there
 * @throws VolumeFileError (`volume-not-labels` if it holds fractions, colours or several time points), LabelTableError
 * if it holds too many labels, LabelMapShapeError also if the voxels are not those of the image; FileAccessError,
 * CancelledError
 */
export async function readLabelVolume(
  path: string,
  options: {
    readonly table?: LabelTable;
    readonly grid?: VoxelGrid | undefined;
    /** The user says that the header is wrong: if `mayMatchByNumber`, voxels are not placed by it. */
    readonly matchesByNumber?: boolean | undefined;
    readonly signal?: CancelSignal | undefined;
  } = {},
): Promise<LabelVolume> {
  const file = await VolumeFile.open(path, options.signal);
  try {
    const { header } = file;
    checkCanHoldLabels(header);
    const fit: LabelFit = options.grid ? labelFit(options.grid, header.grid) : { kind: 'same' };
    if (fit.kind === 'apart') throw apart(path, header.grid, options.grid ?? header.grid);
    const known = options.table ?? [BACKGROUND];
    const values = new LabelValueReader(known);
    const rounding = roundingOfLabels(header);
    const ownMap = new LabelMap(header.grid.shape);
    for await (const slab of streamSlabs(file, 0, ownMap.voxelCount, options.signal)) {
      const numbers = new Float64Array(slab.count);
      const span = { from: 0, stride: 1, count: slab.count, to: 0, toStride: 1 };
      copyRealValues(header.datatype, header.scaling, slab.bytes, span, numbers);
      ownMap.write(slab.start, toLabels(numbers, values, rounding.tolerance));
    }
    const read = inAscendingOrder(ownMap, values.table, known.length);
    const described = describedBy(header.segmentation, read.table, known.length);
    const notes = [rounding.note, file.note, described.note].filter((note) => note !== null);
    const isByNumber = options.matchesByNumber && options.grid && mayMatchByNumber(fit.kind, options.grid, header.grid);
    if (!('placement' in fit) || !options.grid || isByNumber) {
      return { labelMap: read.labelMap, table: described.table, header, fit: fit.kind, notes };
    }
    const placing = { pause: setImmediate, signal: options.signal };
    const labelMap = await placeLabels(read.labelMap, fit.placement, options.grid.shape, placing);
    return { labelMap, table: described.table, header, fit: fit.kind, notes };
  } finally {
    await file.close();
  }
}

/**
 * The labels with the names and colours that the file itself gives them. Labels that are known from elsewhere keep
 * theirs.
 * @param firstNew the labels from here on are known from the file alone
 */
function describedBy(
  segmentation: Segmentation | undefined,
  table: LabelTable,
  firstNew: number,
): { table: LabelTable; note: string | null } {
  const described = new Map((segmentation?.labels ?? []).map((entry) => [entry.value, entry]));
  if (described.size === 0) return { table, note: null };
  const colours = new Set(table.slice(0, firstNew).map(({ color }) => color));
  const differ: string[] = [];
  const named = table.map((entry, label) => {
    const found = described.get(entry.value);
    if (!found || label === 0) return entry;
    // A label that nobody has named still has the name and the colour that it got first.
    const isUnnamed = entry.name === `label ${entry.value}`;
    const isFree = label >= firstNew || (isUnnamed && entry.color === labelColor(label));
    if (label < firstNew && !isUnnamed) {
      const isSame = entry.name.toLowerCase() === found.name.toLowerCase();
      if (!isSame) differ.push(`label ${entry.value} "${found.name}" (here "${entry.name}")`);
      return entry;
    }
    const color = isFree && found.color !== null && !colours.has(found.color) ? found.color : entry.color;
    colours.add(color);
    return { ...entry, name: found.name, color };
  });
  const rest = differ.length > MOST_NAMED ? ` and ${differ.length - MOST_NAMED} more otherwise` : '';
  const note = `The file names ${differ.slice(0, MOST_NAMED).join(', ')}${rest}: the names here count.`;
  return { table: named, note: differ.length > 0 ? note : null };
}

/** A sentence names at most this many labels. */
const MOST_NAMED = 5;

function apart(path: string, labels: VoxelGrid, image: VoxelGrid): LabelMapShapeError {
  return new LabelMapShapeError(
    `${basename(path)} has ${labels.shape.join(' x ')} voxels and its image ${image.shape.join(' x ')}: ` +
      'they do not belong together. Rename or replace the label file, then open the image again.',
  );
}

function checkCanHoldLabels(header: VolumeHeader): void {
  if (!isOneNumber(header.datatype)) {
    throw new VolumeFileError(
      'volume-not-labels',
      `A label file holds whole numbers, and this one holds ${header.datatype.name} values: it is an image. Choose the label file.`,
    );
  }
  if (header.segmentation && header.segmentation.layers > 1) {
    throw new VolumeFileError(
      'volume-not-labels',
      `The segments of this file lie in ${header.segmentation.layers} layers, because some of them overlap, and a voxel has one label here. Export it from 3D Slicer as a labelmap, or as one file per layer.`,
    );
  }
  if (header.timePoints > 1) {
    throw new VolumeFileError(
      'volume-not-labels',
      `A label file holds one volume, and this one holds ${header.timePoints}. Choose another file, or extract one volume.`,
    );
  }
}

function toLabels(numbers: Float64Array, values: LabelValueReader, tolerance: number): Uint16Array {
  const labels = new Uint16Array(numbers.length);
  let last = 0;
  let label = values.toIndex(0);
  for (let n = 0; n < numbers.length; n++) {
    // Neighbours mostly share a label.
    if (numbers[n] !== last) {
      last = numbers[n];
      label = values.toIndex(wholeLabel(last, tolerance));
    }
    labels[n] = label;
  }
  return labels;
}

/** The labels from `firstNew` on were numbered as they were met; this makes them ascend by value. */
function inAscendingOrder(
  labelMap: LabelMap,
  table: LabelTable,
  firstNew: number,
): { labelMap: LabelMap; table: LabelTable } {
  const met = table.slice(firstNew);
  const ascending = [...met].sort((a, b) => a.value - b.value);
  if (ascending.every((entry, n) => entry === met[n])) return { labelMap, table };
  const newLabels = new Map(ascending.map((entry, n) => [entry.value, firstNew + n]));
  const sorted = new LabelMap(labelMap.shape);
  labelMap.forEachRun(0, labelMap.voxelCount, (label, start, length) => {
    const newLabel = label < firstNew ? label : (newLabels.get(table[label].value) as number);
    if (newLabel !== 0) sorted.fill(start, length, newLabel);
  });
  // Colours go by place in the table, not by value.
  const entries = ascending.map((entry, n) => ({ ...entry, color: met[n].color }));
  return { labelMap: sorted, table: [...table.slice(0, firstNew), ...entries] };
}
