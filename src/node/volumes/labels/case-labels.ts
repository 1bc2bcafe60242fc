import { basename } from 'node:path';
import type { CancelSignal } from '../../../core/cancel.ts';
import type { CaseFiles, StructureMask } from '../../../core/cohort/files/case.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { fitWords, isPlaceDoubtful } from '../../../core/label/label-fit.ts';
import { LabelMap } from '../../../core/label/label-map.ts';
import {
  BACKGROUND,
  type LabelTable,
  LabelTableError,
  labelTableFrom,
  withMoreLabels,
} from '../../../core/label/table/label-table.ts';
import { counted } from '../../../core/text/counted.ts';
import { namingFile } from '../../files/file-errors.ts';
import { fileFingerprint } from '../../files/file-fingerprint.ts';
import { textFingerprint } from '../../files/text-fingerprint.ts';
import { volumeFingerprint } from '../volume-identity.ts';
import { type LabelVolume, readLabelVolume } from './label-volume.ts';
import { writeLabelVolume } from './write-label-volume.ts';

interface ReadOptions {
  readonly table?: LabelTable;
  readonly grid?: VoxelGrid | undefined;
  readonly matchesByNumber?: boolean | undefined;
  readonly signal?: CancelSignal | undefined;
}

/**
 * Reads the labels of a case at `path`. Where that is its own label file and the case has masks instead, the masks are
 * joined.
 */
export function readCaseLabels(
  { labels, masks }: Pick<CaseFiles, 'labels' | 'masks'>,
  path: string,
  options: ReadOptions,
): Promise<LabelVolume> {
  return masks && path === labels ? joinMasks(masks, options) : readLabelVolume(path, options);
}

/**
 * A fingerprint of what the labels of a case hold, read as `readCaseLabels` does. That of masks covers all of them, and
 * which structure each shows.
 * @throws FileAccessError, CancelledError
 */
export async function caseLabelsFingerprint(
  { labels, masks }: Pick<CaseFiles, 'labels' | 'masks'>,
  path: string,
  signal?: CancelSignal,
): Promise<string> {
  if (!masks || path !== labels) return fileFingerprint(path, signal);
  const parts: string[] = [];
  for (const mask of masks) parts.push(`${mask.value} ${mask.structure} ${await volumeFingerprint(mask.path, signal)}`);
  return textFingerprint(parts.join('\n'));
}

/**
 * The files whose grids say where the labels of a case lie: all of its masks, also where the joined label map is read
 * at `path`, because that has the grid of the first.
 */
export function labelGridPaths({ masks }: Pick<CaseFiles, 'masks'>, path: string): string[] {
  return masks ? masks.map((mask) => mask.path) : [path];
}

/**
 * Joins masks to one label map. Where they overlap, the mask with the lower value keeps the voxel; the notes say how
 * many such voxels there are. If any mask does not lie where the image does, the joined labels do not.
 *
 * A single file that holds several values is no mask of one structure, whatever its name says, and is read as the label
 * map that it is, because its values would otherwise become one.
 *
 * @param masks in order of value; at least one
 * @param options.table labels that are known; they keep their names, unless nobody has named them
 * @throws LabelTableError where a known label has the value of a mask and another name, because voxels of one would
 * count as the other; and where one of several masks holds several values
 * @throws what `readLabelVolume` throws
 */
export async function joinMasks(masks: readonly StructureMask[], options: ReadOptions = {}): Promise<LabelVolume> {
  const [{ isLabelMap, path: only }] = masks;
  if (isLabelMap) return await namingFile(only, readLabelVolume(only, options));
  const table = tableWith(masks, options.table ?? [BACKGROUND]);
  const { matchesByNumber, signal } = options;
  let joined: LabelMap | undefined;
  let first: LabelVolume | undefined;
  let worst: LabelVolume | undefined;
  let overlapping = 0;
  const names = new Set<string>();
  const notes = new Set<string>();
  for (const { structure, value, path } of masks) {
    const grid = options.grid ?? first?.header.grid;
    const mask = await namingFile(path, readLabelVolume(path, { grid, matchesByNumber, signal }));
    if (valuesIn(mask.labelMap) > 1) {
      if (masks.length === 1) return await namingFile(path, readLabelVolume(path, options));
      throw new LabelTableError(
        `${path} holds several labels, but its name says that it is the mask of one structure ("${structure}"). Rename it, or split it into one mask per structure.`,
      );
    }
    first ??= mask;
    joined ??= new LabelMap(mask.labelMap.shape);
    if (mask !== first && isPlaceDoubtful(mask.fit)) {
      // Voxels that are matched by their number alone are the greater doubt.
      if (!isPlaceDoubtful(worst?.fit ?? 'same') || mask.fit === 'elsewhere') worst = mask;
      const words = grid && fitWords(basename(path), mask.fit, grid, mask.header.grid);
      if (words) notes.add(words.note);
    }
    worst ??= mask;
    for (const note of mask.notes) notes.add(`${basename(path)}: ${note}`);
    const label = table.findIndex((entry) => entry.value === value);
    const lost = addMask(joined, mask.labelMap, label);
    overlapping += lost;
    if (lost > 0) names.add(structure);
  }
  if (!first || !joined) throw new Error('A case with masks has at least one.');
  if (overlapping > 0) {
    const some = [...names].slice(0, 3).join(', ');
    const lie = overlapping === 1 ? 'lies' : 'lie';
    notes.add(
      `${counted(overlapping, 'voxel')} ${lie} in more than one mask (of ${some}${names.size > 3 ? ` and ${names.size - 3} more` : ''}); the mask with the lower value keeps them.`,
    );
  }
  // Without an image the joined labels lie where the first mask does; beside one, the header says how far the worst is
  // off.
  const { fit, header } = options.grid && worst ? worst : first;
  return { ...first, fit, header, labelMap: joined, table, notes: [...notes] };
}

/** Writes the joined masks as one label file. @throws what `joinMasks` and `writeLabelVolume` throw */
export async function writeJoinedMasks(path: string, masks: readonly StructureMask[]): Promise<void> {
  const { labelMap, table, header } = await joinMasks(masks);
  await writeLabelVolume(path, { image: header, labelMap, table });
}

/** The number of labels beside the background; counting stops after the second. */
function valuesIn(map: LabelMap): number {
  const found = new Set<number>();
  map.forEachRun(0, map.voxelCount, (label) => {
    if (label !== 0 && found.size < 2) found.add(label);
  });
  return found.size;
}

/** @returns how many of its voxels belong to another mask already */
function addMask(joined: LabelMap, mask: LabelMap, label: number): number {
  let taken = 0;
  const free: { readonly start: number; readonly length: number }[] = [];
  mask.forEachRun(0, mask.voxelCount, (inside, start, length) => {
    if (inside === 0) return;
    joined.forEachRun(start, length, (other, from, count) => {
      if (other === 0) free.push({ start: from, length: count });
      else taken += count;
    });
  });
  for (const { start, length } of free) joined.fill(start, length, label);
  return taken;
}

/** The known labels, with the masks' names where nobody has given any, and the other masks behind them. */
function tableWith(masks: readonly StructureMask[], known: LabelTable): LabelTable {
  const named = labelTableFrom(masks.map(({ value, structure }) => ({ value, name: structure })));
  const byValue = new Map(named.map((entry) => [entry.value, entry]));
  const kept = known.map((entry) => {
    const mask = byValue.get(entry.value);
    if (!mask || mask.name.toLowerCase() === entry.name.toLowerCase()) return entry;
    if (entry.name === `label ${entry.value}`) return { ...entry, name: mask.name };
    throw new LabelTableError(
      `The mask "${mask.name}" would get the value ${entry.value}, which means "${entry.name}" in this cohort: give "${mask.name}" a value of its own in .voxel-loop/cohort.json.`,
    );
  });
  return withMoreLabels(
    kept,
    named.filter(({ value }) => !known.some((entry) => entry.value === value)),
  );
}
