import * as v from 'valibot';
import { bytes, count, integer, nothing, vec3 } from '../basic-schemas.ts';
import { documentChange, proposalSummary, reviewIntent, sliceReviewState } from '../case/document/document-schemas.ts';
import { plane } from '../geometry/geometry-schemas.ts';
import { labelEntry, labelTable } from '../label/label-table-schema.ts';
import { sentGesture, toolAction } from '../tools/known-tools.ts';
import { TOOLS } from '../tools/registry.ts';
import { intensityStatistics, sliceImage, volumeSummary, window } from '../volume/volume-schemas.ts';
import { caseAgreement } from './agreement-schema.ts';
import type { Contract } from './contract.ts';

const convention = v.picklist(['radiological', 'neurological']);

/** A second person's labels beside the document's, as the editor sees them: voxels are asked for apart. */
export const secondReviewerSummary = v.strictObject({
  /** Another one whenever the voxels or their meaning are others. */
  id: v.string(),
  /** What the user reads. */
  reviewer: v.string(),
  /** Slices along the review axis that were decided between the two. */
  adjudicated: v.array(count),
});
export type SecondReviewerSummary = v.InferOutput<typeof secondReviewerSummary>;

/** Everything an editor needs to start, but for voxels. */
export const documentSnapshot = v.strictObject({
  /** The document's URI. */
  documentId: v.string(),
  /** Another one for every process that has owned this document: what was sent to one never reaches the next. */
  hostId: v.string(),
  /** Counts the edits of the document, undo and redo included. A stroke names the revision it was drawn on. */
  revision: integer,
  volume: volumeSummary,
  convention,
  labelTable,
  /** The plane along whose slices this case is reviewed. */
  reviewPlane: plane,
  /** By slice along the review axis. */
  review: v.array(sliceReviewState),
  /** Slices along the review axis on which other proposals than the current one were rejected. */
  rejections: v.array(v.strictObject({ proposalId: v.string(), slices: v.array(count) })),
  proposal: v.nullable(proposalSummary),
  /** Why nothing can be drawn, as a sentence; null: drawing is possible. */
  readOnlyReason: v.nullable(v.string()),
  /** That reason lasts until the user has decided something, which can be asked for (`decide`). */
  awaitsDecision: v.boolean(),
});
export type DocumentSnapshot = v.InferOutput<typeof documentSnapshot>;

/** `AcceptanceFigures` of `core/cohort`. */
const acceptanceFigures = v.strictObject({
  slices: count,
  notShown: count,
  rejected: count,
  doubtful: count,
  empty: count,
});

/** The second reviewer's labels (`SecondReviewerSummary.id`) and the document's revision. */
const seenLabels = { id: v.string(), revision: integer };

/** Commands of VS Code that an editor may ask for. `next-to-review`: nothing is left to review in this case. */
export const hostCommand = v.picklist(['predict', 'retrain', 'undo', 'redo', 'save', 'next-to-review']);
export type HostCommand = v.InferOutput<typeof hostCommand>;

/** A place to look at. */
export const placeToShow = v.strictObject({
  /** Where the crosshair goes; outside the volume: the nearest voxel. */
  voxel: vec3,
  /** What shall be in view around it, in voxels along i, j, k; absent: the zoom stays. */
  extentVoxels: v.optional(vec3),
});
export type PlaceToShow = v.InferOutput<typeof placeToShow>;

/** What the extension host answers and hears: spoken by the webview. */
export const hostContract = {
  requests: {
    /** First request of every editor. Answers when the header is read; voxels may still be loading. */
    open: { params: nothing, result: documentSnapshot },
    /** One slice of the image, the way round that `convention` says. Waits until its voxels are loaded. */
    slice: { params: v.strictObject({ plane, index: count, timeIndex: count, convention }), result: sliceImage },
    /** Statistics and default window of one time point. Waits until the volume is loaded. */
    statistics: {
      params: v.strictObject({ timeIndex: count }),
      result: v.strictObject({ statistics: intensityStatistics, window }),
    },
    /** The whole label map at the current revision, as `encodeLabelMap` writes it. */
    labelVoxels: { params: nothing, result: v.strictObject({ revision: integer, labels: bytes }) },
    /** All voxels of a proposal (taken and rejected slices too), as `encodeLabelMap` writes it. */
    proposalVoxels: { params: v.strictObject({ proposalId: v.string() }), result: bytes },
    /**
     * Draw. The host rasterizes with the same code as the webview, and answers after it has told every editor of the
     * change (`documentChanged`) and has put it where a crash of its process leaves it. Rejects with code `stale-revision` if the stroke was drawn on a revision that the
     * host does not hold any more: the editor rolls back and asks for `labelVoxels`. What cannot be
     * drawn, and a tool that the host does not know, are refused with a sentence (`parseGesture`).
     */
    stroke: {
      params: v.strictObject({ revision: integer, strokeId: integer, stroke: sentGesture }),
      result: v.strictObject({ revision: integer }),
    },
    /**
     * Decide. `revision` and `proposalId` say what was on the screen: rejects with code `stale-decision` if the host holds
     * another (`checkSeen`); by then it has told the editor what it holds. With `asks` nothing was done yet: the user must
     * say what is meant, and the editor asks again. `says` is a sentence for the user.
     */
    review: {
      params: v.strictObject({ revision: integer, proposalId: v.nullable(v.string()), intent: reviewIntent }),
      result: v.strictObject({
        revision: integer,
        asks: v.exactOptional(acceptanceFigures),
        says: v.exactOptional(v.string()),
      }),
    },
    /** All voxels of the second reviewer's labels, in the case's labels, as `encodeLabelMap` writes them. */
    secondReviewerVoxels: { params: v.strictObject({ id: v.string() }), result: bytes },
    /**
     * Decide a slice along the review axis between the two, or take one piece of disagreement. `id` and `revision` say whose
     * labels and which of the document's were on the screen, as for `review`.
     */
    adjudicate: {
      params: v.variant('take', [
        v.strictObject({ take: v.picklist(['mine', 'theirs']), slice: count, ...seenLabels }),
        v.strictObject({ take: v.literal('theirs-here'), voxel: vec3, ...seenLabels }),
      ]),
      result: v.strictObject({ revision: integer }),
    },
    /** How far the two agree about this case, as the labels are now. */
    agreement: { params: nothing, result: caseAgreement },
    /** Run one of VS Code's commands on this document, as if from the palette. Answers when the command has ended. */
    command: { params: v.strictObject({ command: hostCommand }), result: nothing },
    addLabel: { params: v.strictObject({ name: v.string() }), result: v.strictObject({ label: count }) },
    editLabel: { params: v.strictObject({ label: count, entry: labelEntry }), result: nothing },
  },
  events: {
    /** Somebody works (pointer, keys, scrolling) while this slice along the review axis is shown; told now and then. */
    activity: v.strictObject({ slice: count }),
    /**
     * This slice along the review axis was on the screen long enough to be looked at, at that revision and with that
     * proposal (null: none).
     */
    shown: v.strictObject({ slice: count, revision: integer, proposalId: v.nullable(v.string()) }),
    /** Show what happened to this slice along the review axis. */
    sliceHistory: v.strictObject({ slice: count }),
    hideSecondReviewer: nothing,
    /** Ask what `awaitsDecision` waits for. */
    decide: nothing,
    /** The first slice of the image is on the screen (measured from `open`; for the log and the benchmark). */
    firstSliceShown: nothing,
    /** Something in the webview failed; logged, never shown as a stack trace. */
    defect: v.strictObject({ message: v.string(), stack: v.string() }),
  },
} as const satisfies Contract;

/** What the webview answers and hears: spoken by the extension host. */
export const editorContract = {
  requests: {
    /** Ends the stroke that is open; answered when the host has answered all that changes or saves what is drawn. */
    settle: { params: nothing, result: nothing },
  },
  events: {
    documentChanged: documentChange,
    /** A new proposal, or none any more. */
    proposalChanged: v.strictObject({ proposal: v.nullable(proposalSummary) }),
    /** A second reviewer's labels are shown, others, or none any more; or a slice was decided. Told after every `open`. */
    secondReviewerChanged: v.strictObject({ secondReviewer: v.nullable(secondReviewerSummary) }),
    /** The document was reverted or replaced on disk, or is to be shown the other way round: start over from `open`. */
    reset: nothing,
    loadProgress: v.strictObject({ fraction: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
    /**
     * Which model predicts ("model 3"), if any, which engine ran last ("ONNX Runtime CPU"), and whether the case is held out
     * to judge models.
     */
    status: v.strictObject({
      modelName: v.nullable(v.string()),
      /** What to do where no model predicts; null: one does, or it is not known. */
      noModel: v.nullable(v.string()),
      engineName: v.nullable(v.string()),
      heldOut: v.boolean(),
    }),
    /** A palette command that only the editor can carry out (it knows the slice, the tool, the brush). */
    perform: v.strictObject({
      action: v.picklist([
        ...TOOLS.map(({ id }) => toolAction(id)),
        'accept-slice',
        'accept-all',
        'reject-slice',
        'reject-all',
        'unaccept-slice',
        'mark-range',
        'accept-component',
        'reject-component',
        'accept-label',
        'next-unreviewed-slice',
        'tool-navigate',
        'brush-larger',
        'brush-smaller',
        'slice-forward',
        'slice-backward',
        'reset-window',
        'toggle-labels',
        'show-slice-history',
        'next-disagreement',
        'take-mine',
        'take-theirs',
        'take-theirs-here',
      ]),
    }),
    /** Moves the crosshair and zooms, e.g. to what the review queue names. Kept until the document is open. */
    goTo: placeToShow,
    /** One sentence for the editor's own message line, e.g. why a stroke was refused. */
    notice: v.strictObject({ text: v.string() }),
  },
} as const satisfies Contract;

export type HostContract = typeof hostContract;
export type EditorContract = typeof editorContract;
