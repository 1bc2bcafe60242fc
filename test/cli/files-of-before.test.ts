import { cpSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readProposalFile } from '../../src/node/cohort/proposals/proposal-file.ts';
import { readLabelFile } from '../../src/node/volume-worker/label-files.ts';
import { Desk } from '../support/case-desk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildCli, cli } from './cli-process.ts';

const fixture = join(import.meta.dirname, '../golden/before-seats');

interface Seen {
  readonly voxels: number[];
  readonly review: string[];
  readonly provenance: unknown[];
}

/** A cohort as the version before wrote it, in a folder of its own. */
function copyOf(name: 'trained' | 'reviewed'): string {
  const root = join(temporaryFolder(), name);
  mkdirSync(root);
  cpSync(join(fixture, name), root, { recursive: true });
  renameSync(join(root, 'voxel-loop'), join(root, '.voxel-loop'));
  return root;
}

/** `test/golden/before-seats/made-by.txt` wrote them, before tools, formats and panes were made exchangeable. */
describe('files of the version before', () => {
  const { saved, unsaved, backupName } = JSON.parse(readFileSync(join(fixture, 'expected.json'), 'utf8')) as {
    saved: Seen;
    unsaved: Seen;
    backupName: string;
  };

  it('a reviewed case opens as it was saved, and its unsaved work comes back', async () => {
    const desk = new Desk(copyOf('reviewed'));
    const window = await desk.open();
    expect(window.seen).toEqual(saved);
    await window.restore({
      edits: readFileSync(join(fixture, 'backup/edits.bin')),
      name: backupName,
      state: readFileSync(join(fixture, 'backup/state.json')),
    });
    expect(window.seen).toEqual(unsaved);
    await window.save();
    expect((await desk.open()).seen).toEqual(unsaved);
    expect(desk.reported).toEqual([]);
  });

  it('a proposal is read', async () => {
    const path = join(copyOf('reviewed'), '.voxel-loop/proposals/case/3.vlp');
    const { facts, labelMap } = (await readProposalFile(path, [5, 4, 3]))!;
    expect(facts).toMatchObject({ modelVersion: 3, engineName: 'ONNX Runtime CPU', uncertainty: [0, 0.5, 0.25] });
    const expected = new Array<number>(60).fill(0).fill(1, 20, 23).fill(1, 41, 43);
    expect([...labelMap.read(0, 60)]).toEqual(expected);
  });

  describe('of a trained cohort', () => {
    beforeAll(buildCli);

    it('the model predicts what it predicted then', async () => {
      const root = copyOf('trained');
      const model = join(root, '.voxel-loop/models/1');
      const out = join(root, 'predicted-now');
      const { code, stderr } = await cli(
        ...['predict', join(root, 'imagesTr/ball_5.nii'), '--model', model, '--out', out, '--engine', 'cpu'],
      );
      expect(code, stderr).toBe(0);
      const scores = await cli('evaluate', '--predictions', out, '--labels', join(root, 'predicted'), '--json');
      expect(scores.code, scores.stderr).toBe(0);
      const { labels } = await readLabelFile({ path: join(out, 'ball_5.nii.gz') });
      expect(labels.byteLength).toBeGreaterThan(0);
      // Another processor may round otherwise where two labels are as good as equal.
      for (const [, dice] of scores.stdout.matchAll(/"dice": *([\d.]+)/g)) expect(Number(dice)).toBeGreaterThan(0.99);
      expect(scores.stdout).toMatch(/"dice"/);
    });

    it('the training that was interrupted goes on to its end', async () => {
      const root = copyOf('trained');
      const { code, stderr } = await cli('train', root, '--resume');
      expect(code, stderr).toBe(0);
      const card = readFileSync(join(root, '.voxel-loop/models/2/card.json'), 'utf8');
      expect(card).toMatch(/"steps": 3000\b/);
      expect(existsSync(join(root, '.voxel-loop/training'))).toBe(false);
    });
  });
});
