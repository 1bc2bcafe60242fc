import * as v from 'valibot';
import { bytes, count, fraction, integer, nothing, vec3 } from '../basic-schemas.ts';
import { documentChange, proposalSummary, reviewIntent, sliceReviewState } from '../case/document/document-schemas.ts';
import { plane } from '../geometry/geometry-schemas.ts';
import { labelEntry, labelTable } from '../label/table/label-table-schema.ts';
import { sentQuery } from '../tools/answer-query.ts';
import { sentGesture, toolAction } from '../tools/known-tools.ts';
import { TOOLS } from '../tools/registry.ts';
import { intensityStatistics, sliceImage, volumeSummary, window } from '../volume/volume-schemas.ts';
import { caseAgreement } from './agreement-schema.ts';
import type { Contract } from './contract.ts';

const convention = v.picklist(['radiological', 'neurological']);

/** A second person's labels beside the document's, as the editor sees them. Their voxels are asked for apart. */
export const secondReviewerSummary = v.strictObject({
  /** The id is a new one whenever the voxels or their meaning change. */
  id: v.string(),
  /** The name that the user reads. */
  reviewer: v.string(),
  /** Slices along the review axis that were decided between the two. */
  adjudicated: v.array(count),
});
export type SecondReviewerSummary = v.InferOutput<typeof secondReviewerSummary>;

/** Everything that an editor needs to start, except voxels. */
export const documentSnapshot = v.strictObject({
  /** The document's URI. */
  documentId: v.string(),
  /**
   * The id is a new one for every process that has owned this document: what was sent to one never reaches the next.
   */
  hostId: v.string(),
  /**
   * The stamp of the image's files, which changes when another image comes in their place. It is empty where nothing
   * can be drawn.
   */
  imageStamp: v.string(),
  /** It counts the edits of the document, undo and redo included. A stroke names the revision it was drawn on. */
  revision: integer,
  volume: volumeSummary,
  convention,
  labelTable,
  /** This case is reviewed along the slices of this plane. */
  reviewPlane: plane,
  /** The states by slice along the review axis. */
  review: v.array(sliceReviewState),
  /** Slices along the review axis on which other proposals than the current one were rejected. */
  rejections: v.array(v.strictObject({ proposalId: v.string(), slices: v.array(count) })),
  proposal: v.nullable(proposalSummary),
  /** A sentence that says why nothing can be drawn. It is null where drawing is possible. */
  readOnlyReason: v.nullable(v.string()),
  /** It is true when that reason lasts until the user has decided something, which can be asked for (`decide`). */
  awaitsDecision: v.boolean(),
});
export type DocumentSnapshot = v.InferOutput<typeof documentSnapshot>;

/** The schema of `AcceptanceFigures` in `core/case`. */
const acceptanceFigures = v.strictObject({
  slices: count,
  notShown: count,
  rejected: count,
  doubtful: count,
  empty: count,
});

/** The second reviewer's labels (`SecondReviewerSummary.id`) and the document's revision that were on the screen. */
const seenLabels = { id: v.string(), revision: integer };

/** Labels that an editor shows: the document's, all voxels of a proposal, or those of the second reviewer. */
const labelLayer = v.variant('of', [
  v.strictObject({ of: v.literal('document') }),
  v.strictObject({ of: v.literal('proposal'), proposalId: v.string() }),
  v.strictObject({ of: v.literal('second-reviewer'), id: v.string() }),
]);
export type LabelLayerName = v.InferOutput<typeof labelLayer>;

/** A place in the volume: i, j, k. */
const voxel = v.tuple([count, count, count]);

/**
 * An editor may ask for these commands of VS Code. `next-to-review` is for when nothing is left to review in this case.
 */
export const hostCommand = v.picklist(['predict', 'retrain', 'undo', 'redo', 'save', 'next-to-review']);
export type HostCommand = v.InferOutput<typeof hostCommand>;

/** A place to look at. */
export const placeToShow = v.strictObject({
  /** The crosshair goes there; for a place outside the volume it goes to the nearest voxel. */
  voxel: vec3,
  /** So much shall be in view around it, in voxels along i, j, k; without it the zoom stays. */
  extentVoxels: v.optional(vec3),
});
export type PlaceToShow = v.InferOutput<typeof placeToShow>;

/** The extension host answers and hears this; the webview speaks it. */
export const hostContract = {
  requests: {
    /**
     * This is the first request of every editor. It is answered when the header is read; voxels may still be loading.
     */
    open: { params: nothing, result: documentSnapshot },
    /** Asks for one slice of the image, the way round that `convention` says. It waits until its voxels are loaded. */
    slice: { params: v.strictObject({ plane, index: count, timeIndex: count, convention }), result: sliceImage },
    /** Asks for statistics and the default window of one time point. It waits until the volume is loaded. */
    statistics: {
      params: v.strictObject({ timeIndex: count }),
      result: v.strictObject({ statistics: intensityStatistics, window }),
    },
    /**
     * Asks for the voxels of a layer in a box, as `encodeLabelBox` writes them, and the document's revision at which
     * they were cut. By the time of the answer the editor has been told of every change up to that revision. A proposal
     * and a second reviewer's labels are the same at every revision. A level of detail belongs beside `box`, once there
     * are levels.
     */
    labelBox: {
      params: v.strictObject({ layer: labelLayer, box: v.strictObject({ from: voxel, to: voxel }) }),
      result: v.strictObject({ revision: integer, labels: bytes }),
    },
    /**
     * Asks to draw. The host rasterizes with the same code as the webview, and answers after it has told every editor
     * of the change (`documentChanged`) and has put it where a crash of its process leaves it. It rejects with code
     * `stale-revision` if the stroke was drawn on a revision that the host does not hold any more: the editor then
     * rolls back and opens anew. A gesture that cannot be drawn, or of a tool that the host does not know,
     * is refused with a sentence (`parseGesture`).
     */
    stroke: {
      params: v.strictObject({ revision: integer, strokeId: integer, stroke: sentGesture }),
      result: v.strictObject({ revision: integer }),
    },
    /**
     * Asks what a tool would draw that must look at the image (see `DataTool`); nothing is drawn. The share of the work
     * that is done is told, and the page may cancel. It rejects with code `stale-revision` if the labels that were
     * looked at changed meanwhile, and with a sentence for a query of a tool that the host does not know.
     */
    query: { params: v.strictObject({ query: sentQuery }), progress: fraction, result: sentGesture },
    /**
     * Asks to decide. `revision` and `proposalId` say what was on the screen: it rejects with code `stale-decision` if
     * the host holds another (`checkSeen`); by then it has told the editor what it holds. With `asks` nothing was done
     * yet: the user must say what is meant, and the editor asks again. `says` is a sentence for the user.
     */
    review: {
      params: v.strictObject({ revision: integer, proposalId: v.nullable(v.string()), intent: reviewIntent }),
      result: v.strictObject({
        revision: integer,
        asks: v.exactOptional(acceptanceFigures),
        says: v.exactOptional(v.string()),
      }),
    },
    /**
     * Asks to decide a slice along the review axis between the two, or to take one piece of disagreement. `id` and
     * `revision` say whose labels and which of the document's were on the screen, as for `review`.
     */
    adjudicate: {
      params: v.variant('take', [
        v.strictObject({ take: v.picklist(['mine', 'theirs']), slice: count, ...seenLabels }),
        v.strictObject({ take: v.literal('theirs-here'), voxel: vec3, ...seenLabels }),
      ]),
      result: v.strictObject({ revision: integer }),
    },
    /** Asks how far the two agree about this case, as the labels are now. */
    agreement: { params: nothing, result: caseAgreement },
    /**
     * Asks to run one of VS Code's commands on this document, as if from the palette. It is answered when the command
     * has ended.
     */
    command: { params: v.strictObject({ command: hostCommand }), result: nothing },
    addLabel: { params: v.strictObject({ name: v.string() }), result: v.strictObject({ label: count }) },
    editLabel: { params: v.strictObject({ label: count, entry: labelEntry }), result: nothing },
  },
  events: {
    /**
     * Somebody works (pointer, keys, scrolling) while this slice along the review axis is shown. It is told now and
     * then.
     */
    activity: v.strictObject({ slice: count }),
    /**
     * This slice along the review axis was on the screen long enough to be looked at, at that revision and with that
     * proposal (null where there was none).
     */
    shown: v.strictObject({ slice: count, revision: integer, proposalId: v.nullable(v.string()) }),
    /** Asks to show what happened to this slice along the review axis. */
    sliceHistory: v.strictObject({ slice: count }),
    hideSecondReviewer: nothing,
    /** Asks to put the question that `awaitsDecision` waits for. */
    decide: nothing,
    /** The first slice of the image is on the screen (measured from `open`; for the log and the benchmark). */
    firstSliceShown: nothing,
    /** Something in the webview failed. It is logged, and never shown as a stack trace. */
    defect: v.strictObject({ message: v.string(), stack: v.string() }),
  },
} as const satisfies Contract;

/** The webview answers and hears this; the extension host speaks it. */
export const editorContract = {
  requests: {
    /**
     * Ends the stroke that is open. It is answered when the host has answered all that changes or saves what is drawn.
     */
    settle: { params: nothing, result: nothing },
  },
  events: {
    documentChanged: documentChange,
    /** There is a new proposal, or none any more. */
    proposalChanged: v.strictObject({ proposal: v.nullable(proposalSummary) }),
    /**
     * A second reviewer's labels are shown, or others, or none any more; or a slice was decided. It is told after every
     * `open`.
     */
    secondReviewerChanged: v.strictObject({ secondReviewer: v.nullable(secondReviewerSummary) }),
    /** The document was reverted or replaced on disk, or is to be shown the other way round: start over from `open`. */
    reset: nothing,
    loadProgress: v.strictObject({ fraction: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
    /**
     * Says which model predicts ("model 3"), if any, which engine ran last ("ONNX Runtime CPU"), and whether the case
     * is held out to judge models.
     */
    status: v.strictObject({
      modelName: v.nullable(v.string()),
      /** What to do where no model predicts. It is null where one does, or where that is not known. */
      noModel: v.nullable(v.string()),
      engineName: v.nullable(v.string()),
      heldOut: v.boolean(),
    }),
    /**
     * The user chose a palette command that only the editor can carry out (it knows the slice, the tool, the brush).
     */
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
    /**
     * Moves the crosshair and zooms, for example to what the review queue names. It is kept until the document is open.
     */
    goTo: placeToShow,
  },
} as const satisfies Contract;

export type HostContract = typeof hostContract;
export type EditorContract = typeof editorContract;
