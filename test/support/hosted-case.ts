import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { planGesture } from '../../src/core/case/document/document-intents.ts';
import { newCohortRecord } from '../../src/core/cohort/records/cohort-record.ts';
import { type DisplayConvention, slicePlanes } from '../../src/core/geometry/slice-plane.ts';
import { labelTableFrom } from '../../src/core/label/table/label-table.ts';
import type { LabelScope } from '../../src/core/label/table/own-labels.ts';
import type { PlaceToShow } from '../../src/core/protocol/editor-contract.ts';
import type { MessageChannelPort } from '../../src/core/protocol/endpoint.ts';
import type { Gesture } from '../../src/core/tools/known-tools.ts';
import { compareLabels } from '../../src/engine/jobs/compare-labels.ts';
import { locateOnDisk } from '../../src/node/case/host/case-location.ts';
import { EditorHost, type PerformedAction } from '../../src/node/case/host/editor-host.ts';
import { OpenDocument, type OpenedVolume } from '../../src/node/case/host/open-document.ts';
import { VolumeOpener } from '../../src/node/case/host/volume-opener.ts';
import { SecondReviewers } from '../../src/node/case/second-review/second-reviewers.ts';
import { SessionRegistry } from '../../src/node/case/session/session-registry.ts';
import { KeptEdits } from '../../src/node/case/unsaved/kept-edits.ts';
import { ReplaceableBackup } from '../../src/node/case/unsaved/replaceable-backup.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { TappedLine } from './tapped-line.ts';
import { UndoShell } from './undo-shell.ts';
import { sharedVolumeWorker } from './volume-worker.ts';

interface CaseFilesOnDisk {
  readonly folder: string;
  readonly image: string;
}

export interface HostedCaseOptions {
  readonly labels?: readonly { readonly value: number; readonly name: string }[];
  /** Null, or absent: no model predicts. */
  readonly modelName?: string | null;
  readonly readOnlyReason?: string | null;
  /** The file is refused with this sentence. */
  readonly refuse?: string;
  readonly convention?: DisplayConvention;
  /** The case judges models. */
  readonly heldOut?: boolean;
  /** Default: the same for all. */
  readonly hostId?: string;
  /** The files of an earlier host. Default: a case of its own. */
  readonly files?: CaseFilesOnDisk;
  /** For whom a label is to be changed. Default: for its cohort. */
  readonly scopeOfLabelChange?: () => Promise<LabelScope | undefined>;
  /** Resolves when every edit so far would outlive the process. Default: when the backup says so. */
  readonly editsKept?: () => Promise<void>;
  /** Neither slices, labels, strokes nor queries arrive before `resume`. */
  readonly paused?: boolean;
}

const MEMORY_BUDGET_BYTES = 2 ** 28;
/** What a page asks for that a slow host answers late. */
const SLOW_REQUESTS = ['slice', 'labelBox', 'stroke', 'query'];
const TWO_LABELS = [
  { value: 1, name: 'liver' },
  { value: 2, name: 'tumour' },
];

const atTheEnd: (() => void)[] = [];
afterAll(() => {
  for (const end of atTheEnd) end();
});

/** A case that nobody has labelled, in a folder of its own, whose cohort knows `labels`. */
async function newCase(volume: Uint8Array, labels: NonNullable<HostedCaseOptions['labels']>): Promise<CaseFilesOnDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));
  atTheEnd.push(() => rmSync(folder, { recursive: true, force: true }));
  const image = join(folder, 'case.nii');
  writeFileSync(image, volume);
  await new CohortStore(folder).changeRecord(async () => ({
    ...newCohortRecord({ layout: 'side-by-side', labels: [] }),
    labels: [...labelTableFrom(labels)],
  }));
  return { folder, image };
}

/** Opens a file as the provider of the editor does. */
async function openFile(image: string, folder: string, shell: UndoShell): Promise<OpenedVolume> {
  const worker = sharedVolumeWorker();
  const sessions = new SessionRegistry(
    {
      labelFiles: () => worker,
      witness: {
        reviewerName: async () => undefined,
        uncountedSeconds: () => new Map(),
        counted: () => undefined,
        broughtBack: () => undefined,
      },
      reports: shell.reports,
      agreesToSave: async () => true,
      mayComplete: () => true,
      usesOfLabel: async () => ({ cases: [], unknown: 0 }),
    },
    () => ({ dispose: () => undefined }),
  );
  const opener = new VolumeOpener({
    volumes: { client: worker, memoryBudgetBytes: MEMORY_BUDGET_BYTES },
    sessions,
    note: (sentence) => shell.told.push(sentence),
    sentenceFor: (error) => shell.sentenceFor(error),
  });
  return opener.open(await locateOnDisk(image, folder), { progress: () => undefined });
}

/** Second readings as the product shows them, but for the watch of their files. */
function secondReviewersOf(shell: UndoShell): SecondReviewers {
  const worker = sharedVolumeWorker();
  return new SecondReviewers({
    readLabels: (path, known) => worker.readLabels(path, known),
    compareLabels: (params) => compareLabels(params, new AbortController().signal, () => undefined),
    watch: () => ({ dispose: () => undefined }),
    reports: shell.reports,
    warn: (sentence) => shell.told.push(sentence),
  });
}

/**
 * A case in a folder of its own, open in one editor: session, document and host of the product, with a volume worker on its thread. In
 * VS Code's place stand an undo stack and what a test says; between page and host lies a line that a test may hold up.
 *
 * @param volume uncompressed NIfTI
 * @param truth its labels on the same grid, for proposals, and as those of somebody else
 */
export async function hostCase(
  port: MessageChannelPort,
  volume: Uint8Array,
  truth?: Uint8Array,
  options: HostedCaseOptions = {},
) {
  const files = options.files ?? (await newCase(volume, options.labels ?? TWO_LABELS));
  const { folder, image } = files;
  const shell = new UndoShell();
  const opened = await openFile(image, folder, shell);
  const session = opened.lease?.session;
  if (!session) throw new Error(`The case was not opened to be drawn on: ${opened.readOnlyReason}`);
  const { refuse, readOnlyReason = null } = options;
  const document = new OpenDocument(
    'file:///case.nii.gz',
    refuse === undefined ? { ...opened, readOnlyReason } : { refusal: refuse },
    shell,
  );
  const backup = ReplaceableBackup.of(join(folder, 'backups'), document.id);
  const kept = new KeptEdits(session, backup, (error) => {
    shell.told.push(error);
  });
  shell.saveDocument = async () => {
    await document.edits?.save(new AbortController().signal, () => kept.upToDate());
  };
  const secondReviewers = secondReviewersOf(shell);
  /** Slices that the editor told of. */
  const activity: number[] = [];
  const histories: number[] = [];
  let convention = options.convention ?? 'radiological';
  const modelName = options.modelName ?? null;
  const line = new TappedLine(port);
  if (options.paused) line.hold(...SLOW_REQUESTS);
  const editor = new EditorHost(
    document,
    line,
    {
      hostId: options.hostId ?? 'host 1',
      reports: shell.reports,
      secondReviewers,
      cohortLabels: async () => [],
      scopeOfLabelChange: options.scopeOfLabelChange ?? (async () => 'cohort'),
      activity: (_session, slice) => activity.push(slice),
      showSliceHistory: (_session, slice) => histories.push(slice),
      reviewerName: async () => undefined,
      tellOfHolding: async () => undefined,
    },
    {
      status: async () => ({
        modelName,
        noModel: modelName === null ? 'No model yet. Label three cases, then Retrain.' : null,
        engineName: null,
        heldOut: options.heldOut ?? false,
      }),
      convention: () => convention,
      decide: async () => undefined,
      runCommand: (command) => shell.run(command),
      editsKept: options.editsKept ?? (() => kept.upToDate()),
    },
  );
  atTheEnd.push(() => {
    editor.dispose();
    kept.dispose();
    document.dispose();
  });

  const truthFile = async () => {
    if (!truth) throw new Error('There is no truth for this volume.');
    mkdirSync(join(folder, 'theirs'), { recursive: true });
    const path = join(folder, 'theirs', 'truth_seg.nii');
    writeFileSync(path, truth);
    return path;
  };

  return {
    files,
    session,
    document,
    /** What is unsaved, as a crash of this process would leave it. */
    backup,
    planes: slicePlanes(session.grid, 'radiological'),
    undo: () => shell.undo(),
    redo: () => shell.redo(),
    /** A model proposes the true labels. */
    proposeTruth: async (
      id: string,
      uncertainty: ArrayLike<number> = new Float32Array(session.document.sliceCount),
    ): Promise<void> => {
      const { labelMap } = await readLabelVolume(await truthFile(), { table: session.document.table });
      session.setProposal({ id, modelVersion: 3, modelName: 'model 3', labels: labelMap, uncertainty });
    },
    /** The true labels, as those of a second reviewer. */
    showTruthBeside: async (reviewer: string): Promise<void> =>
      secondReviewers.show(document, reviewer, await truthFile()),
    /** As another editor of the same document would. */
    paint: (stroke: Gesture): void => {
      const edit = planGesture(session.document, stroke);
      if (edit) document.perform(edit, shell);
    },
    count: (label: number) => session.document.labels.count(label),
    labelAt: (i: number, j: number, k: number) => {
      const [nx, ny] = session.grid.shape;
      return session.document.labels.get(i + nx * (j + ny * k));
    },
    review: () => [...session.document.review],
    provenance: () => [...session.document.provenance],
    looks: () => [...session.document.looks],
    /** The user has scrolled through the whole case. */
    lookAtAll: () => session.document.markShown(session.document.review.keys(), session.document.proposal?.id ?? null),
    revision: () => session.document.revision,
    table: () => [...session.document.table],
    commands: () => line.asked<{ readonly command: string }>('command').map(({ command }) => command),
    /** What went wrong, in the page or here. */
    defects: () => shell.told.map(String),
    activity: () => [...activity],
    histories: () => [...histories],
    strokes: () => line.asked<{ readonly stroke: Gesture }>('stroke').map(({ stroke }) => stroke),
    slicesAsked: () =>
      line.asked<{ plane: string; index: number }>('slice').map(({ plane, index }) => `${plane} ${index}`),
    /** Of which layers boxes were asked for, in that order. */
    boxesAsked: () => line.asked<{ layer: { of: string } }>('labelBox').map(({ layer }) => layer.of),
    /** An answer with labels leaves only when `until` has ended. */
    delayBoxes: (until: () => Promise<void>) => {
      line.delay = { method: 'labelBox', until };
    },
    /** The next answers with labels, so many of them, name a later revision than that of their labels. */
    misdateBoxes: (times: number) =>
      line.changeNext('labelBox', times, (result) => {
        const box = result as { readonly revision: number };
        return { ...box, revision: box.revision + 1 };
      }),
    /** The answer to `open` leaves only when `until` has ended. */
    delayOpen: (until: () => Promise<void>) => {
      line.delay = { method: 'open', until };
    },
    firstSliceShown: () => line.eventCount('firstSliceShown'),
    refuseNext: (method: string, code: string, message: string) => line.refuseNext(method, code, message),
    beforeNext: (method: string, act: () => unknown) => line.beforeNext(method, act),
    pause: () => line.hold(...SLOW_REQUESTS),
    resume: () => line.release(),
    /** Until the function that it returns is called, a save does not begin. */
    holdSaves: () => shell.holdSaves(),
    settle: () => editor.settled(),
    perform: (action: PerformedAction) => editor.perform(action),
    goTo: ({ voxel, extentVoxels }: PlaceToShow) => editor.goTo(voxel, extentVoxels),
    /** The user changed the setting. */
    show: (asked: DisplayConvention) => {
      convention = asked;
      editor.startOver();
    },
    /** Another program has deleted what was saved, and the user wants to go on with that. */
    reset: async (): Promise<void> => {
      await rm(session.files.labels, { force: true });
      await rm(session.store.caseRecordPath('case'), { force: true });
      await session.revert();
    },
  };
}

export type HostedCase = Awaited<ReturnType<typeof hostCase>>;
