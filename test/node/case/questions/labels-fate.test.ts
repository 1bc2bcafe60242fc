import { describe, expect, it } from 'vitest';
import { fateChoices, type LabelsMatter } from '../../../../src/node/case/questions/labels-fate.ts';

const fates = (replacement: LabelsMatter['replacement']) =>
  fateChoices({ name: 'a.nii.gz', labels: 'a_seg.nii.gz', replacement }).map(({ fate }) => fate);

describe('what may become of labels whose image is another one now', () => {
  it('begins with what can be taken back, because Enter takes it', () => {
    expect(fates('same-grid')).toEqual(['export', 'keep', 'discard']);
    expect(fates('unreadable')).toEqual(['export', 'save', 'close']);
    expect(fates({ renamedTo: 'b.nii.gz' })).toEqual(['follow', 'stay']);
  });

  it('does not offer to keep labels on an image whose voxels lie elsewhere', () => {
    expect(fates('other-grid')).toEqual(['export', 'discard']);
  });

  it('says where labels go that follow their image', () => {
    const [follow] = fateChoices({ name: 'a', labels: 'a_seg', replacement: { renamedTo: 'moved/b.nii.gz' } });
    expect(follow.does).toContain('moved/b.nii.gz is opened');
  });
});
