import { join } from 'node:path';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { CaseToQueue } from '../../../core/cohort/review/queued-cases.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { Vec3 } from '../../../core/geometry/vector.ts';
import type { CohortStore } from '../state/cohort-store.ts';
import { PROPOSAL_ENDING, type ProposalFacts, readProposalFacts } from './proposal-file.ts';

/** A case whose current proposal waits for a person on some slices. */
export interface WaitingProposal {
  readonly files: CaseFiles;
  /** The absolute path of the proposal file. */
  readonly path: string;
  /** The slices are in ascending order. */
  readonly pendingSlices: readonly number[];
}

/** The facts that the review queue knows of a case. */
export interface CaseInQueue extends CaseToQueue {
  readonly files: CaseFiles;
  /** The absolute path of the proposal file. */
  readonly path: string;
  /** The labels of the proposal's components have their meaning in this table. */
  readonly labels: ProposalFacts['labels'];
  readonly shape: Vec3;
}

/** Only so many proposals are read at once, so that a cohort does not run out of file handles. */
const READS_AT_ONCE = 16;

/** The path of the proposal with this id. */
export function proposalPath(store: CohortStore, caseId: string, proposalId: string): string {
  return join(store.proposalsFolder(caseId), proposalId + PROPOSAL_ENDING);
}

/** Reads the facts of proposals, each once, because proposal files never change. */
export class ProposalFactsReader {
  #known = new Map<string, ProposalFacts>();

  /**
   * Reads what the queue needs of cases that wait. A case whose proposal is gone or damaged is left out, because
   * predicting makes it anew. Facts that are not asked for again are forgotten.
   */
  async read(waiting: readonly WaitingProposal[], onDamaged: (error: VoxelLoopError) => void): Promise<CaseInQueue[]> {
    const known = new Map<string, ProposalFacts>();
    let next = 0;
    const reader = async () => {
      while (next < waiting.length) {
        const { path } = waiting[next++];
        const facts = this.#known.get(path) ?? (await factsOrNull(path, onDamaged));
        if (facts) known.set(path, facts);
      }
    };
    await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, waiting.length) }, reader));
    this.#known = known;
    return waiting.flatMap(({ files, path, pendingSlices }) => {
      const facts = known.get(path);
      if (!facts) return [];
      const { components, reviewAxis, labels, image } = facts;
      return [
        {
          id: files.id,
          files,
          path,
          signals: facts,
          pendingSlices,
          components,
          reviewAxis,
          labels,
          shape: image.shape,
        },
      ];
    });
  }
}

async function factsOrNull(path: string, onDamaged: (error: VoxelLoopError) => void): Promise<ProposalFacts | null> {
  try {
    return await readProposalFacts(path);
  } catch (error) {
    if (!(error instanceof VoxelLoopError)) throw error;
    onDamaged(error);
    return null;
  }
}
