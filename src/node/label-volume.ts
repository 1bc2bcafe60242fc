import type { CancelSignal } from '../core/cancel.ts';
import { LabelMap } from '../core/label/label-map.ts';
import { BACKGROUND, type LabelTable } from '../core/label/label-table.ts';
import { LabelValueReader } from '../core/label/label-values.ts';
import { NiftiError } from '../core/nifti/nifti-error.ts';
import type { NiftiHeader } from '../core/nifti/nifti-header.ts';
import { copyRealValues } from '../core/volume/voxel-values.ts';
import { NiftiFile } from './nifti-file.ts';
import { streamSlabs } from './voxel-slabs.ts';

/** A label file in memory. */
export interface LabelVolume {
  readonly labelMap: LabelMap;
  /** What the labels of `labelMap` mean: its index is the label, `value` is what the file holds. */
  readonly table: LabelTable;
  readonly header: NiftiHeader;
}

/** Floating-point label files hold integers up to rounding (0.99999994). Half-way values are no labels. */
const INTEGER_TOLERANCE = 1e-3;

/**
 * Reads a label file by value: integers of any type and sign, floats that are integers, scaling applied.
 *
 * @param options.table what labels are known already; values that it lacks are added behind it, in ascending order
 * @throws NiftiError (`nifti-not-labels` if it holds fractions, colours or several time points), LabelTableError if it
 * holds too many labels, LabelMapShapeError, FileAccessError, CancelledError
 */
export async function readLabelVolume(
  path: string,
  options: { readonly table?: LabelTable; readonly signal?: CancelSignal | undefined } = {},
): Promise<LabelVolume> {
  const file = await NiftiFile.open(path, options.signal);
  try {
    const { header } = file;
    checkCanHoldLabels(header);
    const known = options.table ?? [BACKGROUND];
    const values = new LabelValueReader(known);
    const labelMap = new LabelMap(header.grid.shape);
    for await (const slab of streamSlabs(file, 0, labelMap.voxelCount, options.signal)) {
      const numbers = new Float64Array(slab.count);
      const span = { from: 0, stride: 1, count: slab.count, to: 0, toStride: 1 };
      copyRealValues(header.datatype, header.scaling, slab.bytes, span, numbers);
      labelMap.write(slab.start, toLabels(numbers, values));
    }
    return { ...inAscendingOrder(labelMap, values.table, known.length), header };
  } finally {
    await file.close();
  }
}

function checkCanHoldLabels(header: NiftiHeader): void {
  const { encoding, name } = header.datatype;
  if (['rgb24', 'rgba32', 'complex64', 'complex128'].includes(encoding)) {
    throw new NiftiError(
      'nifti-not-labels',
      `A label file holds whole numbers, and this one holds ${name} values: it is an image. Choose the label file.`,
    );
  }
  if (header.timePoints > 1) {
    throw new NiftiError(
      'nifti-not-labels',
      `A label file holds one volume, and this one holds ${header.timePoints}. Choose another file, or extract one volume.`,
    );
  }
}

function toLabels(numbers: Float64Array, values: LabelValueReader): Uint16Array {
  const labels = new Uint16Array(numbers.length);
  let last = 0;
  let label = values.toIndex(0);
  for (let n = 0; n < numbers.length; n++) {
    // Neighbours mostly share a label.
    if (numbers[n] !== last) {
      last = numbers[n];
      label = values.toIndex(wholeNumber(last));
    }
    labels[n] = label;
  }
  return labels;
}

function wholeNumber(value: number): number {
  const whole = Math.round(value);
  if (Math.abs(value - whole) <= INTEGER_TOLERANCE && Number.isSafeInteger(whole)) return whole;
  throw new NiftiError(
    'nifti-not-labels',
    `A label file holds whole numbers, and this one holds ${value}: it is an image or a probability map. Choose the label file.`,
  );
}

/** The labels from `firstNew` on were numbered as they were met; afterwards they ascend by value. */
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
