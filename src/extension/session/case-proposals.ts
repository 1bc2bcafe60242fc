import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { relabelForCase } from '../../core/cohort/relabel-proposal.ts';
import { isMissing } from '../../node/missing-file.ts';
import { PROPOSAL_ENDING, type ProposalFile, readProposalFile } from '../../node/proposal-file.ts';
import type { VolumeWorkerClient } from '../../node/volume-worker/volume-worker-client.ts';
import type { CaseSession } from './case-session.ts';

/**
 * Shows a proposal on a case. If it uses labels that the case lacks, they are added first, which is an edit.
 *
 * @param addLabels makes that edit
 * @returns the slices along the review axis that now show as proposed
 * @throws ProposalMismatchError
 */
export function showProposal(
  session: CaseSession,
  file: ProposalFile,
  addLabels: (table: CaseSession['document']['table']) => void,
): number {
  const { facts, labelMap } = file;
  const { labels, table } = relabelForCase(labelMap, facts.labels, session.document.table);
  if (table !== session.document.table) addLabels(table);
  const { id, modelVersion, modelName, uncertainty } = facts;
  session.setProposal({ id, modelVersion, modelName, labels, uncertainty });
  const { document } = session;
  return document.review.filter((_, slice) => document.isProposed(slice)).length;
}

/**
 * The newest proposal on disk for a case, if it is still of the images as they are; null: none.
 * @throws ProposalFileError, FileAccessError
 */
export async function newestProposal(session: CaseSession, worker: VolumeWorkerClient): Promise<ProposalFile | null> {
  const folder = session.store.proposalsFolder(session.files.id);
  const path = await newestFile(folder);
  if (path === null) return null;
  const file = await readProposalFile(path);
  if (!file || file.facts.reviewAxis !== session.document.reviewAxis) return null;
  const channels = [...new Set(session.files.channels)];
  const fingerprints = await Promise.all(channels.map((channel) => worker.fingerprint(channel)));
  const isOfTheseImages = fingerprints.every((fingerprint) => file.facts.image.fingerprints.includes(fingerprint));
  return isOfTheseImages ? file : null;
}

async function newestFile(folder: string): Promise<string | null> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const paths = names.filter((name) => name.endsWith(PROPOSAL_ENDING)).map((name) => join(folder, name));
  const times = await Promise.all(paths.map(async (path) => ({ path, changed: (await stat(path)).mtimeMs })));
  return times.sort((a, b) => b.changed - a.changed)[0]?.path ?? null;
}
