import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelCard } from '../../src/core/cohort/records/cohort-record.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { modelCardFixture } from '../support/model-card.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildCli, cli } from './cli-process.ts';

beforeAll(buildCli);

const REFUSED: ModelCard['promotion'] = {
  promoted: false,
  comparedWith: { version: 1, meanDice: 0.8 },
  reason: 'It is worse than model 1 on 4 of 5 cases.',
};

/** A cohort with an active model 1, a model 2 that the gate refused, and an unfinished one. */
function cohortWithModels(): string {
  const root = temporaryFolder();
  const state = join(root, '.voxel-loop');
  const write = (version: number, card: string) => {
    mkdirSync(join(state, 'models', String(version)), { recursive: true });
    writeFileSync(join(state, 'models', String(version), 'card.json'), card);
  };
  write(1, JSON.stringify(modelCardFixture()));
  write(2, JSON.stringify(modelCardFixture({ version: 2, parent: 1, promotion: REFUSED })));
  mkdirSync(join(state, 'models', '3'));
  writeFileSync(join(state, 'active'), '1\n');
  return root;
}

const active = (root: string) => readFileSync(join(root, '.voxel-loop', 'active'), 'utf8');

describe('models of a cohort on the command line', () => {
  it('are listed, newest first, by the cohort or by the folder that train --out wrote', async () => {
    const root = cohortWithModels();
    const expected =
      'Model 2, refused, Dice 0.800 on one held-out case, learned from 2\nModel 1, active, Dice 0.800 on one held-out case, learned from 2\n';
    for (const path of [root, join(root, '.voxel-loop')]) {
      expect(await cli('models', path)).toEqual({ code: 0, stdout: expected, stderr: '' });
    }
    const { code, stdout } = await cli('models', root, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      active: 1,
      versions: [
        { version: 2, state: 'refused', parent: 1, holdoutDice: 0.8, reason: REFUSED.reason },
        { version: 1, state: 'active' },
      ],
      damaged: [],
    });
  });

  it('are activated by hand, and what was active before is where Roll Back goes', async () => {
    const root = cohortWithModels();
    const refused = await cli('activate', root, '2');
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'voxel-loop activate: The gate did not make model 2 active when it was trained. It is worse than model 1 on 4 of 5 cases. Give --even-refused to activate it all the same.\n',
    });
    expect(active(root)).toBe('1\n');
    expect(await cli('activate', root, '2', '--even-refused')).toEqual({
      code: 0,
      stdout: 'Model 2 predicts from now on.\n',
      stderr: '',
    });
    expect(active(root)).toBe('2\n');
    // A version that is active asks nothing more, whatever the gate had said.
    expect(await cli('activate', root, '2')).toMatchObject({ code: 0, stderr: 'Model 2 is active already.\n' });
    const { models } = new CohortStore(root);
    expect(await models.previouslyActive()).toBe(1);
    // It took its turn before: nothing is asked.
    expect(await cli('activate', root, '1')).toMatchObject({ code: 0, stderr: '' });
    expect(active(root)).toBe('1\n');
  });

  it('that are not there, unfinished or damaged are no version, and the others are', async () => {
    const root = cohortWithModels();
    for (const version of ['3', '4']) {
      const { code, stderr } = await cli('activate', root, version);
      expect([code, stderr]).toEqual([1, expect.stringMatching(`There is no model ${version} in .*`)]);
    }
    writeFileSync(join(root, '.voxel-loop/models/2/card.json'), '{');
    writeFileSync(join(root, '.voxel-loop/active'), 'two\n');
    const listed = await cli('models', root);
    expect([listed.code, listed.stdout]).toEqual([1, 'Model 1, Dice 0.800 on one held-out case, learned from 2\n']);
    expect(listed.stderr).toMatch(/^Model 2 cannot be read: /m);
    expect(listed.stderr).toMatch(/active does not name a model version that is there/);
    expect((await cli('activate', root, '2', '--even-refused')).code).toBe(1);
    // By hand is the way out of a damaged pointer.
    expect((await cli('activate', root, '1')).code).toBe(0);
    expect(active(root)).toBe('1\n');
  });

  it('are none in a cohort that has not trained, which is said; a folder that is not there is an error', async () => {
    const root = temporaryFolder();
    const none = await cli('models', root);
    expect([none.code, none.stdout]).toEqual([0, '']);
    expect(none.stderr).toMatch(/There is no model in .* yet: train one\./);
    expect((await cli('models', join(root, 'nowhere'))).code).toBe(1);
    expect((await cli('activate', join(root, 'nowhere'), '1')).code).toBe(1);
  });
});
