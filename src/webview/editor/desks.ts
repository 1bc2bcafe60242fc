import type { Vec3 } from '../../core/geometry/vector.ts';
import type { Asking } from '../dialogue/asking.ts';
import type { EditorVoice } from '../dialogue/editor-voice.ts';
import type { CrosshairDesk } from '../drawing/crosshair-pen.ts';
import type { Drawing, DrawingDesk } from '../drawing/drawing.ts';
import type { ViewAction } from '../looking/view-action.ts';
import type { ViewState } from '../looking/view-state.ts';
import type { ReviewDesk } from '../reviewing/review-flow.ts';
import type { DocumentSession } from '../session/document-session.ts';
import type { ShownDocument } from './shown-document.ts';

/** The desks are made from this: the editor, as its own parts see it. */
export interface DeskSource {
  readonly editor: ShownDocument & { readonly whyNotDraw: string | undefined };
  readonly session: DocumentSession;
  readonly voice: EditorVoice;
  readonly asking: Asking;
  readonly view: ViewState | undefined;
  /** The voxel that the user points at, with the pointer or with the crosshair. */
  readonly pointedVoxel: Vec3 | undefined;
  /** Tells whether the case judges models. */
  readonly heldOut: boolean;
  applyView(action: ViewAction, keepsStroke?: boolean): void;
  /** Is called when the labels look different. */
  drawn(): void;
  /** Is called when work that takes long has begun, goes on or has ended. */
  workChanged(): void;
  /** Is called when the user decides about the slice that is shown. */
  lookedAt(): void;
  rangeChanged(): void;
}

export function drawingDesk(source: DeskSource): DrawingDesk {
  const { session, voice } = source;
  return {
    session,
    get view() {
      return source.view;
    },
    get whyNotDraw() {
      return source.editor.whyNotDraw;
    },
    notify: (text) => voice.notify(text, 'info'),
    tellError: (error) => voice.tellError(error),
    announce: (text) => voice.announce(text),
    drawn: () => source.drawn(),
    workChanged: () => source.workChanged(),
  };
}

export function crosshairDesk(source: DeskSource, drawing: Drawing): CrosshairDesk {
  const { voice } = source;
  return {
    get open() {
      return source.editor.open;
    },
    drawing,
    applyView: (action, keepsStroke) => source.applyView(action, keepsStroke),
    notify: (text) => voice.notify(text, 'info'),
    announce: (text) => voice.announce(text),
  };
}

export function reviewDesk(source: DeskSource, drawing: Drawing): ReviewDesk {
  const { editor, session, voice } = source;
  return {
    session,
    get open() {
      return editor.open;
    },
    get labelTable() {
      return editor.labelTable;
    },
    get statuses() {
      return editor.statuses;
    },
    get waiting() {
      return editor.waiting;
    },
    get proposedWithLabels() {
      return editor.proposedWithLabels;
    },
    get uncertainty() {
      return editor.uncertainty ?? [];
    },
    get pointedVoxel() {
      return source.pointedVoxel;
    },
    get heldOut() {
      return source.heldOut;
    },
    get unusable() {
      return editor.unusable;
    },
    lookedAt: () => source.lookedAt(),
    ask: (question) => source.asking.ask(question),
    isProposedAt: (voxel) => editor.labelAt(voxel)?.proposed ?? false,
    settleStrokes: () => drawing.settle(),
    get whyWait() {
      return drawing.whyWait;
    },
    applyView: (action) => source.applyView(action),
    notify: (text) => voice.notify(text, 'info'),
    announce: (text) => voice.announce(text),
    tellError: (error) => voice.tellError(error),
    rangeChanged: () => source.rangeChanged(),
  };
}
