import { setImmediate } from 'node:timers/promises';
import type { CancelSignal } from '../../../core/cancel.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { commonGrid } from '../../../core/geometry/lattice.ts';
import type { Vec3 } from '../../../core/geometry/vector.ts';
import { type LabelFit, labelFit, orientationOf } from '../../../core/label/label-fit.ts';
import type { LabelMap } from '../../../core/label/label-map.ts';
import { placeLabels } from '../../../core/label/place-labels.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import type { CaseScores } from '../../../core/metrics/case-scores.ts';
import { scoreSegmentation } from '../../../core/metrics/score-segmentation.ts';
import { namingFile } from '../../files/file-errors.ts';
import { type LabelVolume, readLabelVolume } from '../../volumes/labels/label-volume.ts';

/** The two label files of a case cannot be compared. */
export class LabelMismatchError extends VoxelLoopError {
  readonly code = 'label-mismatch';
}

/** These are the names of the two label maps in sentences. */
export interface ComparedMaps {
  readonly first: string;
  readonly second: string;
  /** Says that the two have no place in common; `shapes` are given where their numbers of voxels are the reason. */
  readonly mismatch: (id: string, shapes: { readonly first: Vec3; readonly second: Vec3 } | null) => string;
}

export interface Comparison {
  readonly scores: CaseScores;
  /** The scores are those of all labels in this table; it begins with the labels that were known. */
  readonly table: LabelTable;
  /** These sentences tell the user how the two were read and, if their grids differ, how they were brought together. */
  readonly notes: readonly string[];
}

/**
 * Scores one label file against another. Whether they belong together is decided as for an image and its labels
 * (`labelFit`): where one holds a piece of the other, or runs in other directions, both are placed where their headers
 * say, and whatever a file does not hold is background.
 *
 * @param known the labels that have names; what the files hold beyond them is added behind them
 * @throws LabelMismatchError if they do not lie on one lattice, or have no place in common; FileAccessError,
 * VolumeFileError, CancelledError
 */
export async function compareLabelFiles(
  id: string,
  secondPath: string,
  firstPath: string,
  known: LabelTable,
  options: {
    readonly ignoreValue: number | null;
    readonly toleranceMm: number;
    readonly signal: CancelSignal | undefined;
    readonly maps: ComparedMaps;
  },
): Promise<Comparison> {
  const { ignoreValue, toleranceMm, signal, maps } = options;
  const first = await namingFile(firstPath, readLabelVolume(firstPath, { table: known, signal }));
  const second = await namingFile(secondPath, readLabelVolume(secondPath, { table: first.table, signal }));
  const { table } = second;
  const together = await broughtTogether(id, first, second, maps, signal);
  const ignored = ignoreValue === null ? -1 : table.findIndex(({ value }) => value === ignoreValue);
  const { shape, voxelCount } = together.first;
  const scores = scoreSegmentation(id, together.second.read(0, voxelCount), together.first.read(0, voxelCount), {
    shape,
    spacingMm: first.header.grid.spacingMm,
    toleranceMm,
    labels: table.slice(1),
    ignored: ignored < 1 ? undefined : ignored,
  });
  const said = ([each, name]: [LabelVolume, string]) => each.notes.map((note) => `Case ${id}, ${name}: ${note}`);
  const ofFiles = (
    [
      [first, maps.first],
      [second, maps.second],
    ] as [LabelVolume, string][]
  ).flatMap(said);
  return { scores, table, notes: [...together.notes, ...ofFiles] };
}

/** The two label maps on one grid. */
interface Together {
  readonly first: LabelMap;
  readonly second: LabelMap;
  readonly notes: readonly string[];
}

async function broughtTogether(
  id: string,
  first: LabelVolume,
  second: LabelVolume,
  maps: ComparedMaps,
  signal: CancelSignal | undefined,
): Promise<Together> {
  const [ours, theirs] = [first.header.grid, second.header.grid];
  const fit = labelFit(ours, theirs);
  if (fit.kind === 'same') return { first: first.labelMap, second: second.labelMap, notes: [] };
  if (fit.kind === 'apart') {
    throw new LabelMismatchError(maps.mismatch(id, { first: ours.shape, second: theirs.shape }));
  }
  const common = 'placement' in fit ? commonGrid(ours, theirs.shape, fit.placement) : null;
  if (!common) throw new LabelMismatchError(maps.mismatch(id, null));
  const { shape } = common.grid;
  if (isMostlyEmpty(shape, [ours.shape, theirs.shape])) throw new LabelMismatchError(maps.mismatch(id, null));
  const options = { pause: setImmediate, signal };
  return {
    first: await placeLabels(first.labelMap, common.outer, shape, options),
    second: await placeLabels(second.labelMap, common.inner, shape, options),
    notes: [placedNote(id, fit.kind, ours, theirs, maps)],
  };
}

/** A grid of more voxels than these is made only where the files themselves are large. */
const FREE_VOXELS = 1 << 20;
const MOST_TIMES_LARGER = 8;

/**
 * Tells whether a common grid would hold little of the files: two small files far apart would need a grid of any size.
 */
function isMostlyEmpty(common: Vec3, parts: readonly Vec3[]): boolean {
  const voxels = ([i, j, k]: Vec3) => i * j * k;
  const held = parts.reduce((sum, part) => sum + voxels(part), 0);
  return voxels(common) > FREE_VOXELS && voxels(common) > MOST_TIMES_LARGER * held;
}

function placedNote(
  id: string,
  kind: LabelFit['kind'],
  ours: VoxelGrid,
  theirs: VoxelGrid,
  { first, second }: ComparedMaps,
): string {
  if (kind === 'piece') {
    return `Case ${id}: ${second} has ${theirs.shape.join(' x ')} voxels and ${first} ${ours.shape.join(' x ')}. They were compared where they lie in space, and what a file does not hold counted as background.`;
  }
  const [from, to] = [theirs, ours].map(orientationOf);
  return `Case ${id}: ${second} and ${first} run in different directions (${from} and ${to}). They were compared where their headers place them; if one of these was lost, the scores are too low.`;
}
