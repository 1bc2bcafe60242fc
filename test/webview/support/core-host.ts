import { DoubtfulAcceptanceError } from '../../../src/core/case/document/acceptance-doubts.ts';
import {
  adjudicatedSlices,
  planAdjudication,
  planTakePiece,
  type SecondOpinion,
} from '../../../src/core/case/document/adjudicate.ts';
import { CaseDocument } from '../../../src/core/case/document/case-document.ts';
import { documentChangeOf, proposalSummaryOf, rejectionsOf } from '../../../src/core/case/document/document-change.ts';
import type { DocumentEdit } from '../../../src/core/case/document/document-edit.ts';
import { planLabelChange, planNewLabel, planStroke } from '../../../src/core/case/document/document-intents.ts';
import { planReview } from '../../../src/core/case/document/review-intents.ts';
import { checkSeen, checkSeenLabels } from '../../../src/core/case/document/seen-state.ts';
import type { Proposal } from '../../../src/core/case/state/proposal.ts';
import { VoxelLoopError } from '../../../src/core/errors.ts';
import { parseNiftiHeader } from '../../../src/core/formats/nifti/nifti-header.ts';
import { type DisplayConvention, type PlaneName, slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { encodeLabelMap } from '../../../src/core/label/label-map-codec.ts';
import { labelTableFrom } from '../../../src/core/label/label-table.ts';
import type { BrushStroke } from '../../../src/core/label/stroke.ts';
import { agreementOf } from '../../../src/core/metrics/agreement.ts';
import { scoreSegmentation } from '../../../src/core/metrics/score-segmentation.ts';
import type { PayloadOf } from '../../../src/core/protocol/contract.ts';
import {
  type EditorContract,
  editorContract,
  type HostContract,
  hostContract,
  type PlaceToShow,
} from '../../../src/core/protocol/editor-contract.ts';
import { Endpoint, type MessageChannelPort } from '../../../src/core/protocol/endpoint.ts';
import { defaultWindow } from '../../../src/core/volume/default-window.ts';
import { extractSlice } from '../../../src/core/volume/extract-slice.ts';
import { intensityStatistics } from '../../../src/core/volume/intensity-statistics.ts';
import { summarizeVolume } from '../../../src/core/volume/volume-summary.ts';
import type { VoxelSource } from '../../../src/core/volume/voxel-source.ts';
import { copyRealValues } from '../../../src/core/volume/voxel-values.ts';

/** A test tells the host to refuse. */
class RefusedError extends VoxelLoopError {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface HostOptions {
  readonly labels: readonly { readonly value: number; readonly name: string }[];
  readonly reviewPlane: PlaneName;
  readonly modelName: string | null;
  readonly readOnlyReason: string | null;
  /** Rejects `open` with this sentence. */
  readonly refuse: string | null;
  readonly convention?: DisplayConvention;
  /** The case judges models. */
  readonly heldOut?: boolean;
  /** Default: the same for all. */
  readonly hostId?: string;
  /** Answers neither slices, labels nor strokes before `resume`. */
  readonly paused: boolean;
}

/** Voxels of a little-endian, uncompressed file in memory. */
function sourceOf(file: Uint8Array, header: ReturnType<typeof parseNiftiHeader>): VoxelSource {
  const voxels = new Uint8Array(file.slice(header.dataOffset, header.dataOffset + header.dataLength).buffer);
  const voxelCount = header.dimensions.reduce((product, n) => product * n, 1);
  return {
    datatype: header.datatype,
    scaling: header.scaling,
    voxelCount,
    voxelsPerSlab: voxelCount,
    slab: () => voxels,
  };
}

/**
 * Stands in the place of our extension host: the real protocol, answered by the real core from a real volume.
 * @param volumeFile uncompressed, little-endian NIfTI
 * @param truthFile labels on the same grid, for proposals
 */
export function createHost(
  volumeFile: Uint8Array,
  truthFile: Uint8Array | undefined,
  options: HostOptions,
  port: MessageChannelPort,
) {
  const header = parseNiftiHeader(volumeFile);
  const source = sourceOf(volumeFile, header);
  const planes = slicePlanes(header.grid, 'radiological');
  const newDocument = () =>
    new CaseDocument({
      planes,
      reviewPlane: options.reviewPlane,
      labels: new LabelMap(header.grid.shape),
      table: labelTableFrom(options.labels),
    });
  let document = newDocument();
  let convention = options.convention ?? 'radiological';
  let opinion: (SecondOpinion & { readonly id: string }) | undefined;
  const tellSecondReviewer = () => {
    const secondReviewer = opinion && {
      id: opinion.id,
      reviewer: opinion.reviewer,
      adjudicated: adjudicatedSlices(document, opinion.reviewer),
    };
    endpoint.emit('secondReviewerChanged', { secondReviewer: secondReviewer ?? null });
  };
  const undone: DocumentEdit[] = [];
  const done: DocumentEdit[] = [];
  const commands: string[] = [];
  let isUndoing = false;
  let saving: Promise<void> | undefined;
  const defects: string[] = [];
  /** Slices that the editor told of. */
  const activity: number[] = [];
  const histories: number[] = [];
  const strokes: BrushStroke[] = [];
  let firstSliceShown = 0;
  let refusal: { readonly code: string; readonly message: string } | undefined;
  let onTheWay: (() => void) | undefined;
  const slicesAsked: string[] = [];
  let hold: Promise<void> | undefined;
  let release = () => {};

  const pause = () => {
    hold = new Promise((resolve) => {
      release = resolve;
    });
  };
  if (options.paused) pause();

  const apply = (edit: DocumentEdit | null, strokeId?: number): void => {
    if (!edit) return;
    endpoint.emit('documentChanged', documentChangeOf(document.apply(edit), strokeId));
    done.push(edit);
    undone.length = 0;
    if (edit.provenance.length > 0) tellSecondReviewer();
  };
  const undo = () => {
    const edit = done.pop();
    if (!edit) return;
    endpoint.emit('documentChanged', documentChangeOf(document.undo(edit)));
    undone.push(edit);
  };
  const redo = () => {
    const edit = undone.pop();
    if (!edit) return;
    endpoint.emit('documentChanged', documentChangeOf(document.apply(edit)));
    done.push(edit);
  };

  const endpoint: Endpoint<HostContract, EditorContract> = new Endpoint(
    port,
    hostContract,
    {
      open: () => {
        if (options.refuse) throw new RefusedError('nifti', options.refuse);
        if (options.modelName !== undefined) {
          queueMicrotask(() =>
            endpoint.emit('status', {
              modelName: options.modelName,
              noModel: options.modelName === null ? 'No model yet. Label three cases, then Retrain.' : null,
              engineName: null,
              heldOut: options.heldOut ?? false,
            }),
          );
        }
        tellSecondReviewer();
        return {
          documentId: 'file:///case.nii.gz',
          hostId: options.hostId ?? 'host 1',
          revision: document.revision,
          volume: summarizeVolume('case.nii.gz', header),
          convention,
          labelTable: [...document.table],
          reviewPlane: options.reviewPlane,
          review: [...document.review],
          rejections: rejectionsOf(document),
          proposal: proposalSummaryOf(document),
          readOnlyReason: options.readOnlyReason,
          awaitsDecision: false,
        };
      },
      slice: async ({ plane, index, timeIndex, convention: asShown }) => {
        slicesAsked.push(`${plane} ${index}`);
        await hold;
        return extractSlice(source, header.grid, slicePlanes(header.grid, asShown)[plane], index, timeIndex);
      },
      statistics: async ({ timeIndex }) => {
        const count = document.labels.voxelCount;
        const statistics = await intensityStatistics(source, timeIndex * count, count);
        return { statistics, window: defaultWindow(statistics, header.displayRange) };
      },
      labelVoxels: async () => {
        await hold;
        return { revision: document.revision, labels: encodeLabelMap(document.labels) };
      },
      proposalVoxels: () => encodeLabelMap((document.proposal as Proposal).labels),
      stroke: async ({ strokeId, stroke }) => {
        await hold;
        strokes.push(stroke);
        if (refusal) {
          const { code, message } = refusal;
          refusal = undefined;
          throw new RefusedError(code, message);
        }
        apply(planStroke(document, stroke), strokeId);
        return { revision: document.revision };
      },
      review: ({ intent, ...seen }) => {
        onTheWay?.();
        onTheWay = undefined;
        checkSeen(document, seen);
        try {
          apply(planReview(document, intent, { when: '2026-01-01T00:00:00Z' }));
        } catch (error) {
          if (error instanceof DoubtfulAcceptanceError) return { revision: document.revision, asks: error.figures };
          throw error;
        }
        return { revision: document.revision };
      },
      secondReviewerVoxels: () => encodeLabelMap((opinion as SecondOpinion).labels),
      adjudicate: (params) => {
        const { take, id, revision } = params;
        if (opinion?.id !== id) throw new RefusedError('no-such-labels', 'The second reviewer changed meanwhile.');
        checkSeenLabels(document, revision);
        const theirs = opinion;
        apply(
          take === 'theirs-here'
            ? planTakePiece(document, theirs, params.voxel)
            : planAdjudication(document, theirs, take, params.slice, { when: '2026-01-01T00:00:00Z' }),
        );
        return { revision: document.revision };
      },
      agreement: () => {
        const voxels = document.labels.voxelCount;
        const scores = scoreSegmentation(
          'case',
          (opinion as SecondOpinion).labels.read(0, voxels),
          document.labels.read(0, voxels),
          { ...header.grid, labels: document.table.slice(1), toleranceMm: 1 },
        );
        const agreement = agreementOf(scores);
        return { ...agreement, labels: [...agreement.labels] };
      },
      'on:hideSecondReviewer': () => {
        opinion = undefined;
        tellSecondReviewer();
      },
      addLabel: ({ name }) => {
        const { edit, label } = planNewLabel(document, name);
        apply(edit);
        return { label };
      },
      editLabel: ({ label, entry }) => {
        apply(planLabelChange(document, label, entry));
        return {};
      },
      command: async ({ command }) => {
        commands.push(command);
        // VS Code drops what it is asked for while another undo runs.
        const isDropped = isUndoing;
        isUndoing = true;
        await new Promise((done) => setTimeout(done, 5));
        if (command === 'save') await saving;
        if (isDropped) return {};
        if (command === 'undo') undo();
        if (command === 'redo') redo();
        isUndoing = false;
        return {};
      },
      'on:shown': ({ slice, revision, proposalId }) => {
        if (revision >= document.firstRevision) document.markShown([slice], proposalId);
      },
      'on:activity': ({ slice }) => activity.push(slice),
      'on:sliceHistory': ({ slice }) => histories.push(slice),
      'on:decide': () => undefined,
      'on:firstSliceShown': () => {
        firstSliceShown++;
      },
      'on:defect': ({ message, stack }) => defects.push(`${message}\n${stack}`),
    },
    editorContract,
    (error) => defects.push(String(error.stack ?? error)),
  );

  const truthLabels = (): LabelMap => {
    if (!truthFile) throw new Error('There is no truth for this volume.');
    const truthHeader = parseNiftiHeader(truthFile);
    const truth = sourceOf(truthFile, truthHeader);
    const values = new Float32Array(truth.voxelCount);
    const slab = truth.slab(0) as Uint8Array;
    const span = { from: 0, stride: 1, count: truth.voxelCount, to: 0, toStride: 1 };
    copyRealValues(truth.datatype, truth.scaling, slab, span, values);
    return LabelMap.fromDense(header.grid.shape, Uint8Array.from(values));
  };
  const proposeTruth = (id: string, uncertainty: ArrayLike<number> = new Float32Array(document.sliceCount)) => {
    const proposal: Proposal = {
      id,
      modelVersion: 3,
      modelName: 'model 3',
      labels: truthLabels(),
      uncertainty,
    };
    document.setProposal(proposal);
    endpoint.emit('proposalChanged', { proposal: proposalSummaryOf(document) });
  };

  return {
    planes,
    undo,
    redo,
    proposeTruth,
    /** The true labels, as those of a second reviewer. */
    showTruthBeside: (reviewer: string) => {
      opinion = { id: reviewer, reviewer, labels: truthLabels() };
      tellSecondReviewer();
    },
    /** As another editor of the same document would. */
    paint: (stroke: BrushStroke) => apply(planStroke(document, stroke)),
    count: (label: number) => document.labels.count(label),
    labelAt: (i: number, j: number, k: number) => {
      const [nx, ny] = header.grid.shape;
      return document.labels.get(i + nx * (j + ny * k));
    },
    review: () => [...document.review],
    provenance: () => [...document.provenance],
    looks: () => [...document.looks],
    /** The user has scrolled through the whole case. */
    lookAtAll: () => document.markShown(document.review.keys(), document.proposal?.id ?? null),
    revision: () => document.revision,
    table: () => [...document.table],
    commands: () => [...commands],
    defects: () => [...defects],
    activity: () => [...activity],
    histories: () => [...histories],
    strokes: () => [...strokes],
    slicesAsked: () => [...slicesAsked],
    firstSliceShown: () => firstSliceShown,
    refuseNextStroke: (code: string, message: string) => {
      refusal = { code, message };
    },
    /** What happens while the next decision is on its way. */
    beforeNextReview: (act: () => void) => {
      onTheWay = act;
    },
    pause,
    resume: () => {
      hold = undefined;
      release();
    },
    /** Until the function that it returns is called, a save does not end. */
    holdSaves: () => {
      let letGo = () => {};
      saving = new Promise((resolve) => {
        letGo = resolve;
      });
      return letGo;
    },
    settle: () => endpoint.request('settle', {}),
    perform: (action: PayloadOf<EditorContract, 'perform'>['action']) => endpoint.emit('perform', { action }),
    goTo: (place: PlaceToShow) => endpoint.emit('goTo', place),
    loadProgress: (fraction: number) => endpoint.emit('loadProgress', { fraction }),
    notice: (text: string) => endpoint.emit('notice', { text }),
    /** The user changed the setting. */
    show: (asked: DisplayConvention) => {
      convention = asked;
      endpoint.emit('reset', {});
    },
    /** The document was replaced on disk. */
    reset: () => {
      document = newDocument();
      endpoint.emit('reset', {});
    },
  };
}

export type TestHost = ReturnType<typeof createHost>;
