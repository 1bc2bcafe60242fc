import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allAreRenamed, PendingRenames } from '../../../../src/node/case/renamed/pending-renames.ts';
import type { LeavingCase, Renaming } from '../../../../src/node/case/renamed/renamed-images.ts';

const at = (...names: string[]) => join('/cohort', ...names);

function pending(renamings: readonly Renaming[], labels: readonly string[] = []) {
  const leaving = labels.map((path) => ({ case: { files: { labels: path } } }) as unknown as LeavingCase);
  return { renamings, leaving, isRenamed: Promise.resolve() };
}

describe('renamings that are not over yet', () => {
  const renaming = { from: at('old'), to: at('new') };

  it('tell that nobody has deleted what goes with them: images, what lies below a folder, and labels', () => {
    const renames = new PendingRenames();
    const one = pending([renaming], [at('labels', 'a_seg.nii')]);
    renames.begin(one);
    for (const path of [at('old'), at('old', 'a.nii'), at('labels', 'a_seg.nii')]) {
      expect(renames.isLeaving(path), path).toBe(true);
    }
    for (const path of [at('older', 'a.nii'), at('new', 'a.nii')]) expect(renames.isLeaving(path), path).toBe(false);
    renames.forget(one);
    expect(renames.isLeaving(at('old', 'a.nii'))).toBe(false);
  });

  it('are found by what they bring, and by both names', () => {
    const renames = new PendingRenames();
    const one = pending([renaming]);
    renames.begin(one);
    expect(renames.bringing(at('new', 'deep', 'a.nii'))).toBe(one);
    expect(renames.bringing(at('old', 'a.nii'))).toBeUndefined();
    expect(renames.announced(renaming)).toBe(one);
    expect(renames.announced({ ...renaming, to: at('elsewhere') })).toBeUndefined();
  });

  it('are not waited for when the new name was taken and nothing is renamed', async () => {
    const never = { ...pending([renaming]), isRenamed: new Promise<void>(() => undefined) };
    expect(await allAreRenamed(never, 1)).toBe(false);
    expect(await allAreRenamed(pending([renaming]), 10_000)).toBe(true);
  });
});
