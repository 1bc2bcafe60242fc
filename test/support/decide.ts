import type { CaseDocument } from '../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../src/core/case/document/document-edit.ts';
import type { ReviewIntent } from '../../src/core/case/document/document-schemas.ts';
import { planReview } from '../../src/core/case/document/review-intents.ts';
import type { Reviewer } from '../../src/core/case/state/slice-provenance.ts';

/** `planReview` of somebody who has looked at every slice and means all that the intent names. */
export function planDecision(document: CaseDocument, intent: ReviewIntent, reviewer: Reviewer): DocumentEdit | null {
  document.markShown(document.review.keys(), document.proposal?.id ?? null);
  return planReview(document, 'from' in intent ? { ...intent, doubtful: 'accept' } : intent, reviewer);
}
