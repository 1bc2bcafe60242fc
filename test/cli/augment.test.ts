import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { ballCohort } from '../support/ball-cohort.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildCli, cli } from './cli-process.ts';

beforeAll(buildCli);

describe('augment', () => {
  it('writes a picture and says what is on it', async () => {
    const { root } = await ballCohort(3);
    const path = join(temporaryFolder(), 'sheet.png');
    const result = await cli('augment', root, '--preview', path, '--case', 'ball_1', '--seed', '4');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const lines = result.stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(path);
    expect(lines.filter((line) => /^ {2}ball_1, axial slice \d of 8$/.test(line)).length).toBeGreaterThan(2);
    expect(lines.some((line) => /^ {2}#[0-9a-f]{6} {2}left ball$/.test(line))).toBe(true);
    expect(result.stdout).toMatch(/In training:\n {2}\d+ % of the slices: turned by up to 15 degrees/);
    const picture = decode(readFileSync(path));
    expect([picture.width, picture.channels]).toEqual([8 * 204 + 4, 3]);
    // Looking at a cohort leaves nothing in it.
    expect(existsSync(join(root, '.voxel-loop'))).toBe(false);
  });

  it('wants a file to write, and fails with one line where there is no such case', async () => {
    const { root } = await ballCohort(2);
    expect(await cli('augment', root)).toMatchObject({ code: 2, stdout: '' });
    const path = join(temporaryFolder(), 'sheet.png');
    const result = await cli('augment', root, '--preview', path, '--case', 'ball_7');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^voxel-loop augment: There is no case "ball_7".*\n$/);
    expect(existsSync(path)).toBe(false);
  });
});
