import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planLabelChange } from '../../../../src/core/case/document/document-intents.ts';
import {
  type CaseRecord,
  parseCaseRecord,
  serializeCaseRecord,
} from '../../../../src/core/cohort/records/case-record.ts';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { labelTableFrom } from '../../../../src/core/label/table/label-table.ts';
import { labelChangeQuestion } from '../../../../src/node/case/questions/label-change-question.ts';
import { Desk, type Window } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const TABLE = labelTableFrom([{ value: 1, name: 'spleen' }]);

/** A case of a cohort in which label 1 is the spleen, with twelve other cases that have it. */
async function deskOfSpleens(): Promise<Desk> {
  const desk = new Desk(join(temporaryFolder(), 'case'));
  await desk.store.writeRecord(newCohortRecord({ layout: 'side-by-side', labels: [...TABLE] }));
  desk.labelUse = { cases: ['c1', 'c2', 'c3', 'c4'], unknown: 0 };
  return desk;
}

function rename(window: Window, name: string): void {
  const entry = window.document.table[1];
  const edit = planLabelChange(window.document, 1, { ...entry, name });
  if (edit) window.session.perform(edit, { document: window });
}

const cohortNames = async (desk: Desk) => (await desk.store.readRecord())?.labels.map(({ name }) => name);
const names = (window: Window) => window.document.table.map(({ name }) => name);

const ITK_SNAP = (...names: readonly string[]) =>
  [
    '# ITK-SnAP Label Description File',
    '0 0 0 0 0 0 0 "Clear Label"',
    ...names.map((name, n) => `${n + 1} 255 0 0 1 1 1 "${name}"`),
  ].join('\n');

describe('a file beside the labels of one case that names them', () => {
  it('is said to contradict the cohort, until the case has names of its own', async () => {
    const desk = await deskOfSpleens();
    await desk.import({ 1: 1 });
    writeFileSync(join(desk.store.root, 'case_seg.txt'), ITK_SNAP('liver'));
    const window = await desk.open();
    expect(names(window)).toEqual(['background', 'spleen']);
    expect(window.session.warnings).toEqual([
      'case_seg.txt names label 1 "liver" (here "spleen"): the names here count. If that file is right, rename the labels of this case alone, or give its voxels the values that they have in this cohort.',
    ]);
    window.session.decideLabelScope(1, 'case');
    rename(window, 'Liver');
    await window.save();
    expect((await desk.open()).session.warnings).toEqual([]);
  });

  it.each([
    ['says the same', ITK_SNAP('Spleen')],
    ['names what this case does not know', ITK_SNAP('spleen', 'tumour')],
    ['is no list of labels', 'drawn on a Friday'],
  ])('is passed over where it %s', async (_, text) => {
    const desk = await deskOfSpleens();
    await desk.import({ 1: 1 });
    writeFileSync(join(desk.store.root, 'case_seg.txt'), text);
    expect((await desk.open()).session.warnings).toEqual([]);
  });
});

describe('naming a label in one case', () => {
  it('leaves the names of other cases alone: a spleen does not become a liver', async () => {
    const desk = await deskOfSpleens();
    const window = await desk.open();
    rename(window, 'liver');
    await window.save();
    expect(await cohortNames(desk)).toEqual(['background', 'spleen']);
    expect(parseCaseRecord(readFileSync(desk.record, 'utf8'))).toMatchObject({
      version: 4,
      labels: [{ value: 1, name: 'liver' }],
    });
    const again = await desk.open();
    expect(names(again)).toEqual(['background', 'liver']);
    again.draw(0, 1);
    await again.save();
    expect(names(await desk.open())).toEqual(['background', 'liver']);
    expect(await cohortNames(desk)).toEqual(['background', 'spleen']);
  });

  it('is for all cases where that was decided', async () => {
    const desk = await deskOfSpleens();
    const window = await desk.open();
    window.session.decideLabelScope(1, 'cohort');
    rename(window, 'liver');
    await window.save();
    expect(await cohortNames(desk)).toEqual(['background', 'liver']);
    expect(parseCaseRecord(readFileSync(desk.record, 'utf8')).labels).toBeUndefined();
  });

  it('is for all where no other case has the label, also when unsaved work came back', async () => {
    const desk = await deskOfSpleens();
    desk.labelUse = { cases: [], unknown: 0 };
    const window = await desk.open();
    rename(window, 'liver');
    const again = await desk.open();
    await again.restore(window.backup());
    await again.save();
    expect(await cohortNames(desk)).toEqual(['background', 'liver']);
    desk.labelUse = { cases: [], unknown: 1 };
    rename(again, 'kidney');
    again.session.decideLabelScope(1, 'case');
    await again.save();
    expect(await cohortNames(desk)).toEqual(['background', 'liver']);
  });

  it('comes back as it was after a save that was lost with its files', async () => {
    const desk = await deskOfSpleens();
    const window = await desk.open();
    rename(window, 'liver');
    await window.save();
    window.draw(0, 2);
    const kept = window.backup();
    const again = await desk.open();
    await again.restore(kept);
    await again.save();
    expect(names(await desk.open())).toEqual(['background', 'liver']);
  });

  it('saves the labels also where the table of the cohort is damaged meanwhile', async () => {
    const desk = await deskOfSpleens();
    const window = await desk.open();
    rename(window, 'liver');
    window.draw(0, 1);
    writeFileSync(join(desk.store.stateDir, 'cohort.json'), '{');
    await window.save();
    expect(window.session.hasUnsavedChanges).toBe(false);
    expect(desk.reported).toEqual([[expect.objectContaining({ code: 'cohort-record' })]]);
  });
});

describe('the question before a label changes', () => {
  const [, spleen] = TABLE;
  const liver = { ...spleen, name: 'liver' };

  it('names the label, what becomes of it, and how many other cases have it', () => {
    const question = labelChangeQuestion(spleen, liver, { cases: ['c1', 'c2', 'c3', 'c4', 'c5'], unknown: 2 });
    expect(question?.message).toBe('Rename "spleen" to "liver" in all cases, or in this one alone?');
    expect(question?.detail.split('\n').slice(0, 2)).toEqual([
      'Label 1 is used in 5 other cases, named "spleen" there: c1, c2, c3 and 2 more.',
      '2 other cases were not looked at: there was no time, or the files cannot be read.',
    ]);
  });

  // Enter ends typing the name, and a second one renamed the label in eighteen other cases.
  it('has a default that changes no other case', () => {
    const question = labelChangeQuestion(spleen, liver, { cases: ['c1'], unknown: 0 });
    expect(question?.answers.map(({ scope }) => scope)).toEqual(['case', 'cohort']);
  });

  it('is not put where nobody else is touched', () => {
    expect(labelChangeQuestion(spleen, liver, { cases: [], unknown: 0 })).toBeNull();
    expect(labelChangeQuestion(undefined, liver, { cases: ['a'], unknown: 0 })).toBeNull();
    expect(labelChangeQuestion(spleen, spleen, { cases: ['a'], unknown: 0 })).toBeNull();
  });
});

describe('records with labels of their own', () => {
  it('are written as one line a label, and refused where they are none', () => {
    const record: CaseRecord = { version: 4, labelsFingerprint: null, reviewAxis: 'k', slices: [] };
    const text = serializeCaseRecord({ ...record, labels: [{ value: 1, name: 'liver', color: '#aa0000' }] });
    expect(text).toContain('"labels": [\n    {"value":1,"name":"liver","color":"#aa0000"}\n  ]');
    expect(serializeCaseRecord(parseCaseRecord(text))).toBe(text);
    for (const labels of [
      [{ value: 0, name: 'x', color: '#aa0000' }],
      [{ value: 1, name: 'x', color: 'red' }],
      [1, 1].map((value) => ({ value, name: 'x', color: '#aa0000' })),
    ]) {
      expect(() => parseCaseRecord(JSON.stringify({ ...record, labels }))).toThrow(/damaged/);
    }
  });
});
