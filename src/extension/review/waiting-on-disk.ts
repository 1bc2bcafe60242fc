import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCaseRecord } from '../../core/cohort/case-record.ts';
import type { CohortCase } from '../../core/cohort/layout.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { listCohort } from '../../node/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { isMissing } from '../../node/missing-file.ts';
import { PROPOSAL_ENDING, readProposalFacts } from '../../node/proposal-file.ts';
import type { WaitingProposal } from '../../node/waiting-proposals.ts';

/** The newest proposal of every case of the cohort, with the slices on which it waits. */
export async function waitingOnDisk(store: CohortStore): Promise<WaitingProposal[]> {
  const { layout } = await listCohort(store.root);
  const found = await Promise.all(layout.cases.map((each) => waitingOf(store, each)));
  return found.filter((each) => each !== null);
}

async function waitingOf(store: CohortStore, { files, labelled }: CohortCase): Promise<WaitingProposal | null> {
  const path = await newestProposal(store.proposalsFolder(files.id));
  if (path === null) return null;
  const record = labelled ? await readText(store.caseRecordPath(files.id)) : null;
  // Labels that came without a record are complete.
  if (labelled && record === null) return null;
  try {
    const facts = await readProposalFacts(path);
    if (!facts) return null;
    const slices = record === null ? null : parseCaseRecord(record).slices;
    const pendingSlices = facts.uncertainty.flatMap((_, slice) => {
      const { state = 'unreviewed', rejectedProposal } = slices?.[slice] ?? {};
      return state === 'unreviewed' && rejectedProposal !== facts.id ? [slice] : [];
    });
    return { files, path, pendingSlices };
  } catch (error) {
    if (error instanceof VoxelLoopError) return null;
    throw error;
  }
}

async function newestProposal(folder: string): Promise<string | null> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith(PROPOSAL_ENDING));
    const files = await Promise.all(
      names.map(async (name) => ({ path: join(folder, name), ms: (await stat(join(folder, name))).mtimeMs })),
    );
    return files.sort((a, b) => b.ms - a.ms)[0]?.path ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
