import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../../files/missing-file.ts';
import { PROPOSAL_ENDING } from './proposal-file.ts';

/** A proposal file, by what its folder tells of it. */
export interface ProposalEntry {
  readonly path: string;
  /** The time of writing, in milliseconds since 1970. */
  readonly writtenMs: number;
}

/**
 * Orders the proposals of a case as they are to be shown: those of the active model first, then those of earlier
 * versions; the newest version comes first, and of one version the newest file. Later versions were rolled back from or
 * never became active, so their proposals are kept and not shown.
 *
 * @param folder `CohortStore.proposalsFolder`; a folder that does not exist counts as empty
 * @param activeVersion null if no model is active; then all are returned, the newest first
 */
export async function proposalsInOrder(folder: string, activeVersion: number | null): Promise<ProposalEntry[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith(PROPOSAL_ENDING));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  // The engine names a proposal `<model version>-<model>-<image>-<axis>`.
  const versionOf = (name: string) => (activeVersion === null ? 0 : Number.parseInt(name, 10));
  const entries = await Promise.all(
    names
      .filter((name) => versionOf(name) <= (activeVersion ?? 0))
      .map(async (name) => {
        const path = join(folder, name);
        return { path, writtenMs: (await stat(path)).mtimeMs, version: versionOf(name) };
      }),
  );
  return entries
    .sort((a, b) => b.version - a.version || b.writtenMs - a.writtenMs)
    .map(({ path, writtenMs }) => ({ path, writtenMs }));
}
