import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeEdits } from '../../../../src/core/case/document/edits-codec.ts';
import { parseCaseRecord, serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { backupBase, parseBackupBase } from '../../../../src/node/case/open/backup-base.ts';
import { carryLeftCase } from '../../../../src/node/case/renamed/left-case.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const newDesk = () => new Desk(join(temporaryFolder(), 'case'));
const recordOf = (desk: Desk) => parseCaseRecord(readFileSync(desk.record, 'utf8'));
const statesOf = (desk: Desk) => recordOf(desk).slices.map(({ state }) => state);

/** A case of which slice 0 is drawn and accepted. */
async function savedCase() {
  const desk = newDesk();
  const window = await desk.open();
  window.draw(0, 1);
  window.accept(0);
  await window.save();
  return { desk, window };
}

describe('a case that is open in two windows', () => {
  it('loses no acceptance: the second save is refused, although the label file is the same', async () => {
    const { desk, window: left } = await savedCase();
    const right = await desk.open();
    left.accept(1);
    await left.save();
    right.accept(2);
    await expect(right.save()).rejects.toMatchObject({ code: 'label-file-changed' });
    expect(statesOf(desk)).toEqual(['accepted', 'accepted', 'unreviewed']);
    expect(await right.session.diskState()).toEqual({ kind: 'changed', what: 'review' });
    expect(right.session.hasUnsavedChanges).toBe(true);

    await right.session.revert();
    expect(right.seen.review).toEqual(['accepted', 'accepted', 'unreviewed']);
    right.accept(2);
    await right.save();
    expect(statesOf(desk)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('asks through its event, and saves over the other when the user has said so', async () => {
    const { desk, window } = await savedCase();
    const other = await desk.open();
    other.takeBack(0);
    await other.save();
    let asked = 0;
    window.session.onConflict(() => asked++);
    window.accept(1);
    await expect(window.save()).rejects.toThrow(/Choose whose labels to keep/);
    expect(asked).toBe(1);
    await window.session.keepOverDisk();
    await window.save();
    expect(statesOf(desk)).toEqual(['accepted', 'accepted', 'unreviewed']);
  });

  it('takes one of two saves that begin at once', async () => {
    const { desk, window: left } = await savedCase();
    const right = await desk.open();
    left.draw(1, 1);
    left.accept(1);
    right.draw(2, 2);
    right.accept(2);
    const saves = await Promise.allSettled([left.save(), right.save()]);
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = saves[0].status === 'fulfilled' ? left : right;
    expect((await desk.open()).seen).toEqual(winner.seen);
    expect(existsSync(desk.journal)).toBe(false);
  });

  it('knows its own save from that of others, also after several', async () => {
    const { desk, window } = await savedCase();
    for (const slice of [1, 2]) {
      window.accept(slice);
      await window.save();
      expect(await window.session.diskState()).toEqual({ kind: 'unchanged' });
    }
    // As git writes it on Windows.
    writeFileSync(desk.record, readFileSync(desk.record, 'utf8').replaceAll('\n', '\r\n'));
    expect(await window.session.diskState()).toEqual({ kind: 'unchanged' });
    expect((await desk.open()).seen).toEqual(window.seen);
  });

  it('takes the deletion of a record for no answer: what was accepted is unsaved again', async () => {
    const { desk, window } = await savedCase();
    rmSync(desk.record);
    expect(await window.session.diskState()).toEqual({ kind: 'deleted', what: 'review' });
    await window.session.keepOverDisk();
    expect(window.session.hasUnsavedChanges).toBe(true);
    await window.save();
    expect(statesOf(desk)).toEqual(['accepted', 'unreviewed', 'unreviewed']);
  });

  it('keeps what was imported beside what was drawn', async () => {
    const desk = newDesk();
    await desk.import({ 1: 1 });
    const window = await desk.open();
    expect(window.seen.review).toEqual(['accepted', 'accepted', 'accepted']);
    window.draw(1, 1);
    await window.save();
    expect(recordOf(desk).slices.map(({ state, source }) => [state, source])).toEqual([
      ['accepted', 'imported'],
      ['edited', undefined],
      ['accepted', 'imported'],
    ]);
  });
});

describe('a case that is read again', () => {
  it('keeps what is drawn meanwhile', async () => {
    const { desk, window } = await savedCase();
    const other = await desk.open();
    other.accept(1);
    await other.save();
    const reading = window.session.reloadIfSaved();
    window.draw(2, 3);
    const mine = window.seen;
    expect(await reading).toBe(false);
    expect(window.seen).toEqual(mine);
    expect(window.session.hasUnsavedChanges).toBe(true);
    expect((await window.session.diskState()).kind).toBe('changed');
  });

  it('has revisions that nothing before it had', async () => {
    const { desk, window } = await savedCase();
    const seen = window.document.revision;
    const other = await desk.open();
    other.accept(1);
    await other.save();
    expect(await window.session.reloadIfSaved()).toBe(true);
    expect(window.document.revision).toBeGreaterThan(seen);
    expect(window.document.firstRevision).toBe(window.document.revision);
    const first = window.document.firstRevision;
    window.draw(2, 3);
    expect(window.document.firstRevision).toBe(first);
    const again = await desk.open();
    const { revision } = again.document;
    expect(await again.restore(window.backup())).toHaveLength(1);
    expect(again.document.revision).toBeGreaterThan(revision);
  });
});

describe('a save that fails', () => {
  it('leaves nothing behind, and the next one saves', async () => {
    const { desk, window } = await savedCase();
    window.accept(1);
    // A folder where the history of this person belongs.
    const history = join(desk.store.stateDir, 'history', 'case', 'anna.jsonl');
    const before = readFileSync(history, 'utf8');
    rmSync(history);
    mkdirSync(history);
    await expect(window.save()).rejects.toMatchObject({ code: 'file-access' });
    expect(window.session.hasUnsavedChanges).toBe(true);
    rmSync(history, { recursive: true });
    writeFileSync(history, before);
    await window.save();
    expect(statesOf(desk)).toEqual(['accepted', 'accepted', 'unreviewed']);
    expect(readFileSync(history, 'utf8').match(/"accepted"/g)).toHaveLength(2);
    expect((await desk.open()).seen).toEqual(window.seen);
  });
});

describe('hot exit', () => {
  it('restores all labels after the label file was deleted, edited since or not', async () => {
    for (const isEdited of [false, true]) {
      const { desk, window } = await savedCase();
      rmSync(desk.labels);
      await window.session.keepOverDisk();
      if (isEdited) window.draw(2, 3);
      const mine = window.seen;
      const backup = window.backup();
      const again = await desk.open();
      expect(again.seen.voxels.every((label) => label === 0)).toBe(true);
      let toldLoss = 0;
      again.session.onNotOnDisk(() => toldLoss++);
      expect(await again.restore(backup)).toHaveLength(isEdited ? 1 : 0);
      expect(again.seen).toEqual(mine);
      expect(again.session.hasUnsavedChanges).toBe(true);
      expect(toldLoss).toBe(1);
      await again.save();
      expect((await desk.open()).seen).toEqual(mine);
    }
  });

  it('restores all labels when the whole case was deleted', async () => {
    const { desk, window } = await savedCase();
    window.draw(2, 3);
    const mine = window.seen;
    const backup = window.backup();
    rmSync(desk.labels);
    rmSync(desk.store.stateDir, { recursive: true });
    const again = await desk.open();
    await again.restore(backup);
    expect(again.seen).toEqual(mine);
    expect((await again.session.diskState()).kind).toBe('deleted');
    await again.session.keepOverDisk();
    await again.save();
    expect((await desk.open()).seen).toEqual(mine);
  });

  it('restores what the user kept over the work of somebody else', async () => {
    const { desk, window } = await savedCase();
    const other = await desk.open();
    window.draw(1, 1);
    other.draw(0, 4);
    await other.save();
    await window.session.keepOverDisk();
    const mine = window.seen;
    const again = await desk.open();
    let asked = 0;
    again.session.onConflict(() => asked++);
    await again.restore(window.backup());
    expect(again.seen).toEqual(mine);
    // Decided before the restart: nobody asks again.
    expect(asked).toBe(0);
    await again.save();
    expect((await desk.open()).seen).toEqual(mine);
  });

  it('stays unsaved when all edits are undone after the user kept them over other files', async () => {
    const { desk, window } = await savedCase();
    const saved = window.seen;
    const other = await desk.open();
    window.draw(1, 1);
    other.draw(0, 4);
    await other.save();
    await window.session.keepOverDisk();
    window.undo();
    expect(window.session.hasUnsavedChanges).toBe(true);
    await window.save();
    expect((await desk.open()).seen).toEqual(saved);
  });

  it('asks when somebody changed the case while nobody had it open', async () => {
    const { desk, window } = await savedCase();
    window.accept(1);
    const mine = window.seen;
    const backup = window.backup();
    const other = await desk.open();
    other.accept(2);
    await other.save();
    const again = await desk.open();
    let asked = 0;
    again.session.onConflict(() => asked++);
    expect(await again.restore(backup)).toHaveLength(1);
    expect(again.seen).toEqual(mine);
    expect(asked).toBe(1);
    await expect(again.save()).rejects.toMatchObject({ code: 'label-file-changed' });
    expect(statesOf(desk)).toEqual(['accepted', 'unreviewed', 'accepted']);
    await again.session.revert();
    expect(again.seen).toEqual(other.seen);
  });

  it('brings back nothing that was saved, and nothing twice', async () => {
    const { desk, window } = await savedCase();
    window.accept(1);
    const backup = window.backup();
    await window.save();
    const again = await desk.open();
    expect(await again.restore(backup)).toEqual([]);
    expect(again.session.hasUnsavedChanges).toBe(false);

    window.accept(2);
    const later = window.backup();
    expect(await again.restore(later)).toHaveLength(1);
    expect(await again.restore(later)).toEqual([]);
    expect(again.seen).toEqual(window.seen);
  });

  it('reads backups of earlier versions, and refuses those whose saved state is gone', async () => {
    const { desk, window } = await savedCase();
    window.accept(1);
    const { edits } = window.session.backup();
    const { record, state, ...old } = parseBackupBase(edits.baseFingerprint)!;
    expect(typeof record).toBe('string');
    expect(typeof state).toBe('string');
    const earlier = {
      edits: encodeEdits({ ...edits, baseFingerprint: backupBase(old) }),
      name: '',
      state: new Uint8Array(),
    };
    const again = await desk.open();
    expect(await again.restore(earlier)).toHaveLength(1);
    expect(again.seen).toEqual(window.seen);

    const other = await desk.open();
    other.draw(0, 4);
    await other.save();
    const last = await desk.open();
    expect(await last.restore(earlier)).toBeNull();
    expect(await last.session.restore(edits, async () => null)).toBeNull();
    expect(last.seen).toEqual(other.seen);
  });

  it('refuses a damaged saved state, and changes nothing', async () => {
    const { desk, window } = await savedCase();
    window.accept(1);
    const backup = window.backup();
    const foreign = {
      ...backup,
      state: backup.state.map((byte, n) => (n === backup.state.length - 1 ? byte + 1 : byte)),
    };
    rmSync(desk.labels);
    const again = await desk.open();
    const before = again.seen;
    await expect(again.restore(foreign)).rejects.toMatchObject({ code: 'edits-format' });
    expect(again.seen).toEqual(before);
  });
});

it('reads a record that an earlier version wrote', async () => {
  const { desk, window } = await savedCase();
  const record = recordOf(desk);
  mkdirSync(dirname(desk.record), { recursive: true });
  writeFileSync(desk.record, serializeCaseRecord(record));
  expect((await desk.open()).seen).toEqual(window.seen);
  // Labels that another program wrote: nobody knows which slices.
  await desk.import({ 3: 1 });
  expect((await desk.open()).seen.review).toEqual(['edited', 'unreviewed', 'unreviewed']);
});

describe('labels that are there and cannot be read (issue 11, 14)', () => {
  it('never open as no labels', async () => {
    const desk = newDesk();
    symlinkSync('.git/annex/objects/x9/25/KEY/KEY', desk.labels);
    await expect(desk.open()).rejects.toThrow('git annex get case_seg.nii.gz');
    rmSync(desk.labels);
    writeFileSync(desk.labels, 'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 1\n');
    await expect(desk.open()).rejects.toThrow('git lfs pull');
  });

  it('are not saved over where they became a link that leads nowhere meanwhile', async () => {
    const desk = newDesk();
    const window = await desk.open();
    window.draw(1, 1);
    symlinkSync('.git/annex/objects/x9/25/KEY/KEY', desk.labels);
    await expect(window.save()).rejects.toThrow('git annex get case_seg.nii.gz');
    expect(window.session.hasUnsavedChanges).toBe(true);
    expect(lstatSync(desk.labels).isSymbolicLink()).toBe(true);
    expect(readdirSync(dirname(desk.labels))).not.toContain('.git');
  });
});

it('says in its record which image was drawn on, once that is known', async () => {
  const desk = newDesk();
  const window = await desk.open();
  window.draw(0, 1);
  await window.save();
  expect(recordOf(desk).image).toBeUndefined();
  const identity = await window.session.owner();
  window.draw(1, 1);
  await window.save();
  expect([recordOf(desk).image, recordOf(desk).version]).toEqual([identity, 6]);
});

// Labels that had been drawn on the image of one patient were offered to that of another one, whose fingerprint stood in the record.
describe('the record of labels whose image was replaced', () => {
  const identityNow = async (desk: Desk) => (await desk.sessionImage()).owner.identity();

  it('names the image that was drawn on last, when it was shown instead of the one before or the labels were kept for it', async () => {
    for (const how of ['shown', 'kept'] as const) {
      const desk = newDesk();
      const window = await desk.open();
      await window.session.owner();
      window.draw(0, 1);
      await window.save();
      if (how === 'kept') window.draw(0, 2);
      desk.replaceImage([1, 1, 3], 9);
      const image = await desk.sessionImage();
      if (how === 'kept') await window.session.keepForImage(image, () => undefined);
      else await window.session.showImage(image, 'kept', () => undefined);
      expect(await window.session.isSavedForOther()).toBe(how === 'shown');
      // Nobody asks here which image that is: the session has.
      await expect.poll(() => image.owner.known.fingerprint).not.toBeNull();
      window.draw(1, 1);
      await window.save();
      expect(recordOf(desk).image, how).toEqual(await identityNow(desk));
      expect(await window.session.isSavedForOther()).toBe(false);
    }
  });

  it('names none that may be another one, where the image was replaced while nobody looked and a save comes before it was read', async () => {
    const desk = newDesk();
    const before = await desk.open();
    await before.session.owner();
    before.draw(0, 1);
    before.accept(0);
    await before.save();
    expect(await before.session.isSavedForOther()).toBe(false);
    expect(await (await desk.open()).session.isSavedForOther()).toBe(false);
    desk.replaceImage([1, 1, 3], 9);
    const window = await desk.open();
    window.draw(2, 2);
    await window.save();
    expect(recordOf(desk).image).toBeUndefined();
    // What was accepted on the other image is still told of.
    expect(await window.session.isSavedForOther()).toBe(true);
    window.draw(2, 3);
    await window.save();
    expect(recordOf(desk).image).toEqual(await identityNow(desk));
  });
});

// A label map that was drawn under another name of its image came beside as .nii; the open session showed no labels, and its next
// save put a .nii.gz in front of the file and a new review in the place of the one that had been carried along.
it('hides no label file that came beside, packed otherwise, since it was opened', async () => {
  const desk = newDesk();
  const old = join(desk.store.root, 'old_seg.nii');
  const before = await desk.open();
  before.draw(0, 1);
  before.accept(0);
  await before.save();
  writeFileSync(old, gunzipSync(readFileSync(desk.labels)));
  const record = { ...recordOf(desk), labelsFingerprint: await fileFingerprint(old) };
  for (const path of [desk.labels, desk.record]) rmSync(path);
  await desk.store.writeCaseRecord('old', serializeCaseRecord(record));
  const window = await desk.open();
  const carried = await carryLeftCase(desk.store, { id: 'old', labels: old }, window.session.files, fileFingerprint);
  expect(carried).toBe(desk.labels.slice(0, -'.gz'.length));
  expect(await window.session.reloadIfSaved()).toBe(true);
  expect(window.session.warnings.join()).toContain('case_seg.nii.gz was saved before and is not there any more');
  window.draw(2, 1);
  await expect(window.save()).rejects.toMatchObject({ code: 'labels-appeared' });
  expect(window.session.hasUnsavedChanges).toBe(true);
  expect(readdirSync(desk.store.root).filter((name) => name.includes('seg'))).toEqual(['case_seg.nii']);
  expect(recordOf(desk)).toEqual(record);
});

describe('a case whose folder is a link out of the cohort', () => {
  // `project/data -> /nas/data` with `project` as the workspace: one could draw for an hour and never save.
  it('is saved and taken back there when the user has agreed to the folder, and refused before', async () => {
    const folder = realpathSync(temporaryFolder());
    mkdirSync(join(folder, 'nas/data'), { recursive: true });
    mkdirSync(join(folder, 'project'));
    symlinkSync('../nas/data', join(folder, 'project/data'));
    const desk = new Desk(join(folder, 'project'), 'data');
    const window = await desk.open();
    window.draw(0, 1);
    await expect(window.save()).rejects.toMatchObject({ code: 'unsafe-path' });
    desk.store.labelFolders.add(join(folder, 'nas/data'));
    await window.save();
    expect(readdirSync(join(folder, 'nas/data')).sort()).toEqual(['case.nii', 'case_seg.nii.gz']);
    expect(existsSync(desk.record)).toBe(true);
    expect((await desk.open()).seen).toEqual(window.seen);
    window.undo();
    await window.save();
    expect(readdirSync(join(folder, 'nas/data'))).toEqual(['case.nii']);
  });
});

describe('an unlabelled case of which everything is undone', () => {
  const paths = (desk: Desk) => [desk.labels, desk.record, desk.journal];

  it('has no label file and no record any more after the next save, and gets them again with the next edit', async () => {
    const desk = newDesk();
    const window = await desk.open();
    window.accept(0);
    await window.save();
    expect(paths(desk).map((path) => existsSync(path))).toEqual([true, true, false]);
    window.undo();
    expect(window.session.hasUnsavedChanges).toBe(true);
    await window.save();
    expect(paths(desk).map((path) => existsSync(path))).toEqual([false, false, false]);
    expect(window.session.hasUnsavedChanges).toBe(false);
    expect(await window.session.diskState()).toEqual({ kind: 'unchanged' });
    // It opens as one that nobody touched; what happened stays in its history.
    expect((await desk.open()).seen.review).toEqual(['unreviewed', 'unreviewed', 'unreviewed']);
    const told = await window.session.historyOf(0);
    expect(told.map(({ entry }) => entry.what)).toEqual(['accepted', 'undone']);

    window.draw(1, 2);
    await window.save();
    expect(statesOf(desk)).toEqual(['unreviewed', 'edited', 'unreviewed']);
    window.undo();
    await window.save();
    expect(existsSync(desk.labels)).toBe(false);
    // And what hot exit keeps after that still fits.
    window.accept(2);
    const again = await desk.open();
    expect(await again.restore(window.backup())).toHaveLength(1);
    expect(again.seen.review).toEqual(['unreviewed', 'unreviewed', 'accepted']);
  });

  it('keeps a label file that was there before, and one that another program wrote', async () => {
    const desk = newDesk();
    await desk.import({});
    const window = await desk.open();
    window.takeBack(0);
    await window.save();
    window.undo();
    await window.save();
    expect(existsSync(desk.labels)).toBe(true);

    const other = newDesk();
    const mine = await other.open();
    mine.accept(0);
    await mine.save();
    await other.import({ 3: 1 });
    const theirs = readFileSync(other.labels);
    mine.undo();
    await expect(mine.save()).rejects.toMatchObject({ code: 'label-file-changed' });
    expect(readFileSync(other.labels)).toEqual(theirs);
    // Mine is to be kept: it takes the place of theirs, and is not theirs to be deleted.
    await mine.session.keepOverDisk();
    await mine.save();
    expect(existsSync(other.labels)).toBe(true);
    expect(statesOf(other)).toEqual(['unreviewed', 'unreviewed', 'unreviewed']);
  });

  it('that was open before with labels of its own keeps them: only this session knows what it made', async () => {
    const { desk, window } = await savedCase();
    const later = await desk.open();
    later.takeBack(0);
    await later.save();
    expect(existsSync(desk.labels)).toBe(true);
    window.session.dispose();
  });

  it('opens as one that nobody touched where taking it back was cut off after its label file', async () => {
    const desk = newDesk();
    const window = await desk.open();
    window.accept(0);
    await window.save();
    rmSync(desk.labels);
    const again = await desk.open();
    expect(again.seen.review).toEqual(['unreviewed', 'unreviewed', 'unreviewed']);
    again.accept(1);
    await again.save();
    again.undo();
    await again.save();
    // There was a record when it was opened: nothing is taken away that this session did not make.
    expect(existsSync(desk.record)).toBe(true);
  });
});

it('what was worked on before hot exit was looked at, and nobody is asked about it again', async () => {
  const desk = newDesk();
  const window = await desk.open();
  window.draw(1, 2);
  const { edits, state } = window.session.backup();
  const again = await desk.open();
  expect(again.document.wasShown(1)).toBe(false);
  const backup = { ...edits, seconds: [[1, 12.5] as const] };
  expect(await again.session.restore(backup, async () => state.bytes())).toHaveLength(1);
  expect([0, 1, 2].map((slice) => again.document.wasShown(slice))).toEqual([false, true, false]);
});
