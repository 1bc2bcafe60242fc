import { DoubtfulAcceptanceError } from '../../../core/case/document/acceptance-doubts.ts';
import { planAdjudication, planTakePiece } from '../../../core/case/document/adjudicate.ts';
import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import { planGesture, planLabelChange, planNewLabel } from '../../../core/case/document/document-intents.ts';
import { LabelsAsShown } from '../../../core/case/document/labels-as-shown.ts';
import { planReview } from '../../../core/case/document/review-intents.ts';
import { checkSeen, checkSeenLabels } from '../../../core/case/document/seen-state.ts';
import type { Reviewer } from '../../../core/case/state/slice-provenance.ts';
import type { VoxelBox } from '../../../core/geometry/voxel-box.ts';
import { encodeLabelBox } from '../../../core/label/label-box.ts';
import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import type { HostContract } from '../../../core/protocol/editor-contract.ts';
import type { Handlers } from '../../../core/protocol/endpoint.ts';
import { parseGesture } from '../../../core/tools/known-tools.ts';
import type { HostServices } from './host-services.ts';
import { EditorRequestError, type HostedDocument, imageOf, writableSessionOf } from './hosted-document.ts';

type EditHandlers = Pick<
  Handlers<HostContract>,
  'stroke' | 'query' | 'review' | 'adjudicate' | 'addLabel' | 'editLabel'
>;

/** One editor, with what is needed to answer its user's requests. */
export interface AskingEditor {
  readonly document: HostedDocument;
  /**
   * The name of the person who decides there. It is asked for before anything is decided, so that nothing comes between
   * what was seen and what is decided.
   */
  reviewer(): Promise<string | undefined>;
  /** Resolves when every edit so far would outlive this process. */
  editsKept(): Promise<void>;
}

/**
 * Answers what changes a document. A page says what its user meant and on which state; the edit is planned here, on the
 * document as it is now, and is acknowledged when it would outlive this process.
 */
export function editRequests(editor: AskingEditor, services: HostServices): EditHandlers {
  const { document: shown } = editor;
  return {
    stroke: async ({ revision, strokeId, stroke }) => {
      const session = writableSessionOf(shown);
      if (revision > session.document.revision || revision < session.document.firstRevision) {
        throw new EditorRequestError('stale-revision', 'The labels were read again meanwhile; draw once more.');
      }
      const edit = planGesture(session.document, parseGesture(stroke));
      if (edit) shown.perform(edit, editor, strokeId);
      await editor.editsKept();
      return { revision: session.document.revision };
    },
    query: ({ query }, { signal, progress }) => {
      const { document } = writableSessionOf(shown);
      const { revision } = document;
      const labelBox = (box: VoxelBox) => {
        if (document.revision !== revision) {
          throw new EditorRequestError('stale-revision', 'The labels were changed meanwhile; draw once more.');
        }
        const labels = new LabelsAsShown(document);
        return encodeLabelBox({ shape: document.labels.shape, forEachRun: (...run) => labels.forEachRun(...run) }, box);
      };
      return imageOf(shown).answer({ query, labelBox, onProgress: progress }, signal);
    },
    review: async ({ intent, ...seen }) => {
      const who = await editor.reviewer();
      const session = writableSessionOf(shown);
      checkSeen(session.document, seen);
      const { document } = session;
      let edit: DocumentEdit | null;
      try {
        edit = planReview(document, intent, reviewerNow(who));
      } catch (error) {
        // The editor asks its user: only a person can say that slices which nobody has looked at are right.
        if (error instanceof DoubtfulAcceptanceError) return { revision: document.revision, asks: error.figures };
        throw error;
      }
      if (!edit) return { revision: document.revision };
      shown.perform(edit, editor);
      const { revision } = document;
      await editor.editsKept();
      const accepts = edit.review.some(({ after }) => after === 'accepted');
      const says = accepts ? await services.tellOfHolding(session) : undefined;
      return { revision, ...(says !== undefined && { says }) };
    },
    adjudicate: async (params) => {
      const who = await editor.reviewer();
      const session = writableSessionOf(shown);
      const opinion = services.secondReviewers.of(session);
      if (opinion?.id !== params.id) {
        throw new EditorRequestError('no-such-labels', 'The second reviewer changed meanwhile; look again.');
      }
      checkSeenLabels(session.document, params.revision);
      const edit =
        params.take === 'theirs-here'
          ? planTakePiece(session.document, opinion, params.voxel)
          : planAdjudication(session.document, opinion, params.take, params.slice, reviewerNow(who));
      if (edit) shown.perform(edit, editor);
      const { revision } = session.document;
      await editor.editsKept();
      return { revision };
    },
    addLabel: async ({ name }) => {
      const others = await services.cohortLabels(writableSessionOf(shown).store);
      const session = writableSessionOf(shown);
      const { edit, label } = planNewLabel(session.document, name, others);
      shown.perform(edit, editor);
      await editor.editsKept();
      return { label };
    },
    editLabel: ({ label, entry }) => {
      // An impossible change is refused at once; the question comes afterwards, and the page does not wait for it.
      if (planLabelChange(writableSessionOf(shown).document, label, entry)) {
        void changeLabel(editor, services, label, entry).catch((error) => services.reports.tell(error));
      }
      return {};
    },
  };
}

async function changeLabel(
  editor: AskingEditor,
  services: HostServices,
  label: number,
  entry: LabelEntry,
): Promise<void> {
  const scope = await services.scopeOfLabelChange(writableSessionOf(editor.document), entry);
  if (scope === undefined) return;
  const session = writableSessionOf(editor.document);
  const edit = planLabelChange(session.document, label, entry);
  if (!edit) return;
  session.decideLabelScope(entry.value, scope);
  editor.document.perform(edit, editor);
  await editor.editsKept();
}

function reviewerNow(who: string | undefined): Reviewer {
  return { when: new Date().toISOString(), ...(who !== undefined && { who }) };
}
