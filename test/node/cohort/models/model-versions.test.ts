import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelCard } from '../../../../src/core/cohort/records/cohort-record.ts';
import { listVersions, versionLine } from '../../../../src/core/cohort/records/model-list.ts';
import { ModelVersions } from '../../../../src/node/cohort/models/model-versions.ts';
import { modelCardFixture } from '../../../support/model-card.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function publish(models: ModelVersions, changed: Partial<ModelCard> = {}): Promise<number> {
  const created = await models.create();
  writeFileSync(join(created.folder, 'model.onnx'), 'network');
  writeFileSync(join(created.folder, 'report.html'), 'report');
  await created.publish(modelCardFixture({ version: created.version, ...changed }));
  return created.version;
}

async function threeVersions(): Promise<{ folder: string; models: ModelVersions }> {
  const folder = temporaryFolder();
  const models = new ModelVersions(folder);
  for (let n = 0; n < 3; n++) await models.activate(await publish(models));
  return { folder, models };
}

describe('ModelVersions', () => {
  it('rolls back to the version that was active before, and keeps the history beside the pointer', async () => {
    const { folder, models } = await threeVersions();
    expect(await models.previouslyActive()).toBe(2);
    expect([await models.rollBack(), await models.active()]).toEqual([2, 2]);
    expect([await models.rollBack(), await models.rollBack(), await models.active()]).toEqual([1, null, 1]);
    await models.activate(3);
    const { activations } = JSON.parse(readFileSync(join(folder, 'activations.json'), 'utf8'));
    expect(activations.map(({ version }: { version: number }) => version)).toEqual([1, 3]);
  });

  it('takes a pointer that was written by hand for what it says', async () => {
    const { folder, models } = await threeVersions();
    writeFileSync(join(folder, 'active'), '1\n');
    expect(await models.rollBack()).toBe(3);
    // And a pointer to nothing can be rolled back from.
    writeFileSync(join(folder, 'active'), '9\n');
    expect(await models.rollBack()).toBe(3);
  });

  it('deletes what predicts and keeps what is known, never the active one, and never gives the number again', async () => {
    const { models } = await threeVersions();
    await expect(models.remove(3)).rejects.toThrow(/Model 3 is active/);
    await models.describe(2, { name: 'second' });
    await models.remove(2);
    expect(readdirSync(models.folderOf(2)).sort()).toEqual(['about.json', 'deleted.json']);
    expect(await models.list()).toEqual([1, 3]);
    await expect(models.activate(2)).rejects.toMatchObject({ code: 'cohort-record' });
    await models.activate(1);
    await models.remove(3);
    expect(await publish(models)).toBe(4);
    expect(await models.rollBack()).toBeNull();
  });

  it('keeps name and note beside the card, which does not change', async () => {
    const { models } = await threeVersions();
    const card = readFileSync(join(models.folderOf(1), 'card.json'), 'utf8');
    expect(await models.about(1)).toMatchObject({ name: '', note: [] });
    await models.describe(1, { name: 'first ward' });
    await models.describe(1, { note: 'without contrast\nto be repeated' });
    expect(await models.about(1)).toMatchObject({ name: 'first ward', note: ['without contrast', 'to be repeated'] });
    await models.describe(1, { note: '' });
    expect(await models.about(1)).toMatchObject({ name: 'first ward', note: [] });
    expect(readFileSync(join(models.folderOf(1), 'card.json'), 'utf8')).toBe(card);
    await expect(models.describe(7, { name: 'none' })).rejects.toMatchObject({ code: 'cohort-record' });
    expect(existsSync(models.folderOf(7))).toBe(false);
  });

  it('writes nothing into the description of another version than it knows', async () => {
    const { models } = await threeVersions();
    const path = join(models.folderOf(1), 'about.json');
    const newer = { format: 'voxel-loop-model-about', formatVersion: 1, name: 'a', note: [], stars: 3 };
    writeFileSync(path, JSON.stringify(newer));
    await models.describe(1, { name: 'b' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...newer, name: 'b' });
  });
});

describe('listVersions', () => {
  it('is newest first and says what each is', () => {
    const about = { name: '', note: [] };
    const refused = modelCardFixture({
      version: 2,
      promotion: { promoted: false, comparedWith: { version: 1, meanDice: 0.8 }, reason: 'Worse.' },
    });
    const versions = [
      { card: modelCardFixture({ version: 1 }), about: { name: 'first ward', note: [] } },
      { card: refused, about },
      { card: modelCardFixture({ version: 3, metrics: { tune: null, holdout: null } }), about },
    ];
    const listed = listVersions(versions, 3);
    expect(listed.map(({ title, state }) => [title, state])).toEqual([
      ['Model 3', 'active'],
      ['Model 2', 'refused'],
      ['Model 1: first ward', 'earlier'],
    ]);
    expect(listed.map(versionLine)).toEqual([
      'active, not measured, learned from 2',
      'refused, Dice 0.800 on one held-out case, learned from 2',
      'Dice 0.800 on one held-out case, learned from 2',
    ]);
    expect(listVersions(versions, 2)[1].state).toBe('active');
  });
});
