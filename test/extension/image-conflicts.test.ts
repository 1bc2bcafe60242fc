import { describe, expect, it } from 'vitest';
import { ImageConflicts, type LabelsFate, type ReplacedImage } from '../../src/extension/session/image-conflicts.ts';
import type { ImageState } from '../../src/node/image-file.ts';

/** An open image on a disk that the test changes, and a user who answers when asked to. */
class World {
  state: ImageState = 'unchanged';
  isSameGrid = true;
  isReadable = true;
  hasUnsavedChanges = true;
  locked: string | null = null;
  readonly name = 'case.nii.gz';
  readonly told: string[] = [];
  readonly answers: ((answer: LabelsFate | undefined) => void)[] = [];
  readonly conflicts = new ImageConflicts(this, {
    whatBecomesOfLabels: (_name, replacement) => {
      this.told.push(
        { 'same-grid': 'asked, same grid', 'other-grid': 'asked, other grid' }[replacement as string] ??
          'asked, unreadable',
      );
      return new Promise((answer) => this.answers.push(answer));
    },
    exportLabels: async () => void this.told.push('exported'),
    saveLabels: async () => void this.told.push(`saved, ${this.state}`),
    closeWithoutSaving: async () => void this.told.push('closed'),
    shown: () => void this.told.push('shown'),
    gone: () => void this.told.push('gone'),
    lockedFor: () => 'another image',
    unreadable: () => 'unreadable',
    failed: (error) => void this.told.push(`failed ${error}`),
  });

  /** Counts what other programs wrote. */
  seen = '0';
  opened = 0;

  async look(): Promise<ImageState> {
    return this.state;
  }

  countAsGone(): void {
    this.state = 'gone';
  }

  async reopen(): Promise<ReplacedImage> {
    this.opened++;
    if (!this.isReadable) throw new Error('half written');
    return {
      isSameGrid: this.isSameGrid,
      show: async (how) => {
        if (how === 'if-saved' && this.hasUnsavedChanges) return false;
        this.told.push(how);
        this.state = 'unchanged';
        return true;
      },
      close: () => undefined,
    };
  }

  lock(reason: string | null): void {
    this.locked = reason;
  }

  async answer(answer: LabelsFate | undefined, question = this.answers.length - 1): Promise<void> {
    this.answers[question](answer);
    await new Promise((resolve) => setTimeout(resolve));
    await this.conflicts.look();
  }
}

it('reads an image again that was changed with nothing unsaved, and says so', async () => {
  const world = new World();
  world.hasUnsavedChanges = false;
  world.state = 'changed';
  await world.conflicts.look();
  expect(world).toMatchObject({ told: ['if-saved', 'shown'], locked: null });
});

it('locks the drawing and asks once when something is unsaved; a refused save asks again', async () => {
  const world = new World();
  world.state = 'changed';
  await world.conflicts.look();
  await world.conflicts.look();
  expect(world).toMatchObject({ told: ['asked, same grid'], locked: 'another image' });
  await world.conflicts.look({ mustAsk: true });
  expect(world.told).toEqual(['asked, same grid', 'asked, same grid']);
  await world.answer(undefined);
  expect(world.locked).toBe('another image');
  await world.answer('keep');
  expect(world).toMatchObject({ told: [...Array(3).fill('asked, same grid'), 'keep'], locked: null });
});

it('keeps the lock while labels are exported, until they are discarded', async () => {
  const world = new World();
  world.state = 'changed';
  world.isSameGrid = false;
  await world.conflicts.look();
  await world.answer('export');
  expect(world).toMatchObject({
    told: ['asked, other grid', 'exported', 'asked, other grid'],
    locked: 'another image',
  });
  await world.answer('discard');
  expect(world).toMatchObject({ locked: null });
  expect(world.told.at(-1)).toBe('discard');
});

it('lays labels on no image of another grid that came after the question', async () => {
  const world = new World();
  world.state = 'changed';
  await world.conflicts.look();
  world.isSameGrid = false;
  await world.answer('keep');
  expect(world).toMatchObject({ told: ['asked, same grid', 'asked, other grid'], locked: 'another image' });
});

it('opens the drawing again when the image is what it was', async () => {
  const world = new World();
  world.state = 'changed';
  await world.conflicts.look();
  world.state = 'unchanged';
  await world.conflicts.look();
  expect(world.locked).toBeNull();
  await world.answer('discard');
  expect(world.told).toEqual(['asked, same grid']);
});

it('says once that an image is gone, and locks nothing', async () => {
  const world = new World();
  world.state = 'gone';
  await world.conflicts.look();
  await world.conflicts.look();
  expect(world).toMatchObject({ told: ['gone'], locked: null });
  world.state = 'unchanged';
  await world.conflicts.look();
  world.state = 'gone';
  await world.conflicts.look();
  expect(world.told).toEqual(['gone', 'gone']);
});

it('locks the drawing as long as the file is half written', async () => {
  const world = new World();
  world.hasUnsavedChanges = false;
  world.state = 'changed';
  world.isReadable = false;
  await world.conflicts.look();
  expect(world.locked).toBe('unreadable');
  world.isReadable = true;
  await world.conflicts.look();
  expect(world).toMatchObject({ told: ['if-saved', 'shown'], locked: null });
});

// Such an image (a Git LFS pointer, a broken download) locked the drawing and refused every save with "choose", and nobody asked.
describe('an image that was replaced by no image while something is unsaved', () => {
  async function broken() {
    const world = new World();
    world.state = 'changed';
    world.isReadable = false;
    await world.conflicts.look();
    return world;
  }

  it('is asked about, and again by a save', async () => {
    const world = await broken();
    expect(world).toMatchObject({ told: ['asked, unreadable'], locked: 'unreadable' });
    await world.conflicts.look({ mustAsk: true });
    expect(world.told).toEqual(['asked, unreadable', 'asked, unreadable']);
  });

  it('leaves the labels to be saved as if it were gone, and the drawing goes on', async () => {
    const world = await broken();
    await world.answer('save');
    expect(world).toMatchObject({ told: ['asked, unreadable', 'saved, gone'], locked: null });
  });

  it('leaves them to be exported, with the lock, or closed', async () => {
    const world = await broken();
    await world.answer('export');
    expect(world).toMatchObject({ locked: 'unreadable' });
    await world.answer('close');
    expect(world.told).toEqual(['asked, unreadable', 'exported', 'asked, unreadable', 'closed', 'asked, unreadable']);
  });

  it('saves nothing by an answer that is older than the image that lies there now', async () => {
    const world = await broken();
    world.isReadable = true;
    await world.answer('save');
    expect(world).toMatchObject({ told: ['asked, unreadable', 'asked, same grid'], locked: 'another image' });
  });
});

// A training that wrote checkpoints inflated the volume anew with each of them.
it('opens what lies there once as long as the question about it is open', async () => {
  const world = new World();
  world.state = 'changed';
  for (let change = 0; change < 3; change++) await world.conflicts.look();
  expect([world.opened, world.told]).toEqual([1, ['asked, same grid']]);
  world.seen = '1';
  await world.conflicts.look();
  expect(world.opened).toBe(2);
  world.hasUnsavedChanges = false;
  await world.conflicts.look();
  expect(world).toMatchObject({ opened: 3, locked: null });
});

it('opens the drawing again when what lay there is gone: the labels can be saved', async () => {
  const world = new World();
  world.state = 'changed';
  await world.conflicts.look();
  world.state = 'gone';
  await world.conflicts.look();
  expect(world.locked).toBeNull();
});
