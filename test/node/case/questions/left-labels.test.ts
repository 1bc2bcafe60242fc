import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { carryLeftLabels, findLeftLabels } from '../../../../src/node/case/questions/left-labels.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A case that was drawn on and saved when its image had another name. */
async function leftBehind() {
  const root = temporaryFolder();
  const desk = new Desk(root);
  const before = await desk.open();
  await before.session.owner();
  before.draw(1, 2);
  await before.save();
  const labels = join(root, 'before_seg.nii.gz');
  renameSync(desk.labels, labels);
  renameSync(desk.record, desk.store.caseRecordPath('before'));
  return { desk, labels, drawn: before.seen.voxels };
}

describe('labels that were left under an earlier name of the image', () => {
  it('are found and shown in the case that is open', async () => {
    const { desk, labels, drawn } = await leftBehind();
    const window = await desk.open();
    const found = await findLeftLabels(window.session, fileFingerprint);
    expect(found?.left).toEqual({ id: 'before', labels });
    if (found) expect(await carryLeftLabels(window.session, found, fileFingerprint)).toBe('shown');
    expect(window.seen.voxels).toEqual(drawn);
    expect([existsSync(labels), existsSync(desk.labels)]).toEqual([false, true]);
  });

  it('stay where they are when something was drawn before the answer came', async () => {
    const { desk, labels } = await leftBehind();
    const window = await desk.open();
    const found = await findLeftLabels(window.session, fileFingerprint);
    window.draw(0, 1);
    if (found) expect(await carryLeftLabels(window.session, found, fileFingerprint)).toBe('drawn-on');
    await window.save();
    if (found) expect(await carryLeftLabels(window.session, found, fileFingerprint)).toBe('drawn-on');
    expect(existsSync(labels)).toBe(true);
  });

  it('are not looked for where the case has a record of its own', async () => {
    const { desk } = await leftBehind();
    const window = await desk.open();
    window.draw(0, 1);
    await window.save();
    expect(await findLeftLabels((await desk.open()).session, fileFingerprint)).toBeNull();
  });
});
