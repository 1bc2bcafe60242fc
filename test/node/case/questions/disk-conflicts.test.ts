import { expect, it } from 'vitest';
import type { DiskState } from '../../../../src/node/case/open/disk-state.ts';
import { DiskConflicts, type Whose } from '../../../../src/node/case/questions/disk-conflicts.ts';

/** A session on a disk that the test changes, and a user who answers when asked to. */
class World {
  disk: DiskState = { kind: 'unchanged' };
  hasUnsavedChanges = true;
  readonly labelsName = 'case_seg.nii.gz';
  readonly told: string[] = [];
  /** Of all questions, the oldest first. */
  readonly answers: ((answer: Whose | undefined) => void)[] = [];
  readonly conflicts = new DiskConflicts(this, {
    whose: (name, what) => {
      this.told.push(`whose ${what} of ${name}`);
      return new Promise((answer) => this.answers.push(answer));
    },
    reloaded: (_name, what) => void this.told.push(`reloaded ${what}`),
    deleted: (_name, what) => void this.told.push(`deleted ${what}`),
    failed: (error) => void this.told.push(`failed ${error}`),
  });

  async diskState(): Promise<DiskState> {
    return this.disk;
  }

  async keepOverDisk(): Promise<void> {
    this.told.push('kept mine');
    this.disk = { kind: 'unchanged' };
    this.hasUnsavedChanges = true;
  }

  /** What happens while the files are read. */
  whileReading: () => void = () => undefined;

  async reloadIfSaved(): Promise<boolean> {
    this.whileReading();
    if (this.hasUnsavedChanges) return false;
    await this.revert();
    return true;
  }

  async revert(): Promise<void> {
    this.told.push('took theirs');
    this.disk = { kind: 'unchanged' };
    this.hasUnsavedChanges = false;
  }
}

const LABELS = { kind: 'changed', what: 'labels' } as const;
const QUESTION = 'whose labels of case_seg.nii.gz';
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('asks again while the first question is unanswered, when a save is refused; other changes do not', async () => {
  const world = new World();
  world.disk = LABELS;
  await world.conflicts.look();
  await world.conflicts.look();
  expect(world.told).toEqual([QUESTION]);
  await world.conflicts.look({ mustAsk: true });
  expect(world.told).toEqual([QUESTION, QUESTION]);
  // VS Code closes the first for the second.
  world.answers[0](undefined);
  await settled();
  await world.conflicts.look();
  expect(world.told).toHaveLength(2);
  world.answers[1]('mine');
  await settled();
  expect(world.told.slice(2)).toEqual(['kept mine']);
});

it('settles what happens while a question is open', async () => {
  const world = new World();
  world.disk = LABELS;
  await world.conflicts.look();
  world.disk = { kind: 'deleted', what: 'labels' };
  await world.conflicts.look();
  expect(world.told.slice(1)).toEqual(['kept mine', 'deleted labels']);
  // There is nothing to decide any more.
  world.answers[0]('theirs');
  await settled();
  expect(world.told).toHaveLength(3);
});

it('puts a question that was closed without an answer again', async () => {
  const world = new World();
  world.disk = { kind: 'changed', what: 'review' };
  await world.conflicts.look();
  world.answers[0](undefined);
  await settled();
  await world.conflicts.look();
  expect(world.told).toEqual(Array(2).fill('whose review of case_seg.nii.gz'));
  world.answers[1]('theirs');
  await settled();
  expect(world.told.at(-1)).toBe('took theirs');
});

it('reads again what changed under nothing unsaved, and asks for nothing', async () => {
  const world = new World();
  world.hasUnsavedChanges = false;
  await world.conflicts.look();
  world.disk = { kind: 'changed', what: 'review' };
  await world.conflicts.look();
  expect(world.told).toEqual(['took theirs', 'reloaded review']);
});

it('asks when something was drawn while it read again', async () => {
  const world = new World();
  world.hasUnsavedChanges = false;
  world.whileReading = () => {
    world.hasUnsavedChanges = true;
  };
  world.disk = LABELS;
  await world.conflicts.look();
  expect(world.told).toEqual([QUESTION]);
});

it('looks again at what changed while it looked, and reports what fails', async () => {
  const world = new World();
  world.hasUnsavedChanges = false;
  let looks = 0;
  world.diskState = async () => {
    if (++looks === 1) void world.conflicts.look();
    if (looks === 2) throw new Error('the disk is gone');
    return { kind: 'unchanged' };
  };
  await world.conflicts.look();
  expect(looks).toBe(2);
  expect(world.told).toEqual(['failed Error: the disk is gone']);
  await world.conflicts.look();
  expect(looks).toBe(3);
});
