import { describe, expect, it, vi } from 'vitest';
import {
  ImageConflicts,
  type LabelsFate,
  type ReplacedImage,
  type Replacement,
} from '../../../../src/node/case/questions/image-conflicts.ts';
import type { ImageState } from '../../../../src/node/volumes/image-file.ts';

function questionAbout(replacement: Replacement): string {
  if (replacement === 'same-grid') return 'asked, same grid';
  if (replacement === 'other-grid') return 'asked, other grid';
  return 'renamedTo' in replacement ? `asked, now ${replacement.renamedTo}` : 'asked, unreadable';
}

/** An open image on a disk that the test changes, and a user who answers when asked to. */
class World {
  state: ImageState = 'unchanged';
  isSameGrid = true;
  isReadable = true;
  hasUnsavedChanges = true;
  locked: string | null = null;
  readonly name = 'case.nii.gz';
  now: string | null = null;
  searches = 0;
  goesOn = false;
  readonly told: string[] = [];
  readonly manners: string[] = [];
  readonly answers: ((answer: LabelsFate | undefined) => void)[] = [];
  readonly conflicts = new ImageConflicts(this, {
    whatBecomesOfLabels: (_name, replacement, asNotice) => {
      this.told.push(questionAbout(replacement));
      this.manners.push(asNotice ? 'notice' : 'question');
      return new Promise((answer) => this.answers.push(answer));
    },
    exportLabels: async () => void this.told.push('exported'),
    saveLabels: async () => void this.told.push(`saved, ${this.state}`),
    closeWithoutSaving: async () => void this.told.push('closed'),
    shown: () => void this.told.push('shown'),
    gone: () => void this.told.push('gone'),
    follow: async (to) => void this.told.push(`followed to ${to}`),
    lockedFor: () => 'another image',
    lockedForRename: (_name, to) => `renamed to ${to}`,
    unreadable: () => 'unreadable',
    failed: (error) => void this.told.push(`failed ${error}`),
  });

  /** Counts what other programs wrote. */
  seen = '0';
  opened = 0;

  async look(): Promise<ImageState> {
    return this.state;
  }

  goOnWithout(): void {
    this.state = 'gone';
    this.goesOn = true;
  }

  async whereNow(): Promise<string | null> {
    this.searches++;
    return this.goesOn ? null : this.now;
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

// A researcher renamed an image in a terminal and missed the notification: the next save made labels for an image that was not there.
describe('an image that has another name now', () => {
  async function renamed() {
    const world = new World();
    world.state = 'gone';
    world.now = 'renamed.nii.gz';
    await world.conflicts.look();
    return world;
  }

  it('locks the drawing until the user has chosen, is looked for once, and is asked about again by a save', async () => {
    const world = await renamed();
    await world.conflicts.look();
    expect(world).toMatchObject({
      told: ['asked, now renamed.nii.gz'],
      locked: 'renamed to renamed.nii.gz',
      searches: 1,
    });
    await world.answer(undefined);
    expect(world.locked).toBe('renamed to renamed.nii.gz');
    const saving = world.conflicts.decide('for-save');
    await vi.waitFor(() => expect(world.manners).toEqual(['notice', 'question']));
    world.answers[1](undefined);
    expect(await saving).toBe(false);
    expect(world.locked).toBe('renamed to renamed.nii.gz');
  });

  it('takes its labels along, or leaves them their name, and then a save goes on', async () => {
    const following = await renamed();
    await following.answer('follow');
    expect(following.told).toEqual(['asked, now renamed.nii.gz', 'followed to renamed.nii.gz']);
    const staying = await renamed();
    const saving = staying.conflicts.decide('for-save');
    await vi.waitFor(() => expect(staying.answers.length).toBe(2));
    staying.answers[1]('stay');
    expect(await saving).toBe(true);
    expect(staying).toMatchObject({ locked: null, goesOn: true });
    expect(await staying.conflicts.decide('for-save')).toBe(true);
    expect(staying.told.filter((each) => each.startsWith('saved'))).toEqual([]);
  });
});

describe('a save of labels whose image was replaced', () => {
  async function saving(answer: LabelsFate | undefined) {
    const world = new World();
    world.state = 'changed';
    await world.conflicts.look();
    await world.answer(undefined, 0);
    const asked = world.answers.length;
    const goesOn = world.conflicts.decide('for-save');
    await vi.waitFor(() => expect(world.answers.length).toBe(asked + 1));
    world.answers[asked](answer);
    return { world, goesOn: await goesOn };
  }

  it('asks, and goes on where the answer settles it', async () => {
    const kept = await saving('keep');
    expect(kept.goesOn).toBe(true);
    expect(kept.world).toMatchObject({ locked: null });
    expect(kept.world.manners.at(-1)).toBe('question');
    expect((await saving('discard')).goesOn).toBe(true);
  });

  it('is not carried out where the user has not decided, or exports', async () => {
    for (const answer of [undefined, 'export'] as const) {
      const { world, goesOn } = await saving(answer);
      expect([goesOn, world.locked]).toEqual([false, 'another image']);
    }
  });

  it('has nothing to ask where nothing is open', async () => {
    const world = new World();
    expect(await world.conflicts.decide('for-save')).toBe(true);
    expect(world.told).toEqual([]);
  });
});
