import type { DocumentChange } from '../../core/case/document/document-schemas.ts';
import type { AxisSlice } from '../../core/label/arriving-labels.ts';
import type { EditorContract } from '../../core/protocol/editor-contract.ts';
import type { Handlers } from '../../core/protocol/endpoint.ts';
import type { Query } from '../../core/tools/known-tools.ts';

/** The editor, as its session sees it. */
export interface SessionListener {
  /** The phase changed: the document was opened, failed, got its replica, or started over. */
  phaseChanged(): void;
  /** Labels, review states, label table or proposal changed, whoever changed them. */
  documentChanged(change: DocumentChange | undefined): void;
  /** The slices on the screen now, the most important one first. */
  shownSlices(): readonly AxisSlice[];
  /** The host fell silent, or answers again. */
  hostChanged(): void;
  /** Tells the user one sentence. */
  notice(text: string, severity: 'info' | 'error'): void;
  /** An earlier page had committed this query and could not be answered: it is to be asked again. */
  unanswered(query: Query): void;
  /** Reports to the log what should not happen. */
  defect(error: Error): void;
}

/** The host may ask and tell this, which does not concern the document. */
export type OtherEvents = Pick<
  Handlers<EditorContract>,
  'settle' | 'on:loadProgress' | 'on:status' | 'on:perform' | 'on:secondReviewerChanged' | 'on:goTo'
>;
