/**
 * Does correcting get cheaper? `npm run bench -- loop [--rounds 5] [--seconds 90] [--order worst|file] [--share 1]
 * [--seed 1] [--data DIR] [--write]`.
 *
 * A simulated annotator works through real hippocampus MRI in rounds, with the engine that the extension uses: 8 cases
 * are labelled at the start and a model is trained on them; then, per round, 16 more cases are predicted, reviewed slice
 * by slice, and the model is retrained on everything accepted so far. A slice of the proposal is accepted unchanged where
 * for each label the 95th percentile of the distances between its contour and the true one is at most 2 mm; else it is
 * corrected to the truth voxel by voxel. `--order`: slices of the round's cases by expected gain, worst first, or as the
 * files come. `--share`: how many of the round's slices are reviewed before retraining; the others stay unreviewed and
 * do not train. Ten of the val cases judge each version and never train.
 *
 * Cases come in an order drawn by the seed. `--write` puts the table into docs/measurements/loop.md.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { relabelForCase } from '../src/core/case/document/relabel-proposal.ts';
import { signalsOfSlice } from '../src/core/case/state/slice-signals.ts';
import { serializeCaseRecord } from '../src/core/cohort/records/case-record.ts';
import { caseRecordOf } from '../src/core/cohort/records/document-record.ts';
import { rankSlices } from '../src/core/cohort/review/review-queue.ts';
import type { LabelTable } from '../src/core/label/table/label-table.ts';
import { SeededRandom } from '../src/core/random.ts';
import { readProposalFacts, readProposalFile } from '../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../src/node/cohort/state/cohort-store.ts';
import { forkTransport } from '../src/node/engine-link/fork/fork-transport.ts';
import { type RunningEngine, startEngine } from '../src/node/engine-link/start-engine.ts';
import { fileFingerprint } from '../src/node/files/file-fingerprint.ts';
import { readLabelVolume } from '../src/node/volumes/labels/label-volume.ts';
import { writeLabelVolume } from '../src/node/volumes/labels/write-label-volume.ts';
import { readVolumeHeader } from '../src/node/volumes/read-volume.ts';
import { buildProduct } from './support/command-line.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';
import { writeIntoPage } from './support/marked-page.ts';
import { type ReviewedSlice, SimulatedAnnotator } from './support/simulated-annotator.ts';

const FIRST_CASES = 8;
const CASES_PER_ROUND = 16;
const JUDGES = 10;
const TOLERANCE_MM = 2;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '90' },
    order: { type: 'string', default: 'worst' },
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: '../shared/data/hippocampus' },
    write: { type: 'boolean', default: false },
  },
});

const data = hippocampusData(options.data);
const rounds = Number(options.rounds);
const order = new SeededRandom(Number(options.seed)).shuffle([...data.train]);
const first = order.slice(0, FIRST_CASES);
const later = Array.from({ length: rounds }, (_, round) =>
  order.slice(FIRST_CASES + round * CASES_PER_ROUND, FIRST_CASES + (round + 1) * CASES_PER_ROUND),
);
const judges = data.val.slice(0, JUDGES);
const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
const cohort = path.join(scratch, 'cohort');
const store = new CohortStore(cohort);
const imagePath = (id: string) => path.join(cohort, 'imagesTr', `${id}.nii.gz`);
const labelPath = (id: string) => path.join(cohort, 'labelsTr', `${id}.nii.gz`);

/** What one round came to. */
interface Round {
  readonly predictedBy: number;
  /** Mean over cases of the mean over labels, proposal against truth. */
  readonly proposalDice: number;
  /** In the order of the review. */
  readonly slices: readonly ReviewedSlice[];
  readonly holdoutDice: number | null;
  readonly promoted: boolean;
}

function link(folder: string, ids: readonly string[]): void {
  mkdirSync(path.join(cohort, folder), { recursive: true });
  for (const id of ids) {
    const name = `${id}.nii.gz`;
    symlinkSync(path.join(data.folder, folder, name), path.join(cohort, folder, name));
  }
}

async function retrain(engine: RunningEngine) {
  const minutes = Number(options.seconds) / 60;
  return engine.endpoint.request('train', { cohortRoot: cohort, engine: 'cpu', seed: 1, minutes });
}

/** Predicts, reviews and saves the cases of one round. */
async function annotate(
  engine: RunningEngine,
  ids: readonly string[],
): Promise<Omit<Round, 'holdoutDice' | 'promoted'>> {
  const version = await store.models.active();
  if (version === null) throw new Error('No model is active.');
  const cases = new Map<string, { annotator: SimulatedAnnotator; signals: Parameters<typeof rankSlices>[0][number] }>();
  const dice: number[] = [];
  for (const id of ids) {
    const predicted = await engine.endpoint.request('predict', {
      channels: [imagePath(id)],
      timeIndex: 0,
      model: store.models.folderOf(version),
      engine: 'cpu',
      output: { kind: 'proposal', folder: store.proposalsFolder(id) },
    });
    const known = await readProposalFacts(predicted.path);
    const file = known && (await readProposalFile(predicted.path, known.image.shape));
    if (!file) throw new Error(`There is no proposal for ${id}.`);
    const { facts, labelMap } = file;
    const truth = await readLabelVolume(path.join(data.folder, 'labelsTr', `${id}.nii.gz`), { table: facts.labels });
    const proposal = relabelForCase(labelMap, facts.labels, truth.table).labels;
    const { grid } = await readVolumeHeader(imagePath(id));
    const { id: proposalId, modelVersion, modelName, uncertainty } = facts;
    const annotator = new SimulatedAnnotator(
      grid,
      facts.reviewAxis,
      truth.table,
      truth.labelMap,
      { id: proposalId, modelVersion, modelName, labels: proposal, uncertainty },
      TOLERANCE_MM,
    );
    cases.set(id, {
      annotator,
      signals: {
        id,
        signals: predicted.uncertainty.map((_, slice) => signalsOfSlice(predicted, slice)),
      },
    });
    dice.push(meanDice(proposal, truth.labelMap, truth.table));
  }
  const ranked = rankSlices([...cases.values()].map(({ signals }) => signals));
  const queue =
    options.order === 'worst'
      ? ranked
      : ids.flatMap((caseId) => (cases.get(caseId)?.signals.signals ?? []).map((_, slice) => ({ caseId, slice })));
  const slices: ReviewedSlice[] = [];
  for (const { caseId, slice } of queue.slice(0, Math.round(queue.length * Number(options.share)))) {
    const found = cases.get(caseId);
    if (found) slices.push(found.annotator.review(slice, '2026-01-01T00:00:00.000Z'));
  }
  for (const [id, { annotator }] of cases) await save(id, annotator);
  return {
    predictedBy: version,
    proposalDice: dice.reduce((sum, value) => sum + value, 0) / dice.length,
    slices,
  };
}

async function save(id: string, { document }: SimulatedAnnotator): Promise<void> {
  if (!document.review.includes('accepted')) return;
  const image = await readVolumeHeader(imagePath(id));
  await writeLabelVolume(labelPath(id), { image, labelMap: document.labels.clone(), table: document.table });
  const record = caseRecordOf(document, await fileFingerprint(labelPath(id)));
  await store.writeCaseRecord(id, serializeCaseRecord(record));
}

type Voxels = { readonly voxelCount: number; get(offset: number): number };

function meanDice(proposal: Voxels, truth: Voxels, table: LabelTable): number {
  const [both, sizes] = [table.map(() => 0), table.map(() => 0)];
  for (let at = 0; at < truth.voxelCount; at++) {
    const [a, b] = [proposal.get(at), truth.get(at)];
    sizes[a] = (sizes[a] ?? 0) + 1;
    sizes[b] = (sizes[b] ?? 0) + 1;
    if (a === b) both[a] = (both[a] ?? 0) + 1;
  }
  const defined = table.flatMap((_, label) =>
    label > 0 && (sizes[label] ?? 0) > 0 ? [(2 * (both[label] ?? 0)) / (sizes[label] ?? 1)] : [],
  );
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(0)} %`;
const fewer = (changed: number, byHand: number) =>
  changed <= byHand ? `${percent(byHand - changed, byHand)} fewer` : `${percent(changed - byHand, byHand)} more`;
const total = (slices: readonly ReviewedSlice[], of: (slice: ReviewedSlice) => number) =>
  slices.reduce((sum, slice) => sum + of(slice), 0);

function row(round: Round, index: number): string {
  const { slices } = round;
  const foreground = slices.filter(({ isForeground }) => isForeground);
  const unchanged = (of: readonly ReviewedSlice[]) =>
    percent(of.filter(({ isAcceptedUnchanged }) => isAcceptedUnchanged).length, of.length);
  const byHand = total(slices, ({ trueVoxels }) => trueVoxels);
  const changed = total(slices, ({ isAcceptedUnchanged, wrongVoxels }) => (isAcceptedUnchanged ? 0 : wrongVoxels));
  const fully = total(slices, ({ wrongVoxels }) => wrongVoxels);
  const half = slices.slice(0, Math.round(slices.length / 2));
  return `| ${[
    index + 1,
    `${FIRST_CASES + index * CASES_PER_ROUND}`,
    `model ${round.predictedBy}`,
    round.proposalDice.toFixed(3),
    `**${unchanged(foreground)}** of ${foreground.length}`,
    `${unchanged(slices)} of ${slices.length}`,
    byHand,
    `${changed} (**${fewer(changed, byHand)}**)`,
    `${fully} (**${fewer(fully, byHand)}**)`,
    percent(
      total(half, ({ wrongVoxels }) => wrongVoxels),
      fully,
    ),
    `${round.holdoutDice?.toFixed(3) ?? '-'}${round.promoted ? '' : ', stays a candidate'}`,
  ].join(' | ')} |`;
}

const head = [
  '| round | labelled before | proposals of | their Dice | foreground slices accepted unchanged | all slices accepted unchanged | voxels to draw by hand | changed where not accepted | changed to the exact truth | wrong voxels seen in the first half of the slices | holdout Dice after retraining |',
  `|${' --- |'.repeat(11)}`,
];

try {
  buildProduct();
  link('imagesTr', [...first, ...later.flat(), ...judges]);
  link('labelsTr', [...first, ...judges]);
  symlinkSync(path.join(data.folder, 'dataset.json'), path.join(cohort, 'dataset.json'));
  writeFileSync(path.join(cohort, 'splits.json'), JSON.stringify({ train: [...first, ...later.flat()], val: judges }));
  const engine = startEngine(forkTransport(path.resolve('dist', 'engine.js')), {
    onLog: (level, message) => {
      if (level !== 'info') console.error(message);
    },
  });
  const rows: string[] = [];
  try {
    await retrain(engine);
    console.log(head.join('\n'));
    for (const [index, ids] of later.entries()) {
      const reviewed = await annotate(engine, ids);
      const { holdoutDice, activated } = await retrain(engine);
      rows.push(row({ ...reviewed, holdoutDice, promoted: activated }, index));
      console.log(rows.at(-1));
    }
  } finally {
    await engine.stop();
  }
  const facts = `\n${machine()}; seed ${options.seed}; ${options.seconds} s for each training; ${new Date().toISOString().slice(0, 10)}.`;
  console.log(facts);
  if (options.write) {
    const name = `loop ${options.order} ${options.share}`;
    writeIntoPage(path.join('docs', 'measurements', 'loop.md'), name, [...head, ...rows, facts].join('\n'));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
