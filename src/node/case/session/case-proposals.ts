import { relabelForCase } from '../../../core/case/document/relabel-proposal.ts';
import type { Proposal } from '../../../core/case/state/proposal.ts';
import { expectedGains } from '../../../core/cohort/review/expected-gain.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { proposalsInOrder } from '../../cohort/proposals/current-proposal.ts';
import {
  type ProposalFacts,
  type ProposalFile,
  ProposalFileError,
  readProposalFacts,
} from '../../cohort/proposals/proposal-file.ts';
import type { VolumeWorkerClient } from '../../volume-worker/volume-worker-client.ts';
import type { CaseSession } from './case-session.ts';

/**
 * The number of slices on which a proposal waits with labels, and the number on which it says that there is nothing.
 */
interface ProposedSlices {
  readonly labelled: number;
  readonly empty: number;
}

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
): ProposedSlices {
  const { facts, labelMap } = file;
  const { labels, table } = relabelForCase(labelMap, facts.labels, session.document.table);
  if (table !== session.document.table) addLabels(table);
  session.setProposal(proposalOf(facts, labels, table));
  const { document } = session;
  const waiting = [...document.review.keys()].filter((slice) => document.isProposed(slice));
  const labelled = waiting.filter((slice) => document.proposesLabelsOn(slice)).length;
  return { labelled, empty: waiting.length - labelled };
}

/**
 * Shows a proposal that nobody asked for just now, but only if that takes no edit of the labels.
 * @throws ProposalMismatchError
 */
export function showProposalIfItFits(session: CaseSession, { facts, labelMap }: ProposalFile): void {
  const { document } = session;
  const { labels, table } = relabelForCase(labelMap, facts.labels, document.table);
  if (table !== document.table || facts.reviewAxis !== document.reviewAxis) return;
  session.setProposal(proposalOf(facts, labels, table));
}

/** @param labels the voxels, in indices of `table` */
function proposalOf(facts: ProposalFacts, labels: ReadonlyLabelMap, table: LabelTable): Proposal {
  const { id, modelVersion, modelName } = facts;
  const components = facts.components.map(({ label, uncertainty, min, max }) => ({
    label: table.findIndex(({ value }) => value === facts.labels[label]?.value),
    uncertainty,
    min,
    max,
  }));
  return {
    id,
    modelVersion,
    modelName,
    labels,
    // Editors go through slices in the same order as the review queue.
    uncertainty: expectedGains(facts),
    components: components.filter(({ label }) => label > 0),
  };
}

/** These facts say which proposal a case is to show. */
type ProposedCase = Pick<CaseSession, 'store' | 'files' | 'grid'> & {
  readonly document: Pick<CaseSession['document'], 'reviewAxis'>;
};
type ProposalReader = Pick<VolumeWorkerClient, 'fingerprint' | 'readProposal'>;

/**
 * The proposal on the disk that a case is to show (`proposalsInOrder`), if it is of the images as they are now; it is
 * null if there is none. It must be shown at once, because it is that of the model that is active when this resolves.
 *
 * @throws ProposalFileError, FileAccessError
 */
export async function proposalToShow(session: ProposedCase, worker: ProposalReader): Promise<ProposalFile | null> {
  for (;;) {
    const active = await activeVersion(session);
    const file = await savedProposal(session, worker, active);
    // Reading takes long, and another version may have become active meanwhile.
    if (active === (await activeVersion(session))) return file;
  }
}

/**
 * The proposal that a case is to show when its prediction has ended: the new one, unless another version became active
 * meanwhile (by a rollback, or a training that ended); then it is what `proposalToShow` says. It must be shown at once,
 * too.
 *
 * @param path the file that was made
 * @throws ProposalFileError, also if the file is gone again; FileAccessError
 */
export async function proposalAfterPrediction(
  session: ProposedCase,
  worker: ProposalReader,
  path: string,
): Promise<ProposalFile | null> {
  const file = await worker.readProposal(path, session.grid.shape);
  if (!file) throw new ProposalFileError('The proposal disappeared before it could be shown. Predict again.');
  return file.facts.modelVersion === (await activeVersion(session)) ? file : proposalToShow(session, worker);
}

/** The active version. It is null if there is none, or it cannot be read (the view of the models says so). */
function activeVersion({ store }: ProposedCase): Promise<number | null> {
  return store.models.active().catch(() => null);
}

async function savedProposal(
  session: ProposedCase,
  worker: ProposalReader,
  active: number | null,
): Promise<ProposalFile | null> {
  const entries = await proposalsInOrder(session.store.proposalsFolder(session.files.id), active);
  const channels = [...new Set(session.files.channels)];
  let fingerprints: readonly string[] | undefined;
  for (const { path } of entries) {
    const facts = await readProposalFacts(path);
    if (!facts || facts.reviewAxis !== session.document.reviewAxis) continue;
    fingerprints ??= await Promise.all(channels.map((channel) => worker.fingerprint(channel)));
    if (!fingerprints.every((fingerprint) => facts.image.fingerprints.includes(fingerprint))) continue;
    const file = await worker.readProposal(path, session.grid.shape);
    if (file) return file;
  }
  return null;
}
