import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ByteWriter } from '../../src/core/binary/byte-writer.ts';
import { CaseDocument } from '../../src/core/case/document/case-document.ts';
import { planGesture } from '../../src/core/case/document/document-intents.ts';
import { decodeEdits, encodeEdits, replayEdits } from '../../src/core/case/document/edits-codec.ts';
import { parseSlices } from '../../src/core/case/state/slice-ranges.ts';
import { parseDatasetJson, parseSplitsJson } from '../../src/core/cohort/files/layouts/dataset-json.ts';
import {
  parseCaseRecord,
  recordedFigures,
  rejectedSlices,
  serializeCaseRecord,
} from '../../src/core/cohort/records/case-record.ts';
import {
  cohortRecord,
  modelCard,
  newCohortRecord,
  parseRecord,
  stringifyRecord,
} from '../../src/core/cohort/records/cohort-record.ts';
import { caseRecordOf, restoreReview } from '../../src/core/cohort/records/document-record.ts';
import { activationsFile, activationsRecord } from '../../src/core/cohort/records/model-records.ts';
import { parseSaveJournal, serializeSaveJournal } from '../../src/core/cohort/records/save-journal.ts';
import { decodeSavedState, documentOfState, encodeSavedState } from '../../src/core/cohort/records/saved-state.ts';
import { historyOfSlice, parseHistory } from '../../src/core/cohort/records/slice-history.ts';
import {
  beginNext,
  newPredictionQueue,
  predictionQueueRecord,
  queueRecordOf,
  restoreQueue,
} from '../../src/core/cohort/review/prediction-queue.ts';
import { parseNiftiHeader } from '../../src/core/formats/nifti/nifti-header.ts';
import { slicePlanes } from '../../src/core/geometry/slice-plane.ts';
import type { VoxelBox } from '../../src/core/geometry/voxel-box.ts';
import { ArrivingLabels } from '../../src/core/label/arriving-labels.ts';
import { encodeLabelBox } from '../../src/core/label/label-box.ts';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../../src/core/label/label-map-codec.ts';
import { decodeLabelRuns, encodeLabelRuns } from '../../src/core/label/label-runs-codec.ts';
import { parseDsegTsv } from '../../src/core/label/table/dseg-tsv.ts';
import { isItkSnapLabels, parseItkSnapLabels } from '../../src/core/label/table/itk-snap-labels.ts';
import { labelTableFrom } from '../../src/core/label/table/label-table.ts';
import { parsePlan } from '../../src/core/learn/plan/plan.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/core/learn/training/checkpoint-codec.ts';
import { initialWeights } from '../../src/core/net/initial-weights.ts';
import { readModelGraph } from '../../src/core/net/onnx/read-graph.ts';
import { readModelMetadata, readModelWeights } from '../../src/core/net/onnx/read-model.ts';
import { predictModel } from '../../src/core/net/predict-model.ts';
import { seedUNet } from '../../src/core/net/unet-description.ts';
import { hostContract } from '../../src/core/protocol/editor-contract.ts';
import { Endpoint, ProtocolError } from '../../src/core/protocol/endpoint.ts';
import { readRunHistory } from '../../src/engine/checkpoints/run-journal.ts';
import { inflateInto, OpenSliceFile, writeSliceFile } from '../../src/engine/loader/slice-file.ts';
import {
  readPackedProposal,
  readProposalFacts,
  unpackProposal,
} from '../../src/node/cohort/proposals/proposal-file.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { readVolume } from '../../src/node/volumes/read-volume.ts';
import { readGolden } from '../support/golden.ts';
import { modelCardFixture } from '../support/model-card.ts';
import { niftiBytes } from '../support/nifti-bytes.ts';
import { SMALL_PLAN } from '../support/small-plan.ts';
import { tinyGrid } from '../support/tiny-volume.ts';
import type { Codec } from './fuzz.ts';

const SHAPE = [5, 4, 3] as const;
const VOXELS = 60;
const BOX: VoxelBox = { from: [1, 0, 1], to: [5, 4, 3] };
const GRID = tinyGrid(SHAPE);
const PLANES = slicePlanes(GRID, 'radiological');
const TABLE = labelTableFrom([1, 2].map((value) => ({ value, name: `label ${value}` })));
const WHEN = '2026-01-02T03:04:05.678Z';
const HASH = `sha256-${'a'.repeat(64)}`;

const utf8 = (...texts: readonly string[]) => texts.map((text) => new TextEncoder().encode(text));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const json = (value: unknown) => JSON.stringify(value);
/** What is parsed from a text, or is read as it stands, is no larger than a few times the text. */
const fewTimes = (bytes: number) => 1000 + 64 * bytes;

/** Readers of all that others may have written. They keep files in `folder`. */
export async function codecsIn(folder: string): Promise<readonly Codec[]> {
  const path = join(folder, 'input');
  /** A reader of files: the input lies at `path`. */
  const fromFile = (read: () => number | Promise<number>) => (bytes: Uint8Array) => {
    writeFileSync(path, bytes);
    return read();
  };

  const voxels = new Uint8Array(Int16Array.from({ length: VOXELS }, (_, n) => n % 3).buffer);
  const plain = [
    niftiBytes({ dimensions: SHAPE, voxels, sformCode: 1, srow: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }),
    niftiBytes({ version: 2, dimensions: [...SHAPE, 1], littleEndian: false, voxels, slope: 2, intercept: 1 }),
    niftiBytes({ dimensions: SHAPE, datatype: [2, 1], voxels: voxels.subarray(0, VOXELS), qformCode: 1 }),
  ];
  const compressed = [
    ...plain.map((bytes) => gzipSync(bytes)),
    Buffer.concat([gzipSync(plain[0].subarray(0, 360)), gzipSync(plain[0].subarray(360)), Buffer.from('<html>')]),
    // Stored, not squeezed: a change of a byte is then a change of the volume, and the checksum alone tells.
    gzipSync(plain[0], { level: 0 }),
  ];
  /** Deflate makes at most a thousand times as much; a voxel of one byte becomes one of four, and slabs are never longer. */
  const inflated = (bytes: number) => 8 * 1032 * (bytes + 1000);

  const labels = LabelMap.fromDense(
    SHAPE,
    Uint8Array.from({ length: VOXELS }, (_, n) => (n % 7) % 3),
  );
  const document = new CaseDocument({ planes: PLANES, reviewPlane: 'axial', labels: labels.clone(), table: TABLE });
  const before = document.labels.clone();
  const stroke = { tool: 'brush', plane: 'axial', path: [[2, 2]], radiusMm: 1 } as const;
  const edits = [0, 1, 2].flatMap((slice) => {
    const edit = planGesture(document, { ...stroke, slice, label: slice % 2 });
    if (edit) document.apply(edit);
    return edit ?? [];
  });
  const record = {
    ...caseRecordOf(document, HASH),
    version: 2 as const,
    earlierRejections: [{ proposal: '1-a', slices: '0-1, 2', components: [3] }],
  };
  const recordText = serializeCaseRecord(record);
  const history = [{ when: WHEN, who: 'Zoë', what: 'accepted', slices: [[0, 2]], model: 3, seconds: 1.5 }] as const;

  const facts = {
    id: '1-a',
    modelVersion: 1,
    modelName: 'model 1',
    engineName: 'CPU',
    created: WHEN,
    image: { fingerprints: [HASH], timeIndex: 0, shape: SHAPE },
    reviewAxis: 2,
    uncertainty: [0, 0.5, 1],
    disagreement: [0, 0, 1],
    distance: null,
    areaMm2: [1, 2, 3],
    components: [
      { label: 1, uncertainty: 0.5, volumeMm3: 7, min: [0, 0, 0], max: [1, 2, 3], centreVoxel: [0, 1, 1.5] },
    ],
    labels: TABLE,
  };
  const proposalOf = (factsText: Uint8Array, level: number) => {
    const writer = new ByteWriter();
    writer.magic('VLPR');
    writer.byte(3);
    const packed = gzipSync(factsText, { level });
    writer.varint(packed.length);
    writer.bytes(packed);
    writer.bytes(gzipSync(encodeLabelMap(labels), { level }));
    return writer.finish();
  };
  const readProposal = async () => {
    const known = await readProposalFacts(path);
    const packed = await readPackedProposal(path, SHAPE);
    if (!packed) return 0;
    const { labelMap } = await unpackProposal(path, packed);
    return JSON.stringify(known).length + labelMap.byteLength;
  };

  const slicePath = join(folder, 'sample.slices');
  const sliceFacts = { slices: 3, neighbourStep: 1, rows: 4, columns: 5, channels: 1, pixelAspect: 1 } as const;
  await writeSliceFile(
    slicePath,
    'key',
    sliceFacts,
    [0, 1, 2].map((slice) => ({
      slice,
      planes: Int16Array.from({ length: 20 }, (_, n) => n),
      classes: new Int16Array(20),
    })),
  );
  const sliceFile = readFileSync(slicePath);

  const description = seedUNet({ baseFilters: 1, classes: 2 });
  const model = predictModel(description, initialWeights(description, { kind: 'he', seed: 4 }), {
    metadata: { plan: json(SMALL_PLAN) },
  });
  const tensor = (...values: number[]) => ({ data: Float32Array.from(values), shape: [values.length] });
  const checkpoint = encodeCheckpoint({
    run: { plan: SMALL_PLAN, seed: 7 },
    state: {
      step: 12,
      fraction: 0.3,
      trainedMs: 5,
      losses: [0.5],
      evaluationsSinceBest: 1,
      difficulties: [],
      weights: new Map([['a', tensor(1, 2, 3)]]),
      optimizer: { step: 12, moments: new Map([['mean', tensor(4, 5)]]) },
      curve: [{ step: 6, loss: 0.5, tuneDice: null, learningRate: 1e-3 }],
      best: { step: 6, tuneDice: 0.5, weights: new Map([['a', tensor(3, 2, 1)]]) },
    },
  });

  return [
    {
      name: 'NIfTI header',
      samples: plain,
      read: (bytes) => parseNiftiHeader(bytes.subarray(0, 544)).bytes.length,
      mostMade: () => 540,
    },
    {
      name: 'compressed volume',
      samples: compressed,
      read: fromFile(async () => (await readVolume(path)).data.byteLength),
      mostMade: inflated,
    },
    ...['nrrd', 'meta'].map((format) => ({
      name: `${format} file`,
      samples: goldenFiles(format),
      read: fromFile(async () => (await readVolume(path)).data.byteLength),
      mostMade: inflated,
    })),
    {
      name: 'label file',
      samples: [...plain, compressed[4]],
      read: fromFile(async () => {
        const read = await readLabelVolume(path, { table: TABLE, grid: GRID });
        return read.labelMap.byteLength + read.table.length;
      }),
      mostMade: inflated,
    },
    {
      name: 'proposal',
      samples: [proposalOf(utf8(json(facts))[0], 6), proposalOf(utf8(json(facts))[0], 0)],
      read: fromFile(readProposal),
      mostMade: inflated,
    },
    {
      name: 'description of a proposal',
      samples: utf8(json(facts)),
      isText: true,
      read: (bytes) => {
        writeFileSync(path, proposalOf(bytes, 1));
        return readProposalFacts(path).then((known) => json(known).length);
      },
      mostMade: inflated,
    },
    {
      name: 'label map',
      samples: [encodeLabelMap(labels), encodeLabelMap(new LabelMap(SHAPE))],
      read: (bytes) => decodeLabelMap(bytes, SHAPE, TABLE.length).byteLength,
      mostMade: () => 1000,
    },
    {
      name: 'label box',
      samples: [encodeLabelBox(labels, BOX), encodeLabelBox(new LabelMap(SHAPE), BOX)],
      read: (bytes) => {
        const arriving = new ArrivingLabels(SHAPE, 0);
        arriving.receive(BOX, 0, bytes);
        return arriving.labels.byteLength;
      },
      mostMade: () => 1000,
    },
    {
      name: 'label runs',
      samples: edits.map((edit) => encodeLabelRuns(edit.labels.runs)),
      read: (bytes) => decodeLabelRuns(bytes).length,
      mostMade: (bytes) => bytes,
    },
    {
      name: 'edits',
      samples: [encodeEdits({ baseFingerprint: 'x', edits, seconds: [[1, 2.5]] })],
      read: (bytes) => {
        const backup = decodeEdits(bytes);
        const replayed = new CaseDocument({
          planes: PLANES,
          reviewPlane: 'axial',
          labels: before.clone(),
          table: TABLE,
        });
        replayEdits(replayed, backup.edits);
        return replayed.labels.byteLength;
      },
      mostMade: () => 1000,
    },
    {
      name: 'saved state',
      samples: [encodeSavedState({ labels, table: TABLE, record, arrival: 'as-saved' })],
      read: (bytes) => documentOfState(decodeSavedState(bytes, SHAPE), PLANES).labels.byteLength,
      mostMade: () => 1000,
    },
    {
      name: 'checkpoint',
      samples: [checkpoint],
      read: (bytes) => {
        const { state } = decodeCheckpoint(bytes);
        return [...state.weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      },
      mostMade: (bytes) => bytes,
    },
    {
      name: 'slice file',
      samples: [sliceFile],
      read: fromFile(() => readSlices(path)),
      mostMade: inflated,
    },
    {
      name: 'model',
      samples: [model],
      read: (bytes) => {
        const metadata = Object.keys(readModelMetadata(bytes)).length;
        const weights = [...readModelWeights(bytes).values()].reduce((sum, { data }) => sum + data.byteLength, 0);
        return metadata + weights + readModelGraph(bytes).nodes.length;
      },
      mostMade: fewTimes,
    },
    {
      name: 'plan',
      samples: utf8(json(SMALL_PLAN)),
      isText: true,
      read: (bytes) => json(parsePlan(jsonOrNull(bytes))).length,
      mostMade: fewTimes,
    },
    {
      name: 'case record',
      samples: utf8(recordText),
      isText: true,
      read: (bytes) => {
        const read = parseCaseRecord(text(bytes));
        const { review } = restoreReview(read, PLANES);
        return review.length + recordedFigures(read).length + rejectedSlices(read, '1-a').length;
      },
      mostMade: fewTimes,
    },
    {
      name: 'save journal',
      samples: utf8(
        serializeSaveJournal({
          labelsFingerprint: HASH,
          replaces: HASH,
          record: recordText,
          who: 'Zoë',
          history: history.map((entry) => ({ ...entry, slices: [[0, 2]] })),
        }),
      ),
      isText: true,
      read: (bytes) => json(parseSaveJournal(text(bytes))).length,
      mostMade: fewTimes,
    },
    {
      name: 'history',
      samples: utf8(
        history
          .map((entry) => `${json(entry)}\n`)
          .join('')
          .repeat(3),
      ),
      isText: true,
      read: (bytes) => {
        const present = { state: 'accepted', provenance: { when: WHEN }, figures: {} } as const;
        return historyOfSlice(parseHistory(text(bytes)), 1, present).length;
      },
      mostMade: fewTimes,
    },
    {
      name: 'journal of a training',
      samples: utf8(
        [
          { kind: 'started', at: WHEN, preset: 'auto', minutes: 5 },
          { kind: 'step', step: 1, trainedMs: 10, stepMs: 10, loss: 0.5, learningRate: 0.001 },
          { kind: 'checkpoint', step: 1, bytes: 100, milliseconds: 5 },
        ]
          .map((line) => `${json(line)}\n`)
          .join(''),
      ),
      isText: true,
      read: fromFile(async () => json(await readRunHistory(path)).length),
      mostMade: fewTimes,
    },
    {
      name: 'cohort record',
      samples: utf8(stringifyRecord({ ...newCohortRecord({ layout: 'msd', labels: TABLE }), holdout: ['a'] })),
      isText: true,
      read: (bytes) => parseRecord(cohortRecord, text(bytes), 'cohort.json').labels.length,
      mostMade: fewTimes,
    },
    {
      name: 'model card',
      samples: utf8(stringifyRecord(modelCardFixture())),
      isText: true,
      read: (bytes) => parseRecord(modelCard, text(bytes), 'card.json').labels.length,
      mostMade: fewTimes,
    },
    {
      name: 'prediction queue',
      samples: utf8(stringifyRecord(queueRecordOf(beginNext(newPredictionQueue(['a', 'b'], 3, WHEN))) ?? {})),
      isText: true,
      read: (bytes) => json(restoreQueue(parseRecord(predictionQueueRecord, text(bytes), 'queue.json'))).length,
      mostMade: fewTimes,
    },
    {
      name: 'activations',
      samples: utf8(stringifyRecord(activationsFile([{ version: 1, when: WHEN }, { version: 2 }]))),
      isText: true,
      read: (bytes) => parseRecord(activationsRecord, text(bytes), 'activations.json').activations.length,
      mostMade: fewTimes,
    },
    {
      name: 'dataset.json',
      samples: utf8(
        json({
          channel_names: { 0: 'CT' },
          labels: { background: 0, liver: 1, whole: [1, 2], ignore: 3 },
          file_ending: '.nii.gz',
        }),
        json({ modality: { 0: 'MR' }, labels: { 0: 'background', 1: 'liver' } }),
      ),
      isText: true,
      read: (bytes) => {
        const { labels: named, channelNames } = parseDatasetJson(text(bytes));
        return labelTableFrom(named).length + channelNames.length;
      },
      mostMade: fewTimes,
    },
    {
      name: 'splits.json',
      samples: utf8(json({ train: ['a', 'b'], val: ['c'] }), json([{ train: ['a'], val: ['b'] }])),
      isText: true,
      read: (bytes) => parseSplitsJson(text(bytes)).train.length,
      mostMade: fewTimes,
    },
    {
      name: 'slice ranges',
      samples: utf8('0-34, 37', '1, 3 - 5,7-999999'),
      isText: true,
      read: (bytes) => parseSlices(text(bytes), 40).length,
      mostMade: () => 40,
    },
    {
      name: 'ITK-SNAP labels',
      samples: utf8(
        '# comment\n    0     0    0    0        0  0  0    "Clear Label"\n    1   255    0    0        1  1  1    "liver"\n',
      ),
      isText: true,
      read: (bytes) => (isItkSnapLabels(text(bytes)) ? parseItkSnapLabels(text(bytes), 'labels.txt').length : 0),
      mostMade: fewTimes,
    },
    {
      name: 'dseg.tsv',
      samples: utf8('index\tname\tcolor\n0\tbackground\t#000000\n7\tliver\t#ff0000\n'),
      isText: true,
      read: (bytes) => parseDsegTsv(text(bytes), 'dseg.tsv').length,
      mostMade: fewTimes,
    },
    {
      name: 'message of a page',
      samples: utf8(
        json({ kind: 'request', id: 1, method: 'slice', params: { plane: 'axial', index: 1, timeIndex: 0 } }),
        json({
          kind: 'request',
          id: 2,
          method: 'stroke',
          params: { revision: 1, strokeId: 1, stroke: { ...stroke, slice: 1, label: 1 } },
        }),
        json({ kind: 'event', name: 'activity', payload: { slice: 1 } }),
        json({ kind: 'cancel', id: 3 }),
        json({ kind: 'result', id: 1, result: {} }),
        json({ kind: 'ping' }),
      ),
      isText: true,
      read: (bytes) => receiveOnPage(jsonOrNull(bytes)),
      mostMade: fewTimes,
    },
  ];
}

function readSlices(path: string): number {
  const file = new OpenSliceFile(path);
  try {
    const { index, labelled } = file.readIndex('key');
    const { rows, columns, channels } = index.facts;
    const planes = new Int16Array(rows * columns * channels);
    const classes = new Int16Array(rows * columns);
    for (const { slice } of labelled) {
      inflateInto(file.read(index.planes(slice)), planes);
      inflateInto(file.read(index.classes(slice)), classes);
    }
    return planes.byteLength + classes.byteLength;
  } finally {
    file.close();
  }
}

/** The host's side of an editor, of which every handler does nothing: what arrives is checked before one is called. */
function receiveOnPage(message: unknown): number {
  const nothing = new Proxy({}, { get: () => () => ({}) });
  let receive: (message: unknown) => void = () => {};
  let posted = 0;
  const port = {
    post: () => {
      posted++;
    },
    listen: (listener: typeof receive) => {
      receive = listener;
      return () => {};
    },
  };
  const defects: Error[] = [];
  const endpoint = new Endpoint(port, hostContract, nothing as never, { requests: {}, events: {} }, (error) => {
    defects.push(error);
  });
  try {
    receive(message);
  } finally {
    endpoint.close();
  }
  const foreign = defects.find((error) => !(error instanceof ProtocolError));
  if (foreign) throw foreign;
  return posted + defects.length;
}

/** The files of a format that reference values exist for, those in one file. */
function goldenFiles(format: string): Uint8Array[] {
  const { cases } = readGolden<{ cases: { files: Record<string, string> }[] }>(`${format}.json`);
  const alone = cases.map(({ files }) => Object.values(files)).filter((files) => files.length === 1);
  return alone.map(([content]) => Buffer.from(content, 'base64'));
}

function jsonOrNull(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text(bytes));
  } catch {
    return null;
  }
}

/** Runs `work` with the codecs, whose files lie in a folder of their own that is gone afterwards. */
export async function withCodecs<T>(work: (codecs: readonly Codec[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'voxel-loop-fuzz-'));
  try {
    return await work(await codecsIn(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
