import type { Vec3 } from '../../geometry/vector.ts';
import { VolumeFileError } from '../../volume/volume-file-error.ts';
import { checkedAxes, numbersOf } from '../claimed-numbers.ts';
import type { NrrdFields } from './nrrd-fields.ts';

/**
 * Says what each axis of an NRRD file is: values within a voxel, a direction in space, or one volume after the other.
 */
export interface NrrdAxes {
  readonly sizes: readonly number[];
  /** So many values stand beside one another in each voxel. */
  readonly components: number;
  /** The kind of the axis of those values, in small letters. It is '' where nothing is said. */
  readonly componentKind: string;
  /** The numbers of the axes of space, in order; there are one to three. */
  readonly spatial: readonly number[];
  /** The extents of the axes behind those of space. */
  readonly later: readonly number[];
  /** One step along each axis of the file. It is null where the file gives none. */
  readonly directions: readonly (Vec3 | null)[];
}

/** Kinds of axes along which voxels lie in space. */
const SPATIAL_KINDS = ['domain', 'space', '???', 'none'];

/** @throws VolumeFileError */
export function nrrdAxes({ fields }: NrrdFields): NrrdAxes {
  const count = checkedAxes(Number(fields.get('dimension')));
  const sizes = numbersOf(fields.get('sizes') ?? '', 'sizes', count);
  const directions = directionsOf(fields.get('spacedirections'), count);
  const kinds = (fields.get('kinds')?.split(/\s+/) ?? []).map((kind) => kind.toLowerCase());
  const hasKinds = kinds.length === count;
  const isSpatial = (axis: number): boolean => {
    if (directions) return directions[axis] !== null;
    return hasKinds ? SPATIAL_KINDS.includes(kinds[axis]) : true;
  };
  const axes = sizes.map((_, axis) => axis);
  const first = axes.find(isSpatial);
  if (first === undefined || first > 1) throw unusual();
  const spatial = axes.filter((axis) => axis >= first && isSpatial(axis)).slice(0, 3);
  const last = spatial[spatial.length - 1];
  // Nothing else may stand between the axes of space, because slices would not be slices.
  if (last - first !== spatial.length - 1) throw unusual();
  return {
    sizes,
    components: first === 1 ? sizes[0] : 1,
    componentKind: first === 1 && hasKinds ? kinds[0] : '',
    spatial,
    later: sizes.slice(last + 1),
    directions: directions ?? sizes.map(() => null),
  };
}

function unusual(): VolumeFileError {
  return new VolumeFileError(
    'volume-unsupported',
    'The axes of this NRRD file are in an order that is not read; save it with the axes of space beside one another.',
  );
}

/**
 * Reads one vector per axis. It is null where the file gives none at all, or a direction of more axes than space has.
 */
function directionsOf(text: string | undefined, count: number): (Vec3 | null)[] | null {
  // A vector holds no bracket: so that the search for its end is given up at the next one, and not at the line's end.
  const words = text?.match(/\([^()]*\)|none/gi) ?? [];
  if (words.length !== count) return null;
  const vectors = words.map((word) => (word.toLowerCase() === 'none' || isOfTime(word) ? null : vectorOf(word)));
  const inSpace = vectors.filter((vector) => vector && !isZero(vector)).length;
  // Beside three axes of space, one without a direction is none of them. Otherwise it is one that lacks its direction.
  return vectors.map((vector) => (vector && isZero(vector) && inSpace >= 3 ? null : vector));
}

/** Says whether a direction leads nowhere in space and somewhere in time, the fourth number. */
function isOfTime(text: string): boolean {
  const numbers = numbersIn(text);
  return numbers.length === 4 && numbers[3] !== 0 && isZero(vectorOf(text));
}

export function isZero(vector: Vec3): boolean {
  return vector.every((value) => value === 0);
}

/** Reads "(1,0,0)" with two to four numbers, of which the fourth is time's. A number that is missing becomes NaN. */
export function vectorOf(text: string): Vec3 {
  const numbers = numbersIn(text);
  const [x, y = 0, z = 0] = numbers.length >= 2 && numbers.length <= 4 ? numbers : [Number.NaN];
  return [x, y, z];
}

function numbersIn(text: string): number[] {
  return text
    .replace(/[()]/g, '')
    .split(',')
    .map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
}
