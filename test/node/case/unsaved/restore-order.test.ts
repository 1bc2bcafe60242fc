import { describe, expect, it, vi } from 'vitest';
import { type OpeningDocument, restoreInOrder } from '../../../../src/node/case/unsaved/restore-order.ts';

type Restored = 'back' | 'nothing' | 'image-must-be-read' | Error;

/**
 * A document that is being opened.
 * @param own what restoring its own backup comes to: at once, and when the whole image may be read
 */
function opening(own: { readonly quick: Restored; readonly late?: Restored }) {
  const did: string[] = [];
  const world = { isOpen: true, hasUnsavedChanges: false };
  const restorer = {
    async restoreOwn(mayReadImage: boolean) {
      did.push(mayReadImage ? 'own, reading the image' : 'own');
      const restored = mayReadImage ? (own.late ?? 'nothing') : own.quick;
      if (restored instanceof Error) throw restored;
      if (restored === 'back') world.hasUnsavedChanges = true;
      return restored;
    },
    async restoreOfOtherName() {
      did.push('other names');
    },
  };
  const document: OpeningDocument = {
    get hasUnsavedChanges() {
      return world.hasUnsavedChanges;
    },
    isOpen: () => world.isOpen,
    lock: (isComparing) => did.push(isComparing ? 'lock' : 'unlock'),
    keepEdits: () => did.push('keep edits'),
    rewriteKept: async () => undefined,
    pageFirst: async () => undefined,
    restoredInVain: () => did.push('in vain'),
    ownIsGone: () => did.push('own is gone'),
    otherNamesFailed: () => did.push('other names failed'),
  };
  return { restorer, document, world, did };
}

describe('the order in which unsaved work comes back', () => {
  it('keeps new edits only when the own backup was read, and looks under no other name when it is back', async () => {
    const { restorer, document, did } = opening({ quick: 'back' });
    await restoreInOrder(restorer, document, true);
    await vi.waitFor(() => expect(did).toEqual(['own', 'keep edits']));
  });

  it('looks for work of other names where there was none, and says when what was asked for is not there', async () => {
    const { restorer, document, did } = opening({ quick: 'nothing' });
    await restoreInOrder(restorer, document, true);
    await vi.waitFor(() => expect(did).toEqual(['own', 'keep edits', 'other names', 'in vain']));
  });

  it('lets nobody draw until the image was read that tells whose the work is', async () => {
    const { restorer, document, did } = opening({ quick: 'image-must-be-read', late: 'back' });
    await restoreInOrder(restorer, document, false);
    await vi.waitFor(() => expect(did).toEqual(['own', 'lock', 'own, reading the image', 'unlock', 'keep edits']));
  });

  it('does nothing more for a document that was closed meanwhile, so that its backup stays', async () => {
    const { restorer, document, world, did } = opening({ quick: 'image-must-be-read', late: 'nothing' });
    const restored = restoreInOrder(restorer, document, false);
    world.isOpen = false;
    await restored;
    await vi.waitFor(() => expect(did.at(-1)).toBe('unlock'));
    expect(did).not.toContain('keep edits');
  });

  it('opens the case all the same when the own backup cannot be read', async () => {
    const { restorer, document, did } = opening({ quick: new Error('gone') });
    await restoreInOrder(restorer, document, false);
    await vi.waitFor(() => expect(did).toEqual(['own', 'own is gone', 'keep edits', 'other names']));
  });
});
