import { expect, it } from 'vitest';
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
    whatBecomesOfLabels: (_name, isSameGrid) => {
      this.told.push(isSameGrid ? 'asked, same grid' : 'asked, other grid');
      return new Promise((answer) => this.answers.push(answer));
    },
    exportLabels: async () => void this.told.push('exported'),
    shown: () => void this.told.push('shown'),
    gone: () => void this.told.push('gone'),
    lockedFor: () => 'another image',
    unreadable: () => 'unreadable',
    failed: (error) => void this.told.push(`failed ${error}`),
  });

  async look(): Promise<ImageState> {
    return this.state;
  }

  async reopen(): Promise<ReplacedImage> {
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
