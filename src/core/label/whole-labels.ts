import { VolumeFileError } from '../volume/volume-file-error.ts';
import type { VolumeHeader } from '../volume/volume-header.ts';
import type { VoxelEncoding } from '../volume/voxel-type.ts';

/** How far a number in a label file may be from the whole number that it stands for. */
export interface LabelRounding {
  readonly tolerance: number;
  /** A sentence for the user. It is null where the numbers are read as they stand. */
  readonly note: string | null;
}

/** Floating-point label files hold integers up to rounding (0.99999994). Half-way values are no labels. */
const FLOAT_TOLERANCE = 1e-3;
/** Slope and intercept are 32-bit floats, and so their products are off by a few parts in ten million. */
const SCALING_ERROR = 2 ** -21;
const INTEGERS: readonly VoxelEncoding[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64'];

/**
 * Says how the numbers of a label file are rounded.
 *
 * A program that was told to write float labels as integers (nibabel does it whenever the header asks for them) spreads
 * the range of values over the range of the type: what is read back is `stored * slope + intercept`, up to half a slope
 * from the label. With a slope below 1 no two stored numbers are that near one whole number, so that the nearest one is
 * the label. A map of probabilities has numbers in between, which are half a slope from no whole number: it is refused.
 * With a slope of 1 and more every number would pass, and then only those that are whole already are labels.
 */
export function roundingOfLabels({ datatype, scaling }: Pick<VolumeHeader, 'datatype' | 'scaling'>): LabelRounding {
  const slope = Math.abs(scaling.slope);
  const isScaled = INTEGERS.includes(datatype.encoding) && (slope !== 1 || scaling.intercept !== 0);
  if (!isScaled) return { tolerance: FLOAT_TOLERANCE, note: null };
  const range = slope * 2 ** (8 * Math.min(4, datatype.bytesPerNumber)) + Math.abs(scaling.intercept);
  const error = Math.max(FLOAT_TOLERANCE, range * SCALING_ERROR);
  return {
    tolerance: slope < 1 ? Math.min(0.5 - FLOAT_TOLERANCE, slope / 2 + error) : FLOAT_TOLERANCE,
    note: `This label file holds scaled numbers (${datatype.name}, times ${figure(scaling.slope)} plus ${figure(scaling.intercept)}); each is read as the nearest whole number, and saving writes whole numbers.`,
  };
}

/**
 * Returns the label that `value` stands for.
 * @throws VolumeFileError `volume-not-labels` if it stands for none
 */
export function wholeLabel(value: number, tolerance: number): number {
  const whole = Math.round(value);
  if (Math.abs(value - whole) <= tolerance && Number.isSafeInteger(whole)) return whole;
  throw new VolumeFileError(
    'volume-not-labels',
    `A label file holds whole numbers, and this one holds ${value}: it is an image or a probability map. Choose the label file.`,
  );
}

function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}
