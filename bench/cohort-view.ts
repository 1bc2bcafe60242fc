/**
 * How the view of a cohort bears thousands of cases: `npm run bench -- cohort-view [--cases 5000] [--slices 100]`.
 *
 * Makes an MSD cohort of empty image files (nothing looks into them) of which half have a label map, a third a record and a
 * third a proposal, and measures what the view does with it: the first listing, a look at everything where nothing has
 * changed, a refresh after one case changed, listing and sorting the rows, and memory.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { serializeCaseRecord } from '../src/core/cohort/records/case-record.ts';
import { ALL_CASES, listCases } from '../src/core/cohort/review/case-list.ts';
import { LabelMap } from '../src/core/label/label-map.ts';
import { DEFAULT_LABEL_TABLE } from '../src/core/label/table/label-table.ts';
import { writeProposalFile } from '../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../src/node/cohort/state/cohort-store.ts';
import { CohortOverviewReader } from '../src/node/overview/cohort-overview.ts';
import { machine } from './support/hippocampus-data.ts';

const { values: options } = parseArgs({
  options: { cases: { type: 'string', default: '5000' }, slices: { type: 'string', default: '100' } },
});
const count = Number(options.cases);
const slices = Number(options.slices);

const root = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
const store = new CohortStore(root);
const ids = Array.from({ length: count }, (_, n) => `case_${n}`);

async function makeCohort(): Promise<void> {
  for (const folder of ['imagesTr', 'labelsTr']) mkdirSync(path.join(root, folder));
  writeFileSync(path.join(root, 'dataset.json'), '{"channel_names":{"0":"CT"},"labels":{"background":0,"liver":1}}');
  for (const [n, id] of ids.entries()) {
    writeFileSync(path.join(root, 'imagesTr', `${id}.nii.gz`), '');
    if (n % 2 === 0) writeFileSync(path.join(root, 'labelsTr', `${id}.nii.gz`), '');
    if (n % 3 === 0) await store.writeCaseRecord(id, record(n));
    if (n % 3 === 1) await writeProposal(id);
  }
}

function record(n: number): string {
  return serializeCaseRecord({
    version: 1,
    labelsFingerprint: null,
    reviewAxis: 'k',
    slices: Array.from({ length: slices }, (_, slice) => ({
      state: (slice + n) % 2 === 0 ? 'accepted' : 'unreviewed',
      modelVersion: 1,
      who: 'somebody',
      when: '2026-01-02T03:04:05.678Z',
    })),
  });
}

async function writeProposal(id: string): Promise<void> {
  const labelMap = new LabelMap([64, 64, slices]);
  labelMap.fill(5000, 20_000, 1);
  await writeProposalFile(path.join(store.proposalsFolder(id), '1-abcdef-k.vlp'), {
    facts: {
      id: '1-abcdef-k',
      modelVersion: 1,
      modelName: 'model 1',
      engineName: 'ONNX Runtime CPU',
      created: '2026-01-02T03:04:05.678Z',
      image: { fingerprints: [], timeIndex: 0, shape: [64, 64, slices] },
      reviewAxis: 2,
      uncertainty: Array.from({ length: slices }, (_, slice) => slice / slices),
      components: [],
      labels: [...DEFAULT_LABEL_TABLE],
    },
    labelMap,
  });
}

async function timed<Result>(what: string, work: () => Promise<Result> | Result): Promise<Result> {
  // The longest time that nothing else could run: what a person feels.
  let longest = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const took = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(pulse);
  console.log(`| ${what} | ${took.toFixed(0)} ms | ${cpu.toFixed(0)} ms | ${longest.toFixed(0)} ms |`);
  return result;
}

try {
  await makeCohort();
  globalThis.gc?.();
  const before = process.memoryUsage();
  console.log(`${count} cases of ${slices} slices.\n`);
  console.log('| what | took | processor time | longest block of the event loop |');
  console.log('| --- | --- | --- | --- |');
  const reader = new CohortOverviewReader(store);
  await timed('first listing', () => reader.read());
  await timed('look at everything, nothing changed', () => reader.read());
  await store.writeCaseRecord('case_9', record(1));
  const overview = await timed('refresh after one case changed', () =>
    reader.refresh([store.caseRecordPath('case_9')]),
  );
  await timed('rows by name', () => listCases(overview.cases, ALL_CASES));
  await timed('rows by uncertainty', () => listCases(overview.cases, { ...ALL_CASES, order: 'uncertainty' }));
  globalThis.gc?.();
  const after = process.memoryUsage();
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  console.log(
    `\nHeap ${megabytes(after.heapUsed - before.heapUsed)} more, process ${megabytes(after.rss)}. ${machine()}`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
