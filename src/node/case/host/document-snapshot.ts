import { proposalSummaryOf, rejectionsOf } from '../../../core/case/document/document-change.ts';
import { severalLabelMapsOf } from '../../../core/cohort/files/layouts/several-label-maps.ts';
import { type DisplayConvention, slicePlanes } from '../../../core/geometry/slice-plane.ts';
import { DEFAULT_LABEL_TABLE } from '../../../core/label/table/label-table.ts';
import type { DocumentSnapshot } from '../../../core/protocol/editor-contract.ts';
import type { VolumeSummary } from '../../../core/volume/volume-schemas.ts';
import type { CaseSession } from '../session/case-session.ts';
import { type HostedDocument, imageOf } from './hosted-document.ts';

/**
 * Makes everything that an editor needs to start, except for voxels. @throws EditorRequestError where the file was
 * refused
 */
export function snapshotOf(shown: HostedDocument, hostId: string, convention: DisplayConvention): DocumentSnapshot {
  const { summary } = imageOf(shown);
  const { id: documentId, session, readOnlyReason, awaitsDecision } = shown;
  if (!session) {
    return {
      documentId,
      hostId,
      imageStamp: '',
      ...emptyCase(summary, convention),
      volume: summary,
      convention,
      readOnlyReason,
      awaitsDecision,
    };
  }
  const { document } = session;
  return {
    documentId,
    hostId,
    imageStamp: session.imageFile.known.stamp,
    revision: document.revision,
    volume: { ...summary, warnings: [...summary.warnings, ...session.warnings, ...whichLabels(session)] },
    convention,
    labelTable: [...document.table],
    reviewPlane: document.reviewPlane,
    review: [...document.review],
    rejections: rejectionsOf(document),
    proposal: proposalSummaryOf(document),
    readOnlyReason,
    awaitsDecision,
  };
}

/** Another person's labels, and one label map of several, look like any others, so the user must be told. */
function whichLabels({ files }: CaseSession): string[] {
  if (files.reviewer !== undefined) {
    return [
      `These are the labels of ${files.reviewer}, a second reviewer: they are compared with the first ones and never trained on.`,
    ];
  }
  const several = severalLabelMapsOf('This image', files);
  return several === null ? [] : [several];
}

/** A volume that can only be looked at. */
function emptyCase(summary: VolumeSummary, convention: DisplayConvention) {
  const plane = slicePlanes(summary.grid, convention).axial;
  return {
    revision: 0,
    labelTable: [...DEFAULT_LABEL_TABLE],
    reviewPlane: plane.name,
    review: new Array<'unreviewed'>(plane.sliceCount).fill('unreviewed'),
    rejections: [],
    proposal: null,
  };
}
