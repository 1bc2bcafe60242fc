import type { DocumentEdit } from '../../../core/case/document/document-edit.ts';
import type { Subscribe } from '../../../core/emitter.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { VolumeSummary } from '../../../core/volume/volume-schemas.ts';
import type { ReopeningVolume } from '../../volume-worker/reopening-volume.ts';
import type { CaseSession } from '../session/case-session.ts';

/** The voxels of an open image, wherever they are read. */
export type ServedImage = Pick<ReopeningVolume, 'slice' | 'statistics' | 'answer'> & {
  readonly summary: VolumeSummary;
};

/** A file that is open in editors, with the case that its labels belong to. */
export interface HostedDocument {
  /** The document's address: it is the same for all of its editors, and for the next one after a restart. */
  readonly id: string;
  /** The session is null where labels cannot be kept, and `readOnlyReason` then says why. */
  readonly session: CaseSession | null;
  /** The volume is null where the file was refused (`refusal`). */
  readonly volume: ServedImage | null;
  /** The reason, as a sentence, why the file cannot even be shown. */
  readonly refusal: string | null;
  /** The reason, as a sentence, why nothing can be drawn. */
  readonly readOnlyReason: string | null;
  /** That reason lasts until the user has decided what becomes of labels whose image was replaced. */
  readonly awaitsDecision: boolean;
  /**
   * Fires when another image is shown, or when it has changed whether it can be drawn on. The session has events of its
   * own.
   */
  readonly onDidShowAnew: Subscribe<void>;
  /**
   * Makes an edit that can be undone where the editors are.
   * @param editor the editor that asked for it, so that it recognises its own stroke
   */
  perform(edit: DocumentEdit, editor: object, strokeId?: number): void;
  /** Resolves when the save has ended, and the user knows of any failure. */
  askToSave(): Promise<void>;
}

/** The editor asks for something that this document cannot do, or asks on a state that is gone. */
export class EditorRequestError extends VoxelLoopError {
  constructor(
    readonly code: 'read-only' | 'stale-revision' | 'no-such-proposal' | 'no-such-labels' | 'no-such-box',
    message: string,
  ) {
    super(message);
  }
}

/** This is said where a document has no sentence of its own; we know of no way that leads there. */
const NOTHING_TO_WORK_ON = 'There are no labels here that can be worked on. Close the editor and open the file again.';

/** @throws EditorRequestError where the file was refused */
export function imageOf({ volume, refusal }: HostedDocument): ServedImage {
  if (!volume) throw new EditorRequestError('read-only', refusal ?? NOTHING_TO_WORK_ON);
  return volume;
}

/** @throws EditorRequestError where labels cannot be kept */
export function sessionOf({ session, readOnlyReason }: HostedDocument): CaseSession {
  if (!session) throw new EditorRequestError('read-only', readOnlyReason ?? NOTHING_TO_WORK_ON);
  return session;
}

/** The session, for a change. @throws EditorRequestError where nothing can be drawn for the time being */
export function writableSessionOf(document: HostedDocument): CaseSession {
  const { readOnlyReason } = document;
  if (readOnlyReason !== null) throw new EditorRequestError('read-only', readOnlyReason);
  return sessionOf(document);
}
