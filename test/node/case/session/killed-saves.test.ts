import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { parseCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { type HistoryEntry, parseHistory } from '../../../../src/core/cohort/records/slice-history.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { Desk, type Window } from '../../../support/case-desk.ts';
import { fate, live } from '../../../support/killable-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const { killable } = await import('../../../support/killable-files.ts');
  return killable(await original<typeof import('node:fs/promises')>());
});

type Act =
  | { readonly kind: 'draw'; readonly slice: number; readonly column: number; readonly label: number }
  | { readonly kind: 'accept' | 'take-back'; readonly slice: number }
  | { readonly kind: 'undo' };

const slice = fc.nat(2);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('draw' as const), slice, column: fc.nat(4), label: fc.nat(1) }),
  fc.record({ kind: fc.constantFrom('accept' as const, 'accept' as const, 'take-back' as const), slice }),
  fc.record({ kind: fc.constant('undo' as const) }),
);
const acts = fc.array(act, { minLength: 1, maxLength: 5 });

/** What a user does until a save, and after how many changes to files that save is killed. */
const round = fc.record({
  acts,
  /** A save makes about 30. */
  killAfter: fc.option(fc.nat(36), { freq: 5 }),
  tearsWrites: fc.boolean(),
  hasBackup: fc.boolean(),
});

function perform(window: Window, each: Act): void {
  if (each.kind === 'draw') window.draw(each.slice, each.column, each.label);
  else if (each.kind === 'accept') window.accept(each.slice);
  else if (each.kind === 'take-back') window.takeBack(each.slice);
  else window.undo();
}

function same(a: Window['seen'], b: Window['seen']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function historyOf(desk: Desk): HistoryEntry[] {
  const folder = join(desk.store.stateDir, 'history', 'case');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => parseHistory(readFileSync(join(folder, name), 'utf8')));
}

/** Every acceptance that somebody gave is in the history. */
function expectHistory(desk: Desk, { review, provenance }: Window['seen']): void {
  const entries = historyOf(desk);
  for (const [at, state] of review.entries()) {
    const { when } = provenance[at];
    if (state !== 'accepted' || when === undefined) continue;
    const told = entries.filter(
      (entry) =>
        entry.what === 'accepted' &&
        entry.when === when &&
        entry.slices.some(([first, last]) => first <= at && at <= last),
    );
    expect(told).toHaveLength(1);
  }
}

it('a save that is killed anywhere is whole or never was: voxels, acceptances and history', async () => {
  const start = fc.constantFrom('nothing' as const, 'imported' as const);
  const cuts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(start, fc.array(round, { minLength: 1, maxLength: 5 }), async (from, rounds) => {
      const desk = new Desk(join(temporaryFolder(), 'case'));
      if (from === 'imported') await desk.import({ 1: 1, 25: 1, 55: 1 });
      let window = await desk.open();
      let saved = window.seen;
      for (const { acts, killAfter, tearsWrites, hasBackup } of rounds) {
        for (const each of acts) perform(window, each);
        const mine = window.seen;
        const hadChanges = window.session.hasUnsavedChanges;
        const backup = hasBackup && hadChanges ? window.backup() : null;
        Object.assign(fate, { left: killAfter ?? Number.POSITIVE_INFINITY, tearsWrites });
        const isKilled = await window.save().then(
          () => false,
          () => true,
        );
        live();
        if (!isKilled && hadChanges) saved = mine;
        if (killAfter === null) continue;
        window = await desk.open();
        const found = window.seen;
        const isNew = same(found, mine);
        const isOld = same(found, saved);
        if (!isNew) expect(found).toEqual(saved);
        if (isKilled && isNew !== isOld) cuts.add(isNew ? 'after' : 'before');
        // A later window finds the same.
        expect((await desk.open()).seen).toEqual(found);
        expectHistory(desk, found);
        if (existsSync(desk.labels) && existsSync(desk.record)) {
          const record = parseCaseRecord(readFileSync(desk.record, 'utf8'));
          expect(record.labelsFingerprint).toBe(await fileFingerprint(desk.labels));
          expect(record.slices.map(({ state }) => state)).toEqual(found.review);
        }
        saved = found;
        if (!backup) continue;
        expect(await window.restore(backup)).not.toBeNull();
        expect(window.seen).toEqual(mine);
        if (isNew !== isOld) expect(window.session.hasUnsavedChanges).toBe(isOld);
        expect((await window.session.diskState()).kind).toBe('unchanged');
      }
    }),
    { numRuns: 60, seed: 7 },
  );
  // Both halves of a save were cut.
  expect([...cuts].sort()).toEqual(['after', 'before']);
});

it('counts no label map as complete because the save that made it was killed before its record', async () => {
  for (let killAfter = 0, isDone = false; !isDone; killAfter++) {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    window.draw(0, 2);
    window.accept(1);
    Object.assign(fate, { left: killAfter, tearsWrites: false });
    isDone = await window.save().then(
      () => true,
      () => false,
    );
    live();
    if (!existsSync(desk.labels)) continue;
    // Also for readers that know nothing of journals: where labels are, a record is.
    expect(existsSync(desk.record)).toBe(true);
    const { review } = (await desk.open()).seen;
    expect(review).toEqual(['edited', 'accepted', 'unreviewed']);
  }
});

it('tells the history of a save that was killed before it was written', async () => {
  const counts = new Set<number>();
  for (let killAfter = 0, isDone = false; !isDone; killAfter++) {
    const desk = new Desk(join(temporaryFolder(), 'case'));
    const window = await desk.open();
    window.accept(1);
    Object.assign(fate, { left: killAfter, tearsWrites: true });
    isDone = await window.save().then(
      () => true,
      () => false,
    );
    live();
    const { review } = (await desk.open()).seen;
    expect(historyOf(desk)).toHaveLength(review[1] === 'accepted' ? 1 : 0);
    counts.add(historyOf(desk).length);
  }
  expect(counts.size).toBe(2);
});

it('is whole or never was whichever change to files is the last one, of a first save, a later one, and one over labels from elsewhere', async () => {
  let kills = 0;
  for (const from of ['nothing', 'saved', 'imported'] as const) {
    for (const tearsWrites of [false, true]) {
      for (let killAfter = 0, isDone = false; !isDone; killAfter++) {
        const desk = new Desk(join(temporaryFolder(), 'case'));
        if (from === 'imported') await desk.import({ 1: 1, 25: 1, 55: 1 });
        const window = await desk.open();
        if (from === 'saved') {
          window.draw(0, 1);
          window.accept(0);
          await window.save();
        }
        const before = window.seen;
        window.draw(2, 2);
        window.accept(1);
        const after = window.seen;
        Object.assign(fate, { left: killAfter, tearsWrites });
        isDone = await window.save().then(
          () => true,
          () => false,
        );
        live();
        if (!isDone) kills++;
        const found = (await desk.open()).seen;
        if (!same(found, before) || isDone) expect(found).toEqual(after);
        expectHistory(desk, found);
      }
    }
  }
  // About 30 changes a save, each of them the last one once.
  expect(kills).toBeGreaterThan(120);
  console.info(`${kills} saves were killed, one at each change to files.`);
});
