import { VoxelLoopError } from '../../errors.ts';
import type { CaseDocument } from './case-document.ts';

/** What an editor showed when its user decided. */
interface SeenState {
  /** The document's revision, which says what the labels were. */
  readonly revision: number;
  /** The proposal whose voxels were shown. It is null where none were. */
  readonly proposalId: string | null;
}

/** A decision was made on labels or on a proposal that were replaced before it arrived. Nothing has changed. */
export class StaleDecisionError extends VoxelLoopError {
  readonly code = 'stale-decision';
}

/**
 * A decision counts for what the person saw and for nothing else: a prediction in the background, a rollback or another
 * editor may have put something else under it on its way.
 * @throws StaleDecisionError
 */
export function checkSeen(document: Pick<CaseDocument, 'revision' | 'proposal'>, seen: SeenState): void {
  if ((document.proposal?.id ?? null) !== seen.proposalId) {
    throw new StaleDecisionError('The proposal changed meanwhile; look again.');
  }
  checkSeenLabels(document, seen.revision);
}

/**
 * Does what `checkSeen` does for a decision in which no proposal plays a part.
 * @throws StaleDecisionError
 */
export function checkSeenLabels({ revision }: Pick<CaseDocument, 'revision'>, seen: number): void {
  if (revision !== seen) throw new StaleDecisionError('The labels changed meanwhile; look again.');
}
