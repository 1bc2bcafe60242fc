import type { EditorAction } from '../actions/editor-action.ts';
import type { CrosshairPen } from '../drawing/crosshair-pen.ts';
import type { Drawing } from '../drawing/drawing.ts';
import type { ViewAction } from '../looking/view-action.ts';
import type { AdjudicationFlow } from '../reviewing/adjudication-flow.ts';
import type { ReviewFlow } from '../reviewing/review-flow.ts';
import type { SecondReview } from '../reviewing/second-review.ts';
import type { DocumentSession } from '../session/document-session.ts';

/** These carry out what the user asks for. */
export interface ActionTargets {
  readonly session: DocumentSession;
  readonly drawing: Drawing;
  readonly pen: CrosshairPen;
  readonly reviewing: ReviewFlow;
  readonly adjudicating: AdjudicationFlow;
  readonly secondReview: SecondReview;
  /** The slice along the review axis that is shown. */
  readonly reviewSlice: number | undefined;
  applyView(action: ViewAction): void;
  escape(): void;
  toggleHelp(): void;
}

/** @param isSeen true if the user asked for it on the screen, with the document in front of them */
export function performAction(action: EditorAction, isSeen: boolean, targets: ActionTargets): void {
  const { session, drawing, reviewing, adjudicating, reviewSlice } = targets;
  switch (action.kind) {
    case 'review':
      reviewing.review(action.action, action.slice, isSeen);
      return;
    case 'mark-range':
      reviewing.markRange();
      return;
    case 'extend-range':
      reviewing.extendRange(action.slice);
      return;
    case 'next-to-review':
      reviewing.next();
      return;
    case 'next-disagreement':
      reviewing.inTurn(async () => adjudicating.next());
      return;
    case 'adjudicate': {
      const seen = targets.secondReview.summary?.id;
      reviewing.inTurn(() => adjudicating.decide(action.take, seen, isSeen));
      return;
    }
    case 'hide-second-reviewer':
      session.hideSecondReviewer();
      return;
    case 'host-command':
      // Undo must never run underneath a stroke: the stroke first becomes an edit that the host knows of.
      drawing.commit();
      if (!drawing.work) void session.command(action.command);
      // What is not drawn yet is undone by not drawing it.
      else if (action.command === 'undo') drawing.stopWork();
      else void drawing.workedOut().then(() => session.command(action.command));
      return;
    case 'add-label':
      void session.decisions.addLabel(action.name).then((label) => {
        if (label !== undefined) targets.applyView({ kind: 'set-active-label', label });
      });
      return;
    case 'edit-label':
      void session.decisions.editLabel(action.label, action.entry);
      return;
    case 'decide':
      session.decide();
      return;
    case 'show-slice-history':
      if (reviewSlice !== undefined) session.showSliceHistory(reviewSlice);
      return;
    case 'toggle-crosshair-pen':
      targets.pen.toggle();
      return;
    case 'escape':
      targets.escape();
      return;
    case 'toggle-help':
      targets.toggleHelp();
      return;
    default:
      targets.applyView(action);
  }
}
