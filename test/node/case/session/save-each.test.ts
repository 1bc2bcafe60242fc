import { expect, it } from 'vitest';
import { saveEach } from '../../../../src/node/case/session/save-each.ts';

const document = (labelsName: string) => ({ session: { labelsName, hasUnsavedChanges: true } });

it('saves each label file once, and names those that could not be saved', async () => {
  const [full, fine] = [document('full_seg.nii.gz'), document('fine_seg.nii.gz')];
  const saved: string[] = [];
  const left = await saveEach([full, { session: full.session }, fine, { ...fine }, { session: null }], async (each) => {
    if (!each.session) throw new Error('There is nothing to save.');
    saved.push(each.session.labelsName);
    // VS Code resolves whether it saved or not.
    if (each.session !== full.session) each.session.hasUnsavedChanges = false;
  });
  expect(left).toEqual(['full_seg.nii.gz']);
  expect(saved).toEqual(['full_seg.nii.gz', 'full_seg.nii.gz', 'fine_seg.nii.gz']);
  expect(await saveEach([fine], async () => undefined)).toEqual([]);
});
