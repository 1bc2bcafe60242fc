import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { newCohortRecord } from '../../../src/core/cohort/records/cohort-record.ts';
import { serializeSaveJournal } from '../../../src/core/cohort/records/save-journal.ts';
import { casesThatMayTrain, casesToPredict, describeCase } from '../../../src/core/cohort/review/case-list.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { DEFAULT_LABEL_TABLE } from '../../../src/core/label/table/label-table.ts';
import { finishInterruptedSave } from '../../../src/node/case/case-save.ts';
import { writeProposalFile } from '../../../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { SAVE_JOURNAL_ENDING } from '../../../src/node/cohort/state/save-journal-file.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { takeLock } from '../../../src/node/files/process-lock.ts';
import { textFingerprint } from '../../../src/node/files/text-fingerprint.ts';
import { type CohortOverview, CohortOverviewReader } from '../../../src/node/overview/cohort-overview.ts';
import { niftiBytes } from '../../support/nifti-bytes.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

const SLICES = 3;

/** A small volume that differs by `content`, which lies behind its voxels. */
function volume(content: string): Uint8Array {
  return Buffer.concat([niftiBytes(), Buffer.from(content)]);
}

function cohort(files: Readonly<Record<string, string>>) {
  const volumes = Object.entries(files).map(([name, text]) => [name, /\.nii(\.gz)?$/.test(name) ? volume(text) : text]);
  const root = writeTree(temporaryFolder(), Object.fromEntries(volumes));
  const store = new CohortStore(root);
  const reader = new CohortOverviewReader(store);
  const state = (id: string, { cases }: CohortOverview = reader.last as CohortOverview) =>
    cases.find((found) => found.files.id === id)?.state;
  return { root, store, reader, state, path: (name: string) => join(root, name) };
}

async function writeRecord(store: CohortStore, id: string, states: string[], labels: string): Promise<string> {
  const labelsFingerprint = await fileFingerprint(labels);
  const slices = states.map((state) => ({ state }) as { state: 'edited' });
  await store.writeCaseRecord(id, serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices }));
  return store.caseRecordPath(id);
}

async function writeProposal(store: CohortStore, id: string, version: number, image: string): Promise<string> {
  const name = `${version}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}-k`;
  const path = join(store.proposalsFolder(id), `${name}.vlp`);
  await writeProposalFile(path, {
    facts: {
      id: name,
      modelVersion: version,
      modelName: `model ${version}`,
      engineName: 'ONNX Runtime CPU',
      created: '2026-01-02T03:04:05.678Z',
      image: { fingerprints: [await fileFingerprint(image)], timeIndex: 0, shape: [2, 2, SLICES] },
      reviewAxis: 2,
      uncertainty: Array<number>(SLICES).fill(version / 10),
      components: [],
      labels: [...DEFAULT_LABEL_TABLE],
    },
    labelMap: new LabelMap([2, 2, SLICES]),
  });
  return path;
}

describe('the overview of a cohort', () => {
  it('notices that the voxels of a header that stayed as it was were cut off, and are whole again', async () => {
    const header = 'ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementDataFile = a.raw\n';
    const { reader, state, path } = cohort({ 'a.mhd': header, 'a.raw': 'x'.repeat(24) });
    await reader.read();
    const before = state('a')?.kind;
    expect(before).not.toBe('unreadable');
    writeFileSync(path('a.raw'), 'x'.repeat(23));
    await reader.read();
    expect(state('a')?.kind).toBe('unreadable');
    writeFileSync(path('a.raw'), 'x'.repeat(24));
    await reader.read();
    expect(state('a')?.kind).toBe(before);
  });

  it('looks at one case when one of its masks changes, and lists the cohort again when one comes or goes', async () => {
    const mask = (n: number, name: string) => `s${n}/segmentations/${name}.nii`;
    const { root, reader, path } = cohort({
      's0/ct.nii': '',
      [mask(0, 'liver')]: '',
      's1/ct.nii': '',
      [mask(1, 'liver')]: '',
      [mask(1, 'spleen')]: '',
    });
    const cases = () => reader.last?.cases.map(({ files }) => `${files.id} ${files.masks?.length ?? 0}`);
    await reader.read();
    expect(cases()).toEqual(['s0__ct 1', 's1__ct 2']);
    writeTree(root, { 'other.nii': volume(''), [mask(1, 'spleen')]: volume('more') });
    await reader.refresh([path(mask(1, 'spleen'))]);
    expect(cases()).toEqual(['s0__ct 1', 's1__ct 2']);
    rmSync(path(mask(1, 'spleen')));
    await reader.refresh([path(mask(1, 'spleen'))]);
    expect(cases()).toEqual(['other 0', 's0__ct 1', 's1__ct 1']);
  });

  it('names an image or a label map that is there and cannot be read, with what helps; it is never unlabelled (issue 11, 14)', async () => {
    const { reader, state, root, path } = cohort({ 'dangling.nii': 'A', 'pointer.nii': 'A', 'whole.nii': 'A' });
    writeFileSync(path('pointer_seg.nii.gz'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 31\n');
    symlinkSync('.git/annex/objects/x9/25/KEY/KEY', path('dangling_seg.nii.gz'));
    writeFileSync(path('empty.nii.gz'), '');
    writeFileSync(path('page.nii.gz'), '<!DOCTYPE html><html>login</html>');
    writeFileSync(path('short.nii'), niftiBytes().subarray(0, 360));
    writeFileSync(path('._whole.nii.gz'), Buffer.from([0, 5, 0x16, 7, 0, 0]));
    const { cases } = await reader.read();
    expect(Object.fromEntries(cases.map(({ files, state, labelled }) => [files.id, [state.kind, labelled]]))).toEqual({
      dangling: ['unreadable', true],
      empty: ['unreadable', false],
      page: ['unreadable', false],
      pointer: ['unreadable', true],
      short: ['unreadable', false],
      whole: ['unreviewed', false],
    });
    const sentence = (id: string) => (state(id) as { sentence: string }).sentence;
    expect(sentence('dangling')).toContain('dangling_seg.nii.gz cannot be read');
    expect(sentence('dangling')).toContain('`git annex get dangling_seg.nii.gz`');
    expect(sentence('pointer')).toContain('`git lfs pull`');
    expect(sentence('empty')).toContain('empty');
    expect(sentence('page')).toContain('login');
    expect(sentence('short')).toContain('incomplete');
    expect(casesToPredict(cases, 1)).toEqual(['whole']);
    expect(casesThatMayTrain(cases)).toEqual(new Set());
    // What has come meanwhile counts.
    writeFileSync(path('pointer_seg.nii.gz'), volume('labels'));
    await reader.refresh([join(root, 'pointer_seg.nii.gz')]);
    expect(state('pointer')).toEqual({ kind: 'accepted', imported: true });
  });

  // The view had a green tick for labels that the editor asked about.
  it('does not count labels as accepted that are turned against their image, until somebody has looked', async () => {
    const { store, reader, state, path } = cohort({
      'a.nii': 'A',
      'a_seg.nii': 'labels',
      'b.nii': 'B',
      'b_seg.nii': '',
    });
    writeFileSync(path('a.nii'), niftiBytes({ sformCode: 1, srow: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }));
    writeFileSync(path('a_seg.nii'), niftiBytes({ sformCode: 1, srow: [-1, 0, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0] }));
    const { cases } = await reader.read();
    expect(cases.map((each) => [each.files.id, describeCase(each)])).toEqual([
      ['a', 'labels turned or moved'],
      ['b', 'accepted (imported)'],
    ]);
    expect([...casesThatMayTrain(cases)]).toEqual(['b']);
    expect(casesToPredict(cases, 1)).toEqual([]);
    // Saved after somebody has looked: there is a record.
    await writeRecord(store, 'a', ['accepted', 'accepted', 'accepted'], path('a_seg.nii'));
    await reader.read();
    expect(state('a')).toEqual({ kind: 'accepted', imported: false });
  });

  it('tells of every case, and of one that is damaged in a sentence of its own', async () => {
    const { store, reader, state, path } = cohort({
      'a.nii': 'A',
      'b.nii': 'B',
      'b_seg.nii': 'labels',
      'c.nii': 'C',
      'd.nii': 'D',
      'd_seg.nii': 'labels',
      '.voxel-loop/cases/c.json': '{',
    });
    await store.writeRecord({
      ...newCohortRecord({ layout: 'side-by-side', labels: DEFAULT_LABEL_TABLE }),
      holdout: ['b'],
    });
    await writeProposal(store, 'a', 1, path('a.nii'));
    await writeRecord(store, 'd', ['accepted', 'edited', 'unreviewed'], path('d_seg.nii'));
    const overview = await reader.read();
    expect(state('a')).toEqual({ kind: 'proposed', pending: 3, slices: 3 });
    expect(state('b')).toEqual({ kind: 'accepted', imported: true });
    expect(state('c')).toMatchObject({ kind: 'damaged', sentence: expect.stringContaining('not valid JSON') });
    expect(state('d')).toEqual({ kind: 'edited', accepted: 1, slices: 3 });
    expect(overview.cases.map(({ holdout }) => holdout)).toEqual([false, true, false, false]);
    expect(overview.problems).toEqual([]);
  });

  it('shows no proposal of a case that is held out since it was made', async () => {
    const { store, reader, state, path } = cohort({ 'a.nii': 'A', 'b.nii': 'B' });
    await writeProposal(store, 'a', 1, path('a.nii'));
    await writeProposal(store, 'b', 1, path('b.nii'));
    await reader.read();
    expect(state('b')).toEqual({ kind: 'proposed', pending: 3, slices: 3 });
    const record = newCohortRecord({ layout: 'side-by-side', labels: DEFAULT_LABEL_TABLE });
    await store.writeRecord({ ...record, holdout: ['b'] });
    await reader.read();
    expect(state('a')?.kind).toBe('proposed');
    expect(state('b')).toEqual({ kind: 'unreviewed' });
  });

  it('goes on without a cohort.json that is damaged', async () => {
    const { reader } = cohort({ 'a.nii': '', '.voxel-loop/cohort.json': '{' });
    const { cases, problems } = await reader.read();
    expect(cases).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining('cohort.json is not valid JSON')]);
  });

  it('follows files that are named to it, new and gone ones too', async () => {
    const { store, reader, state, path } = cohort({ 'a.nii': 'A', 'b.nii': 'B' });
    await reader.read();
    const proposal = await writeProposal(store, 'a', 1, path('a.nii'));
    await reader.refresh([proposal]);
    expect(state('a')).toEqual({ kind: 'proposed', pending: 3, slices: 3 });

    writeFileSync(path('a_seg.nii.gz'), volume('labels'));
    const record = await writeRecord(store, 'a', ['accepted', 'accepted', 'unreviewed'], path('a_seg.nii.gz'));
    await reader.refresh([path('a_seg.nii.gz'), record]);
    expect(state('a')).toEqual({ kind: 'proposed', pending: 1, slices: 3 });

    writeFileSync(path('c.nii'), volume('C'));
    rmSync(path('b.nii'));
    await reader.refresh([path('c.nii'), path('b.nii')]);
    expect(reader.last?.cases.map(({ files }) => files.id)).toEqual(['a', 'c']);
    rmSync(path('a_seg.nii.gz'));
    await reader.refresh([path('a_seg.nii.gz')]);
    expect(state('a')).toEqual({ kind: 'proposed', pending: 3, slices: 3 });
  });

  it('notices labels that another program wrote after the record', async () => {
    const { store, reader, state, path } = cohort({ 'a.nii': 'A', 'a_seg.nii': 'labels' });
    await writeRecord(store, 'a', ['accepted', 'accepted'], path('a_seg.nii'));
    const later = new Date(Date.now() + 60_000);
    // Only touched: a checkout gives new times to the same file.
    utimesSync(path('a_seg.nii'), later, later);
    await reader.read();
    expect(state('a')).toEqual({ kind: 'accepted', imported: false });
    writeFileSync(path('a_seg.nii'), volume('other labels'));
    utimesSync(path('a_seg.nii'), later, later);
    const { cases } = await reader.refresh([path('a_seg.nii')]);
    expect(cases[0].state).toEqual({ kind: 'edited', accepted: 0, slices: 2 });
    expect(cases[0].changedOutside).toBe(true);
  });

  it('tells what counts after a save that was interrupted between label file and record, and writes nothing', async () => {
    const { store, reader, state, path } = cohort({ 'a.nii': 'A', 'a_seg.nii': 'old labels' });
    const record = await writeRecord(store, 'a', ['accepted', 'unreviewed'], path('a_seg.nii'));
    const replaces = textFingerprint(readFileSync(record, 'utf8'));
    writeFileSync(path('a_seg.nii'), volume('new labels'));
    const labelsFingerprint = await fileFingerprint(path('a_seg.nii'));
    const slices = [{ state: 'accepted' as const }, { state: 'accepted' as const }];
    const text = serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices });
    const journal = path(`.voxel-loop/cases/a${SAVE_JOURNAL_ENDING}`);
    const entry = { labelsFingerprint, replaces, record: text, history: [] };
    writeFileSync(journal, serializeSaveJournal(entry));
    const later = new Date(Date.now() + 5000);
    utimesSync(path('a_seg.nii'), later, later);
    // It still runs, however long it takes.
    const lock = await takeLock(path('.voxel-loop/cases/a.lock.tmp'), store.files);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(journal, longAgo, longAgo);
    await reader.read();
    expect(state('a')).toEqual({ kind: 'accepted', imported: false });
    if ('release' in lock) await lock.release();
    const old = readFileSync(record, 'utf8');
    const lies = () => readdirSync(path('.voxel-loop'), { recursive: true }).sort();
    const before = lies();
    await reader.refresh([]);
    expect(state('a')).toEqual({ kind: 'accepted', imported: false });
    // Who looks completes nothing: the folder may be a stranger's.
    expect(lies()).toEqual(before);
    expect(readFileSync(record, 'utf8')).toBe(old);

    // One of another label file is nobody's other half.
    writeFileSync(journal, serializeSaveJournal({ ...entry, labelsFingerprint: 'sha256-other' }));
    await reader.refresh([]);
    expect(state('a')).toMatchObject({ kind: 'edited' });
    // Nobody tells of a file that changed: the save is completed by who opens the case.
    writeFileSync(journal, serializeSaveJournal(entry));
    await finishInterruptedSave(store, { id: 'a', labels: path('a_seg.nii') });
    await reader.refresh([]);
    expect(state('a')).toEqual({ kind: 'accepted', imported: false });
    expect(readFileSync(record, 'utf8')).toBe(text);
    expect(existsSync(journal)).toBe(false);
  });

  it('prefers the proposal of the active model to a newer one, and leaves out one of another image', async () => {
    const { store, reader, path } = cohort({
      'a.nii': 'A',
      '.voxel-loop/models/1/card.json': '{}',
      '.voxel-loop/models/2/card.json': '{}',
      '.voxel-loop/active': '1\n',
    });
    const first = await writeProposal(store, 'a', 1, path('a.nii'));
    const second = await writeProposal(store, 'a', 2, path('a.nii'));
    const later = new Date(Date.now() + 5000);
    utimesSync(second, later, later);
    expect((await reader.read()).cases[0].proposal?.path).toBe(first);
    writeFileSync(path('.voxel-loop/active'), '2\n');
    expect((await reader.refresh([path('.voxel-loop/active')])).cases[0].proposal?.path).toBe(second);
    writeFileSync(path('a.nii'), volume('another image'));
    const muchLater = new Date(Date.now() + 60_000);
    utimesSync(path('a.nii'), muchLater, muchLater);
    expect((await reader.refresh([path('a.nii')])).cases[0].proposal).toBeNull();
  });
});
