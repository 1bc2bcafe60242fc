import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type ModelCard, newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { DEFAULT_LABEL_TABLE } from '../../../../src/core/label/table/label-table.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { bundleProgram, runProgram } from '../../../support/run-bundled.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

const card = (version: number): ModelCard => ({
  format: 'voxel-loop-model',
  formatVersion: 1,
  version,
  parent: null,
  created: '2026-01-02T03:04:05.678Z',
  preset: 'auto',
  engine: 'ONNX Runtime CPU',
  seed: 0,
  seconds: 12.5,
  labels: DEFAULT_LABEL_TABLE,
  channels: ['CT'],
  plan: { filters: 16 },
  data: { train: ['a'], tune: [], holdout: ['b'], fingerprint: 'abc' },
  metrics: { tune: null, holdout: null },
  promotion: { promoted: true, comparedWith: null, reason: 'It is the first.' },
});

describe('CohortStore', () => {
  it('creates nothing by reading', async () => {
    const store = new CohortStore(temporaryFolder());
    expect(await store.readRecord()).toBeNull();
    expect(await store.readCaseRecords(v.unknown())).toEqual(new Map());
    expect(await store.models.list()).toEqual([]);
    expect(await store.models.active()).toBeNull();
    expect(existsSync(store.stateDir)).toBe(false);
  });

  it('keeps the record, and writes a .gitignore once', async () => {
    const store = new CohortStore(temporaryFolder());
    const record = newCohortRecord({ layout: 'side-by-side', labels: DEFAULT_LABEL_TABLE });
    await store.writeRecord(record);
    expect(await store.readRecord()).toEqual(record);
    const gitignore = join(store.stateDir, '.gitignore');
    expect(readFileSync(gitignore, 'utf8')).toContain('training/');
    writeFileSync(gitignore, '# mine\n');
    await store.writeRecord({ ...record, holdout: ['a'] });
    expect(readFileSync(gitignore, 'utf8')).toBe('# mine\n');
  });

  it('keeps its state elsewhere where it is told to', async () => {
    const [root, elsewhere] = [temporaryFolder(), temporaryFolder()];
    await new CohortStore(root, elsewhere).prepare();
    expect(existsSync(join(root, '.voxel-loop'))).toBe(false);
    expect(existsSync(join(elsewhere, '.gitignore'))).toBe(true);
  });

  it('reads the records of many cases and says which one is damaged', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `case_${String(n).padStart(3, '0')}`);
    const root = writeTree(
      temporaryFolder(),
      Object.fromEntries(ids.map((id) => [`.voxel-loop/cases/${id}.json`, JSON.stringify({ id })])),
    );
    const store = new CohortStore(root);
    const records = await store.readCaseRecords(v.object({ id: v.string() }));
    expect([...records]).toEqual(ids.map((id) => [id, { id }]));
    writeFileSync(store.caseRecordPath('case_007'), '{');
    await expect(store.readCaseRecords(v.unknown())).rejects.toThrow(/case_007\.json is not valid JSON/);
  });
});

describe('ModelVersions', () => {
  it('counts a version from its card on, and gives its number to nobody else', async () => {
    const { models } = new CohortStore(temporaryFolder());
    const first = await models.create();
    const second = await models.create();
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(await models.list()).toEqual([]);
    await second.publish(card(2));
    await first.discard();
    expect(await models.list()).toEqual([2]);
    expect(await models.card(2)).toEqual(card(2));
    expect((await models.create()).version).toBe(3);
  });

  it('has an active version apart from the newest, and refuses a pointer to nothing', async () => {
    const store = new CohortStore(temporaryFolder());
    for (const version of [1, 2]) await (await store.models.create()).publish(card(version));
    await store.models.activate(1);
    expect(await store.models.active()).toBe(1);
    await expect(store.models.activate(3)).rejects.toThrow(/no model 3/);
    expect(await store.models.active()).toBe(1);
    for (const text of ['7\n', 'two\n', '']) {
      writeFileSync(join(store.stateDir, 'active'), text);
      await expect(store.models.active()).rejects.toMatchObject({ code: 'cohort-record' });
    }
  });

  it('gives every one of several processes its own number', async () => {
    const root = temporaryFolder();
    const program = bundleProgram(`
      import { CohortStore } from './src/node/cohort/state/cohort-store.ts';
      async function main() {
        const { models } = new CohortStore(process.argv[2]);
        const numbers = [];
        for (let n = 0; n < 10; n++) numbers.push((await models.create()).version);
        process.stdout.write(numbers.join(' '));
      }
      void main();
    `);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => runProgram(program, [root])));
    expect(outcomes.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
    const numbers = outcomes.flatMap(({ stdout }) => stdout.split(' ').map(Number));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  });
});
