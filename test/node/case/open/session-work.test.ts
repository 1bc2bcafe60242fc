import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { EditLog } from '../../../../src/core/case/document/edit-log.ts';
import { recordedFigures } from '../../../../src/core/cohort/records/case-record.ts';
import { caseRecordOf } from '../../../../src/core/cohort/records/document-record.ts';
import { slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import type { LabelTable } from '../../../../src/core/label/table/label-table.ts';
import { SessionWork } from '../../../../src/node/case/open/session-work.ts';
import {
  PROPOSAL_ENDING,
  readProposalFile,
  writeProposalFile,
} from '../../../../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { documentOf, proposalOf, SHAPE, SIZE, TABLE } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const planes = slicePlanes(
  { shape: SHAPE, spacingMm: [1, 1, 1], voxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
  'radiological',
);
const SLICE = 99;
/** Liver all over the first five slices. */
const proposed = new Uint8Array(SIZE).fill(1, 0, 5 * SLICE);
const files = { id: 'case', labels: '/cohort/case_seg.nii.gz' };

/** A case that is worked on, saved, and opened again. */
class Desk {
  readonly store = new CohortStore(temporaryFolder());
  readonly spent = new Map<number, number>();
  readonly warnings: string[] = [];
  readonly log = new EditLog();
  readonly document: CaseDocument = documentOf({ planes, reviewPlane: 'axial', labels: new Uint8Array(SIZE) });
  readonly done: DocumentEdit[] = [];
  who = 'Anna';
  work = this.#newWork();

  accept(slice: number): void {
    this.#make(
      planDecision(
        this.document,
        { action: 'accept-slices', from: slice, to: slice },
        { who: this.who, when: new Date().toISOString() },
      ),
    );
  }

  reject(slice: number): void {
    const intent = { action: 'reject-slices', from: slice, to: slice } as const;
    this.#make(planDecision(this.document, intent, { when: new Date().toISOString() }));
  }

  draw(slice: number, label: number): void {
    const stroke = { tool: 'brush', plane: 'axial', slice, path: [[4, 4]], radiusMm: 0.1, label } as const;
    this.#make(planGesture(this.document, stroke));
  }

  /** The proposal of model 3 as it lies on disk. */
  async keep3(labels: LabelTable, voxels: Uint8Array): Promise<void> {
    const path = join(this.store.proposalsFolder('case'), `3${PROPOSAL_ENDING}`);
    await writeProposalFile(path, {
      facts: {
        id: '3',
        modelVersion: 3,
        modelName: 'model 3',
        engineName: '',
        created: '2026-11-24T10:00:00.000Z',
        image: { fingerprints: [], timeIndex: 0, shape: [...SHAPE] },
        reviewAxis: 2,
        uncertainty: new Array<number>(SHAPE[2]).fill(0),
        components: [],
        labels: [...labels],
      },
      labelMap: LabelMap.fromDense(SHAPE, voxels),
    });
  }

  undo(): DocumentEdit {
    const edit = this.done.pop()!;
    this.document.undo(edit);
    this.log.undid(edit, new Date().toISOString());
    return edit;
  }

  async save({ fails = false } = {}) {
    const steps = this.log.stepsSinceSave;
    const running = this.log.beginSave();
    const measuring = this.work.measure(this.document, steps, caseRecordOf(this.document, null));
    const saved = await measuring;
    if (fails) {
      running.failed();
      return saved.record.slices;
    }
    await this.store.history.append('case', saved.who, saved.history);
    saved.written();
    running.succeeded();
    return saved.record.slices;
  }

  /** What a window that is opened anew knows. */
  reopen(record: Parameters<typeof recordedFigures>[0], how: Parameters<SessionWork['loaded']>[1] = 'as-saved'): void {
    this.work = this.#newWork();
    this.work.loaded(recordedFigures(record), how);
  }

  history(slice: number) {
    return this.work.historyOf(this.document, this.log.stepsSinceSave, slice);
  }

  #newWork(): SessionWork {
    return new SessionWork(
      files,
      this.store,
      {
        reviewerName: async () => this.who,
        uncountedSeconds: (labels) => new Map(labels === files.labels ? this.spent : []),
        counted: (_labels, seconds) => {
          for (const [slice, each] of seconds) this.spent.set(slice, (this.spent.get(slice) ?? 0) - each);
        },
        broughtBack: (_labels, seconds) => {
          for (const [slice, each] of seconds) this.spent.set(slice, (this.spent.get(slice) ?? 0) + each);
        },
      },
      () => ({ readProposal: readProposalFile }),
      (message) => this.warnings.push(message),
    );
  }

  #make(edit: DocumentEdit | null): void {
    this.document.apply(edit!);
    this.done.push(edit!);
    this.log.did(edit!, new Date().toISOString());
  }
}

describe('SessionWork', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
    desk.document.setProposal(proposalOf('3', proposed, desk.document.sliceCount));
  });

  it('counts time once: with the slice that it was spent on, when it is saved', async () => {
    desk.spent.set(1, 12.34).set(2, 5);
    desk.accept(1);
    const [, first, second] = await desk.save();
    expect(first).toMatchObject({ seconds: 12.3, change: { model: 3, voxels: 0, labels: [[1, SLICE, SLICE, SLICE]] } });
    // Only looked at: it waits for what becomes of the slice.
    expect(second).toEqual({ state: 'unreviewed' });
    expect(desk.spent.get(1)).toBeCloseTo(0, 9);
    expect(desk.spent.get(2)).toBe(5);

    desk.undo();
    expect((await desk.save())[1]).toEqual({ state: 'unreviewed', seconds: 12.3 });
    desk.accept(1);
    desk.spent.set(1, 1);
    expect((await desk.save())[1]).toMatchObject({ seconds: 13.3 });
  });

  it('counts nothing for a save that failed, and all of it for the next', async () => {
    desk.spent.set(1, 10);
    desk.accept(1);
    await desk.save({ fails: true });
    expect(desk.spent.get(1)).toBe(10);
    expect(await desk.store.history.read('case')).toEqual([]);
    expect((await desk.save())[1]).toMatchObject({ seconds: 10 });
    expect(await desk.store.history.read('case')).toHaveLength(1);
  });

  it('counts what differs from the proposal, not what was drawn', async () => {
    desk.draw(1, 2);
    desk.draw(1, 1);
    desk.draw(1, 2);
    desk.accept(1);
    const [, slice] = await desk.save();
    expect(slice).toMatchObject({ editedVoxels: 3, change: { voxels: 1 } });
    expect(slice.change?.labels).toEqual([
      [1, SLICE, SLICE - 1, SLICE - 1],
      [2, 0, 1, 0],
    ]);
  });

  it('keeps what it knows of slices that a save is not about, over a restart too', async () => {
    desk.spent.set(1, 10);
    desk.accept(1);
    await desk.save();
    desk.accept(2);
    const saved = await desk.save();
    expect(saved[1]).toMatchObject({ seconds: 10, change: { voxels: 0 } });
    desk.reopen({ ...caseRecordOf(desk.document, null), slices: saved });
    desk.accept(3);
    expect((await desk.save())[1]).toEqual(saved[1]);
  });

  it('counts a slice for the proposal that was turned down on it, whatever is shown when it is saved again', async () => {
    desk.reject(1);
    desk.document.setProposal(null);
    desk.draw(1, 1);
    desk.accept(1);
    await desk.keep3(TABLE, proposed);
    const turnedDown = { rejectedProposal: '3', change: { model: 3, voxels: SLICE - 1 } };
    expect((await desk.save())[1]).toMatchObject(turnedDown);
    // A newer model's proposal is shown, and rejected elsewhere.
    desk.document.setProposal(proposalOf('4', proposed, desk.document.sliceCount));
    desk.reject(2);
    expect((await desk.save())[1]).toMatchObject(turnedDown);
    desk.draw(1, 2);
    desk.accept(1);
    expect((await desk.save())[1]).toMatchObject({ ...turnedDown, change: { model: 3, voxels: SLICE } });
  });

  it('compares with an earlier proposal from the disk, also with labels in another order', async () => {
    desk.draw(1, 2);
    await desk.keep3(
      [TABLE[0], TABLE[2], TABLE[1]],
      proposed.map((label) => (label === 1 ? 2 : 0)),
    );
    desk.document.setProposal(proposalOf('4', new Uint8Array(SIZE), desk.document.sliceCount));
    desk.accept(1);
    expect((await desk.save())[1].change).toMatchObject({ model: 3, voxels: 1 });
    expect(desk.warnings).toEqual([]);
  });

  it.each([
    ['is gone', null],
    ['is damaged', 'no proposal'],
  ])('knows nothing of the change where the proposal %s', async (_what, content) => {
    desk.draw(1, 2);
    desk.document.setProposal(null);
    if (content !== null) {
      const path = join(desk.store.proposalsFolder('case'), `3${PROPOSAL_ENDING}`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    desk.accept(1);
    const [, slice] = await desk.save();
    expect(slice).toMatchObject({ state: 'accepted', modelVersion: 3 });
    expect(slice.change).toBeUndefined();
    expect(desk.warnings).toHaveLength(content === null ? 0 : 1);
  });

  it('takes the state at the call: what is drawn while it measures belongs to the next save', async () => {
    desk.accept(1);
    const saving = desk.save();
    desk.draw(1, 2);
    expect((await saving)[1]).toMatchObject({ state: 'accepted', change: { voxels: 0 } });
    const [, slice] = await desk.save();
    expect(slice).toMatchObject({ state: 'edited' });
    expect(slice.change).toBeUndefined();
  });

  it('tells history by everybody, with what is not saved yet', async () => {
    desk.reopen({ ...caseRecordOf(desk.document, null), slices: [] }, 'imported');
    desk.accept(1);
    await desk.save();
    desk.who = 'Ben';
    desk.draw(1, 2);
    const seen = await desk.history(1);
    expect(seen.map(({ entry: { what, who }, isSaved }) => [what, who, isSaved])).toEqual([
      ['imported', undefined, true],
      ['accepted', 'Anna', true],
      ['edited', 'Ben', false],
    ]);
    expect(await desk.history(5)).toHaveLength(1);
    // Saved once, told once.
    await desk.save();
    expect(await desk.history(1)).toHaveLength(3);
  });
});
