import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ballCohort } from '../support/ball-cohort.ts';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { temporaryFolder, writeTree } from '../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../support/tiny-volume.ts';
import { buildCli, cli, killCli, startCli } from './cli-process.ts';

beforeAll(buildCli);

/** One clear line: no stack trace, nothing technical. */
function expectOneLine(stderr: string): void {
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node:|Error:/);
}

describe('usage', () => {
  it('is told on request, on stdout', async () => {
    const overview = await cli('--help');
    expect(overview).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['demo', 'info', 'train', 'models', 'activate', 'predict', 'evaluate', 'agreement']) {
      expect(overview.stdout).toContain(command);
      const help = await cli(command, '--help');
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toMatch(`Usage: voxel-loop ${command} `);
    }
    expect((await cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['frobnicate'], /no command "frobnicate"/],
    [['demo'], /DIR is missing/],
    [['demo', 'a', 'b'], /Only one DIR/],
    [['demo', 'a', '--seed', '-1'], /--seed/],
    [['info', '--jsn', 'x.nii'], /--jsn/],
    [['train', 'x', '--minutes', 'soon'], /--minutes takes a number above 0/],
    [['train', 'x', '--preset', 'magic'], /seed, paper, auto/],
    [['train', 'x', '--engine', 'abacus'], /auto, cuda, webgpu/],
    [['train', 'x', '--fold', '0/5'], /--fold takes K\/N/],
    [['train', 'x', '--fold', '6/5'], /--fold takes K\/N/],
    [['train', 'x', '--fold', '1/1'], /--fold takes K\/N/],
    [['train', 'x', '--fold', '2'], /--fold takes K\/N/],
    [['train', 'x', '--patience=-1'], /--patience takes a whole number/],
    [['predict', 'x.nii', '--out', 'y'], /--model is missing/],
    [['agreement'], /Name a cohort, or two folders/],
    [['agreement', 'a', 'b', '--reviewer', 'anna'], /--reviewer belongs to a cohort/],
    [['agreement', 'a', 'b', '--json', '--csv'], /cannot be had at once/],
    [['predict', '--model', 'm', '--out', 'y'], /IMAGE is missing/],
    [['predict', 'x.nii', '--model', 'm', '--out', 'y', '--shard', '0/4'], /--shard takes I\/N/],
    [['predict', 'x.nii', '--model', 'm', '--out', 'y', '--shard', '5/4'], /--shard takes I\/N/],
    [['predict', 'x.nii', '--model', 'm', '--out', 'y', '--shard', '1'], /--shard takes I\/N/],
    [['predict', 'x.nii', '--model', 'm', '--out', 'y', '--shard', '1/0'], /--shard takes I\/N/],
    [['evaluate', '--labels', 'x'], /--predictions is missing/],
    [['models'], /COHORT is missing/],
    [['activate'], /COHORT is missing/],
    [['activate', 'x'], /VERSION is missing/],
    [['activate', 'x', 'newest'], /VERSION is the number of a model, such as 2, not "newest"/],
    [['activate', 'x', '1', '2'], /Only COHORT and VERSION are expected/],
  ])('that is wrong ends with 2 and one line: %j', async (args, message) => {
    const { code, stdout, stderr } = await cli(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expectOneLine(stderr);
  });

  it('without a command shows the commands and ends with 2', async () => {
    const { code, stdout, stderr } = await cli();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: voxel-loop COMMAND');
  });
});

describe('demo and info', () => {
  it('make a cohort and describe its files', async () => {
    const folder = join(temporaryFolder(), 'demo');
    const made = await cli('demo', folder);
    expect(made).toMatchObject({ code: 0, stdout: `${folder}: 12 cases, 8 of them labelled\n` });
    const again = await cli('demo', folder);
    expect([again.code, again.stdout]).toEqual([1, '']);
    expectOneLine(again.stderr);

    const info = await cli('info', join(folder, 'case_01.nii.gz'), '--json');
    expect(info).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(info.stdout)).toMatchObject({
      name: 'case_01.nii.gz',
      dimensions: [192, 152, 30],
      datatype: 'int16',
      orientation: 'LPS',
      geometrySource: 'sform',
      format: 'NIfTI-1',
      niftiVersion: 1,
      scaling: { slope: 1, intercept: 0 },
      statistics: { min: expect.any(Number), notFinite: 0 },
    });
    const text = await cli('info', join(folder, 'case_01_seg.nii.gz'));
    expect(text.stdout).toMatch(/dimensions +192 x 152 x 30\nspacing +1\.9 x 1\.9 x 5 mm\norientation +LPS/);
  });

  it.skipIf(!hasSharedData('conformance'))('info refuses what it must with one line, and exit code 1', async () => {
    const folder = join(sharedDataFolder, 'conformance', 'generated');
    const bad = readdirSync(folder).filter((name) => name.startsWith('bad_'));
    expect(bad.length).toBeGreaterThan(5);
    const outcomes = await Promise.all(bad.map((name) => cli('info', join(folder, name))));
    for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
      expect([bad[index], code, stdout]).toEqual([bad[index], 1, '']);
      expectOneLine(stderr);
    }
  });

  it('info gives the range of every voxel, says what percentiles are of (r08), and names what is odd (r10)', async () => {
    const [nx, ny, nz] = [128, 128, 100];
    const values = Int16Array.from({ length: nx * ny * nz }, (_, n) => n % 61);
    values[63 + nx * (77 + ny * 51)] = 3068;
    values[10 + nx * (11 + ny * 12)] = -3024;
    const folder = writeTree(temporaryFolder(), {
      'peak.nii': shortVolume(tinyGrid([nx, ny, nz]), values),
      'const.nii': shortVolume(tinyGrid([2, 2, 2]), new Int16Array(8)),
    });
    const peak = await cli('info', join(folder, 'peak.nii'));
    expect(peak.stdout).toMatch(/^values +-3024 to 3068, mean /m);
    expect(peak.stdout).toMatch(/^0\.5 to 99\.5 % +0 to 60 \(of \d{6} voxels, evenly spread\)$/m);
    const constant = await cli('info', join(folder, 'const.nii'));
    expect(constant.code).toBe(0);
    expect(constant.stdout).toMatch(/^note +Every voxel of this image has the value 0: there is nothing to label/m);
    const json = JSON.parse((await cli('info', join(folder, 'const.nii'), '--json')).stdout);
    expect(json).toMatchObject({
      warnings: [expect.stringMatching(/^Every voxel/)],
      statistics: { min: 0, max: 0, voxels: 8, sampled: 8, notFinite: 0 },
    });
  });

  it('info says that a file is not there', async () => {
    const { code, stderr } = await cli('info', join(temporaryFolder(), 'nothing.nii'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/nothing\.nii cannot be read: it does not exist/);
    expectOneLine(stderr);
  });
});

describe('evaluate', () => {
  const grid = tinyGrid([2, 2, 1]);
  const predictions = () => writeTree(temporaryFolder(), { 'a.nii': shortVolume(grid, [1, 1, 0, 0]) });

  it('prints a table, or JSON with null for what is not defined, and notes what is missing on stderr', async () => {
    const labels = writeTree(temporaryFolder(), {
      'dataset.json': '{"labels": {"0": "background", "1": "liver", "2": "tumour"}}',
      'a.nii': shortVolume(grid, [1, 0, 0, 0]),
      'b.nii': shortVolume(grid, [1, 0, 0, 0]),
    });
    const table = await cli('evaluate', '--predictions', predictions(), '--labels', labels);
    expect(table.code).toBe(0);
    expect(table.stderr).toContain('b has no prediction and does not count.');
    expect(table.stdout).toMatch(/a +0\.6667 +- +0\.6667/);
    expect(table.stdout).toMatch(/Mean Dice 0\.6667 over 1 case$/m);
    expect(table.stdout).toMatch(/surface Dice at 1 mm +1\.0000/);
    const json = await cli('evaluate', '--predictions', predictions(), '--labels', labels, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      meanDice: 2 / 3,
      labels: [
        { name: 'liver', meanIou: 0.5 },
        { name: 'tumour', meanDice: null, cases: 0 },
      ],
      cases: [{ id: 'a' }],
      withoutPrediction: ['b'],
    });
  });

  it('measures surface Dice at the tolerance that is asked for, and lists lesions by size', async () => {
    const row = tinyGrid([12, 1, 1]);
    const predicted = writeTree(temporaryFolder(), {
      'a.nii': shortVolume(row, [1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    });
    const labels = writeTree(temporaryFolder(), { 'a.nii': shortVolume(row, [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]) });
    const surfaceDice = async (...tolerance: string[]) => {
      const { stdout } = await cli(
        ...['evaluate', '--predictions', predicted, '--labels', labels, '--json'],
        ...tolerance,
      );
      const { labels: found, toleranceMm } = JSON.parse(stdout);
      return [toleranceMm, found[0].metrics.surfaceDice.mean];
    };
    // Surface voxels at 0, 1, 2, 5 and at 0, 1, 9: distances 0, 0, 1, 4 and 0, 0, 4 voxels of 1 mm.
    expect(await surfaceDice()).toEqual([1, 5 / 7]);
    expect(await surfaceDice('--tolerance', '0.9')).toEqual([0.9, 4 / 7]);
    expect(await surfaceDice('--tolerance', '4')).toEqual([4, 1]);
    const text = await cli('evaluate', '--predictions', predicted, '--labels', labels);
    expect(text.stdout).toMatch(/^ {2}all +2 +0\.5000 +- +2 +0\.5000/m);
    const refused = await cli('evaluate', '--predictions', predicted, '--labels', labels, '--tolerance', '-1');
    expect(refused.code).toBe(2);
  });

  it('fails with one line where the maps do not fit', async () => {
    const labels = writeTree(temporaryFolder(), { 'a.nii': shortVolume(tinyGrid([4, 1, 1]), [1, 0, 0, 0]) });
    const { code, stdout, stderr } = await cli('evaluate', '--predictions', predictions(), '--labels', labels);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/prediction of a has 2 x 2 x 1 voxels/);
    expectOneLine(stderr.replace('case 1 of 1: a\n', ''));
  });
});

describe('train and predict', () => {
  it('learn, keep val unseen, write label maps, and evaluate well', async () => {
    const val = ['ball_8', 'ball_9'];
    const cohort = await ballCohort(10, 10, val);
    const trained = await cli('train', cohort.root, '--engine', 'cpu', '--epochs', '80', '--minutes', '3');
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.stderr).toMatch(/training, epoch 1/);
    expect(trained.stdout).toMatch(/^model 1, active: /);
    const card = JSON.parse(readFileSync(join(cohort.root, '.voxel-loop/models/1/card.json'), 'utf8'));
    expect(card.data.holdout).toEqual(val);
    expect([...card.data.train, ...card.data.tune].filter((id) => val.includes(id))).toEqual([]);

    const out = join(temporaryFolder(), 'predictions');
    const predicted = await cli('predict', ...val.map(cohort.image), '--model', cohort.root, '--out', out);
    expect(predicted).toMatchObject({
      code: 0,
      stdout: val.map((id) => `${join(out, `${id}.nii.gz`)}\n`).join(''),
    });
    const evaluated = await cli('evaluate', '--predictions', out, '--labels', join(cohort.root, 'labelsTr'), '--json');
    const { meanDice, cases } = JSON.parse(evaluated.stdout);
    expect(cases).toHaveLength(2);
    expect(meanDice).toBeGreaterThan(0.6);

    const replaced = await cli('predict', join(cohort.root, 'imagesTr'), '--model', cohort.root, '--out', out);
    expect(replaced.code).toBe(0);
    expect(readdirSync(out).filter((name) => name.endsWith('.nii.gz'))).toHaveLength(10);
  });

  it.each([
    ['Ctrl+C', 'SIGINT'],
    ['the end of a batch job', 'SIGTERM'],
  ] as const)('keep the best so far at %s and end with 130', async (_, signal) => {
    const cohort = await ballCohort(8);
    const { outcome } = startCli(
      ['train', cohort.root, '--engine', 'cpu', '--minutes', '10'],
      (stderr) => stderr.includes('tune Dice'),
      signal,
    );
    const { code, stdout, stderr } = await outcome;
    expect([code, stderr.includes('    at ')]).toEqual([130, false]);
    expect(stdout).toMatch(/^model 1.*stopped early/s);
    expect(statSync(join(cohort.root, '.voxel-loop/models/1/model.onnx')).size).toBeGreaterThan(1000);
    expect(readdirSync(join(cohort.root, '.voxel-loop'))).not.toContain('training.lock');
  });

  it('go on after being killed, twice, to the same model, bit for bit', async () => {
    const run = ['--engine', 'cpu', '--threads', '1', '--epochs', '40', '--seed', '5'];
    const whole = await ballCohort(5);
    expect(await cli('train', whole.root, ...run)).toMatchObject({ code: 0 });
    const killed = await ballCohort(5);
    const checkpoint = join(killed.root, '.voxel-loop/training/last.checkpoint');
    /** After so many checkpoints and a while: in the middle of an epoch or of an evaluation. */
    const afterMore = (checkpoints: number) => {
      const writtenAt = () => statSync(checkpoint, { throwIfNoEntry: false })?.mtimeMs;
      let [seen, last] = [0, writtenAt()];
      return () => {
        if (writtenAt() !== last) seen++;
        last = writtenAt();
        return seen >= checkpoints;
      };
    };
    expect(await killCli(['train', killed.root, ...run], afterMore(3))).toBe(true);
    expect(readdirSync(join(killed.root, '.voxel-loop/training'))).toContain('best.onnx');
    const killedAgain = await killCli(['train', killed.root, '--resume'], afterMore(1));
    expect(killedAgain).toBe(true);
    const other = await cli('train', killed.root, ...run, '--resume', '--seed', '6');
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(/ran with seed 5, not 6/);
    expect(await cli('train', killed.root, ...run, '--resume')).toMatchObject({ code: 0 });

    const version = (root: string, file: string) => readFileSync(join(root, '.voxel-loop/models/1', file));
    expect(version(killed.root, 'model.onnx').equals(version(whole.root, 'model.onnx'))).toBe(true);
    const card = (root: string) => JSON.parse(version(root, 'card.json').toString());
    expect(card(killed.root).training).toEqual(card(whole.root).training);
    expect(card(killed.root).metrics).toEqual(card(whole.root).metrics);
    expect(readdirSync(join(killed.root, '.voxel-loop'))).not.toContain('training');
    const again = await cli('train', killed.root, '--resume');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/nothing to resume/);
    expectOneLine(again.stderr);
  });

  it('go on without odd cases, name them at the end, and exit with 1 (issue 11, 15)', async () => {
    const { root, image, labels } = await ballCohort(9);
    // Whole numbers in a row, each odd in another way.
    writeFileSync(labels('ball_0'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 31195147\n');
    rmSync(image('ball_1'));
    symlinkSync('../.git/annex/objects/x9/25/KEY/KEY', image('ball_1'));
    writeFileSync(`${image('ball_2')}.gz`, gzipSync(readFileSync(image('ball_2'))).subarray(0, -4000));
    rmSync(image('ball_2'));
    writeFileSync(labels('ball_3'), shortVolume(tinyGrid([24, 20, 9]), new Int16Array(24 * 20 * 9)));
    writeFileSync(labels('ball_4'), '');
    const odd = ['ball_0', 'ball_1', 'ball_2', 'ball_3', 'ball_4'];
    writeFileSync(join(root, 'splits.json'), JSON.stringify({ train: [...odd, 'ball_5', 'ball_6'], val: ['ball_7'] }));

    const trained = await cli('train', root, '--engine', 'cpu', '--epochs', '1', '--threads', '1');
    expect(trained.code).toBe(1);
    expect(trained.stderr.trim().split('\n').at(-1)).toMatch(/^Left out of training: ball_[0-4](, ball_[0-4]){4}\.$/);
    expect(trained.stdout).toMatch(/^model 1, /m);
    // So little training is worth nothing, and what it predicts does not matter here.
    writeFileSync(join(root, '.voxel-loop/active'), '1\n');
    expect(trained.stdout).toContain('trained on 1 case (8 slices)');
    expect(trained.stdout).toMatch(
      /ball_0 is left out: labelsTr\/ball_0\.nii: This is a Git LFS pointer.*`git lfs pull`/,
    );
    expect(trained.stdout).toMatch(/ball_1 is left out: ball_1\.nii cannot be read: .*`git annex get ball_1\.nii`/);
    expect(trained.stdout).toMatch(/ball_2 is left out: imagesTr\/ball_2\.nii\.gz: /);
    expect(trained.stdout).toMatch(/ball_3 is left out: /);
    expect(trained.stdout).toMatch(/ball_4 is left out: labelsTr\/ball_4\.nii: This file is empty/);
    const report = readFileSync(join(root, '.voxel-loop/models/1/report.html'), 'utf8');
    for (const id of odd) expect(report).toContain(`Case ${id} is left out`);

    const sheet = join(temporaryFolder(), 'sheet.png');
    const shown = await cli('augment', root, '--preview', sheet);
    expect(shown.code).toBe(1);
    expect(existsSync(sheet)).toBe(true);
    for (const id of odd) expect(shown.stderr).toContain(`Case ${id} is left out`);

    const out = temporaryFolder();
    const predicted = await cli('predict', join(root, 'imagesTr'), '--model', root, '--out', out, '--engine', 'cpu');
    expect([predicted.code, readdirSync(out).length]).toEqual([1, 7]);
    expect(predicted.stderr.trim().split('\n').at(-1)).toBe('2 of 9 images were left out: ball_1, ball_2.');

    const evaluated = await cli('evaluate', '--predictions', out, '--labels', join(root, 'labelsTr'), '--json');
    expect(evaluated.code).toBe(1);
    expect(evaluated.stderr.trim().split('\n').at(-1)).toBe('3 of 7 cases were left out: ball_0, ball_3, ball_4.');
    const scores = JSON.parse(evaluated.stdout);
    expect(scores.cases).toHaveLength(4);
    expect(scores.failed.map(({ id }: { id: string }) => id)).toEqual(['ball_0', 'ball_3', 'ball_4']);

    const agreed = await cli('agreement', join(root, 'labelsTr'), out, '--json');
    expect(agreed.code).toBe(1);
    expect(agreed.stderr.trim().split('\n').at(-1)).toBe('3 of 7 cases were left out: ball_0, ball_3, ball_4.');
    expect(JSON.parse(agreed.stdout).cases).toHaveLength(4);
  });

  it('say what is wrong where no case is left', async () => {
    const { root, labels } = await ballCohort(2);
    for (const id of ['ball_0', 'ball_1']) writeFileSync(labels(id), 'version https://git-lfs.github.com/spec/v1\n');
    const { code, stdout, stderr } = await cli('train', root, '--engine', 'cpu', '--epochs', '1');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /All 2 labelled cases are left out, so there is nothing to learn from\. ball_0: .*git lfs pull/,
    );
  });

  it('leave nothing behind at Ctrl+C before there is anything to keep', async () => {
    const cohort = await ballCohort(5);
    const { outcome } = startCli(['train', cohort.root, '--engine', 'cpu', '--minutes', '10'], () => true);
    const { code, stdout } = await outcome;
    expect(code).toBe(130);
    if (stdout === '') expect(existsSync(join(cohort.root, '.voxel-loop/models/1'))).toBe(false);
  });

  it('fail with one line where there is nothing to learn from, no model, or no image', async () => {
    const empty = await ballCohort(2, 0);
    const outcomes = await Promise.all([
      cli('train', empty.root, '--engine', 'cpu'),
      cli('train', join(empty.root, 'nowhere')),
      cli('predict', empty.image('ball_0'), '--model', empty.root, '--out', temporaryFolder()),
      cli('predict', empty.image('ball_0'), '--model', join(empty.root, 'no.onnx'), '--out', temporaryFolder()),
      cli('predict', empty.image('ball_0'), '--model', empty.image('ball_1'), '--out', temporaryFolder()),
      // A file in the place of a folder.
      cli('train', empty.root, '--out', empty.image('ball_0')),
    ]);
    for (const { code, stdout, stderr } of outcomes) {
      expect([code, stdout]).toEqual([1, '']);
      expectOneLine(stderr.replace(/^.*preparing.*\n/gm, ''));
    }
    expect(existsSync(join(empty.root, '.voxel-loop/models'))).toBe(false);
  });

  it('never write over an image', async () => {
    const cohort = await ballCohort(3);
    const trained = await cli('train', cohort.root, '--engine', 'cpu', '--epochs', '1');
    expect(trained.code).toBe(0);
    // So little training is worth nothing, and what it predicts does not matter here.
    writeFileSync(join(cohort.root, '.voxel-loop/active'), '1\n');
    const folder = writeTree(temporaryFolder(), { 'x.nii.gz': readFileSync(cohort.image('ball_0')) });
    const { code, stderr } = await cli('predict', folder, '--model', cohort.root, '--out', folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/would take the place of the image/);
    expect(readFileSync(join(folder, 'x.nii.gz'))).toEqual(readFileSync(cohort.image('ball_0')));

    const link = join(temporaryFolder(), 'link');
    symlinkSync(folder, link);
    const linked = await cli('predict', folder, '--model', cohort.root, '--out', link);
    const beside = await cli(
      'predict',
      cohort.image('ball_0'),
      '--model',
      cohort.root,
      '--out',
      dirname(cohort.image('ball_0')),
    );
    expect([linked.code, beside.code]).toEqual([1, 1]);
    expect(readFileSync(join(folder, 'x.nii.gz'))).toEqual(readFileSync(cohort.image('ball_0')));
    expect(existsSync(`${cohort.image('ball_0')}.gz`)).toBe(false);
  });
});

describe('predict', () => {
  const home = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));
  let cohort: Awaited<ReturnType<typeof ballCohort>>;
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  // One epoch: what it predicts does not matter here.
  beforeAll(async () => {
    cohort = await ballCohort(5, 5, undefined, home);
    expect(await cli('train', cohort.root, '--engine', 'cpu', '--epochs', '1')).toMatchObject({ code: 0 });
    writeFileSync(join(cohort.root, '.voxel-loop/active'), '1\n');
  }, 60_000);
  const predict = (...args: string[]) => cli('predict', ...args, '--model', cohort.root, '--engine', 'cpu');
  const copy = (id: string) => readFileSync(cohort.image(id));
  const names = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((path) => path.split('/').at(-1));

  it('deals the images of a folder among shards', async () => {
    const out = join(temporaryFolder(), 'out');
    const shards = await Promise.all(
      ['1/3', '2/3', '3/3', '7/7'].map((shard) =>
        predict(join(cohort.root, 'imagesTr'), '--out', out, '--shard', shard),
      ),
    );
    expect(shards.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(shards.map(({ stdout }) => names(stdout))).toEqual([
      ['ball_0.nii.gz', 'ball_3.nii.gz'],
      ['ball_1.nii.gz', 'ball_4.nii.gz'],
      ['ball_2.nii.gz'],
      [''],
    ]);
    expect(readdirSync(out)).toHaveLength(5);
  });

  it('goes on after an image that cannot be predicted, and says which', async () => {
    const folder = writeTree(temporaryFolder(), {
      'imagesTs/a.nii': copy('ball_0'),
      'imagesTs/b.nii': copy('ball_1').subarray(0, 900),
      'imagesTr/c.nii': 'hello',
      'imagesTr/d.nii': copy('ball_2'),
    });
    const out = join(temporaryFolder(), 'out');
    const { code, stdout, stderr } = await predict(folder, join(folder, 'none.nii'), '--out', out);
    expect([code, names(stdout)]).toEqual([1, ['a.nii.gz', 'd.nii.gz']]);
    expect(stderr).toMatch(/^voxel-loop predict: b: imagesTs\/b\.nii.*$/m);
    expect(stderr).toMatch(/^voxel-loop predict: c: imagesTr\/c\.nii.*$/m);
    expect(stderr).toMatch(/^voxel-loop predict: none: none\.nii cannot be read: it does not exist/m);
    expect(stderr).toContain('3 of 5 images were left out: b, c, none.');
    expect(readdirSync(out).sort()).toEqual(['a.nii.gz', 'd.nii.gz']);
  });

  it('says of a header what info says of it (r01)', async () => {
    const odd = Buffer.from(copy('ball_0'));
    odd.writeFloatLE(3, 80);
    const folder = writeTree(temporaryFolder(), { 'odd.nii': odd });
    const note =
      /The voxel sizes of this file \(3 x .*\) contradict its sform, by which they are .*; the sform is used\./;
    const info = await cli('info', join(folder, 'odd.nii'));
    const { code, stdout, stderr } = await predict(folder, '--out', join(folder, 'out'));
    expect([code, names(stdout)]).toEqual([0, ['odd.nii.gz']]);
    expect(info.stdout).toMatch(note);
    expect(stderr).toMatch(note);
    expect(stderr).toMatch(/^odd\.nii: The voxel sizes/m);
  });

  it('predicts no label map unless it is told to, by its name or by what it holds (issue 11, 22)', async () => {
    const mask = shortVolume(
      tinyGrid([24, 20, 8]),
      Int16Array.from({ length: 24 * 20 * 8 }, (_, n) => n % 3),
    );
    const folder = writeTree(temporaryFolder(), {
      'volume-0.nii': copy('ball_0'),
      'segmentation-0.nii': mask,
      'odd.nii': mask,
    });
    const out = join(temporaryFolder(), 'out');
    const first = await predict(folder, '--out', out);
    expect([first.code, names(first.stdout)]).toEqual([1, ['volume-0.nii.gz']]);
    expect(first.stderr).toMatch(/odd: odd\.nii holds 3 whole numbers .* Give --even-labels/);
    const second = await predict(folder, '--out', out, '--even-labels');
    expect([second.code, names(second.stdout)]).toEqual([0, ['odd.nii.gz', 'volume-0.nii.gz']]);
  });

  it('says that an image may be the label map of another, with what to write down if it is (issue 11, 22)', async () => {
    const mask = shortVolume(
      tinyGrid([24, 20, 8]),
      Int16Array.from({ length: 24 * 20 * 8 }, (_, n) => n % 3),
    );
    const folder = writeTree(temporaryFolder(), { 'scan-0.nii': copy('ball_0'), 'roi-0.nii': mask });
    const record = join(folder, '.voxel-loop/cohort.json');
    const said =
      /roi-0 holds 3 whole numbers \(0, 1, 2\) on the grid of scan-0 and may be its label map\. If it is, write (\{.*\}) into \.voxel-loop\/cohort\.json; if not,/;
    for (const name of ['scan-0.nii', 'roi-0.nii']) {
      expect((await cli('info', join(folder, name))).stdout).toMatch(said);
    }
    expect((await cli('train', folder)).stderr).toMatch(said);
    const out = join(temporaryFolder(), 'out');
    const first = await predict(folder, '--out', out);
    expect(first.code).toBe(1);
    // Saying so writes nothing.
    expect(existsSync(record)).toBe(false);
    writeTree(folder, { '.voxel-loop/cohort.json': said.exec(first.stderr)?.[1] ?? '' });
    const second = await predict(folder, '--out', out);
    expect([second.code, names(second.stdout)]).toEqual([0, ['scan-0.nii.gz']]);
    expect(second.stderr).not.toContain('whole numbers');
    expect((await cli('info', join(folder, 'roi-0.nii'))).stdout).not.toContain('whole numbers');
    const refused = JSON.parse(readFileSync(record, 'utf8'));
    refused.refusedNamePatterns = refused.namePatterns;
    delete refused.namePatterns;
    writeTree(folder, { '.voxel-loop/cohort.json': JSON.stringify(refused) });
    expect((await cli('info', join(folder, 'roi-0.nii'))).stdout).not.toContain('whole numbers');
  });

  it('replaces its own label maps, and those of a person only when told to', async () => {
    const folder = writeTree(temporaryFolder(), { 'images/a.nii': copy('ball_0'), 'images/b.nii': copy('ball_1') });
    const out = join(folder, 'out');
    const again = (...more: string[]) => predict(join(folder, 'images'), '--out', out, ...more);
    expect((await again()).code).toBe(0);
    expect((await again()).code).toBe(0);
    const drawn = gunzipSync(readFileSync(join(out, 'a.nii.gz')));
    drawn[drawn.length - 1] = 1;
    writeFileSync(join(out, 'a.nii.gz'), gzipSync(drawn));
    const refused = await again();
    expect([refused.code, names(refused.stdout)]).toEqual([1, ['b.nii.gz']]);
    expect(refused.stderr).toMatch(/a\.nii\.gz is there and is no prediction, or was changed since/);
    expect(gunzipSync(readFileSync(join(out, 'a.nii.gz')))).toEqual(drawn);
    expect((await again('--overwrite')).code).toBe(0);
    expect(gunzipSync(readFileSync(join(out, 'a.nii.gz')))).not.toEqual(drawn);
  });
});
