import { basename, sep } from 'node:path';
import { isVolumeName, isVoxelDataName } from '../../../core/cohort/files/names/file-names.ts';
import type { CohortStore } from './cohort-store.ts';

/** The part of the cohort that changed on the disk. */
export type CohortChange =
  /** Images, label maps, `dataset.json` or `splits.json` changed. */
  | 'files'
  /** Something in `.voxel-loop` changed: records, models or proposals. */
  | 'state';

/** The kinds of change that a change of this file may mean to the cohort; for most files there are none. */
export function changeAt({ stateDir }: Pick<CohortStore, 'stateDir'>, path: string): readonly CohortChange[] {
  if (path === stateDir) return ['state'];
  if (!path.startsWith(stateDir + sep)) {
    const name = basename(path);
    return isVolumeName(name) || isVoxelDataName(name) || /\.json$/i.test(name) ? ['files'] : [];
  }
  const inState = path.slice(stateDir.length + 1);
  return inState === 'active' || /^proposals\b|\.json$/.test(inState) ? ['state'] : [];
}
