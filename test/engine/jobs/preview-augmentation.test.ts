import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { parseColor } from '../../../src/core/label/table/label-colors.ts';
import { TrainingError } from '../../../src/core/learn/learn-errors.ts';
import type { PreviewParams } from '../../../src/core/protocol/engine/preview-augmentation.ts';
import { previewAugmentation } from '../../../src/engine/jobs/preview-augmentation.ts';
import { ballCohort } from '../../support/ball-cohort.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const signal = () => new CancelSource().signal;

async function preview(params: Partial<PreviewParams> = {}, cases = 3) {
  const { root } = await ballCohort(cases);
  const path = join(temporaryFolder(), 'sheet.png');
  const result = await previewAugmentation({ cohortRoot: root, path, ...params }, signal());
  return { result, bytes: readFileSync(path) };
}

/** How often a label's colour is in a part of the picture. */
function colored(bytes: Uint8Array, color: string, left: number, right: number): number {
  const { width, height, data } = decode(bytes);
  const rgb = parseColor(color);
  let found = 0;
  for (let y = 0; y < height; y++) {
    for (let x = left; x < right; x++) {
      const at = 3 * (x + width * y);
      if (rgb.every((value, channel) => data[at + channel] === value)) found++;
    }
  }
  return found;
}

describe('previewAugmentation', () => {
  it('draws slices of all cases, as they are and changed, with outlines in the labels’ colours', async () => {
    const { result, bytes } = await preview();
    expect(result.rows.map(({ caseId }) => caseId)).toEqual([
      ...['ball_0', 'ball_0', 'ball_1', 'ball_1', 'ball_2', 'ball_2'],
    ]);
    expect(result.columns).toBe(8);
    expect(result.changes.join(' ')).toContain('turned by up to 15 degrees');
    const { width } = decode(bytes);
    expect(width).toBe(8 * 204 + 4);
    for (let column = 0; column < 8; column++) {
      const [left, right] = [4 + column * 204, 204 + column * 204];
      const outline = result.labels.slice(1).reduce((sum, { color }) => sum + colored(bytes, color, left, right), 0);
      expect(outline).toBeGreaterThan(200);
    }
  });

  it('says what is odd about the images that it shows', async () => {
    const { root, image } = await ballCohort(2);
    const file = readFileSync(image('ball_1'));
    // r01: voxel sizes that contradict the sform.
    file.writeFloatLE(3, 80);
    writeFileSync(image('ball_1'), file);
    const { notes } = await previewAugmentation({ cohortRoot: root, path: join(root, 'sheet.png') }, signal());
    expect(notes).toEqual([expect.stringMatching(/^Image of case ball_1: The voxel sizes .* contradict its sform/)]);
  });

  it('is the same for the same seed, and another for another', async () => {
    const sheet = async (seed: number) => (await preview({ seed })).bytes;
    const first = await sheet(1);
    expect((await sheet(1)).equals(first)).toBe(true);
    expect((await sheet(2)).equals(first)).toBe(false);
  });

  it('shows slices of one case, changed as a plan file says', async () => {
    const planFile = join(temporaryFolder(), 'plan.json');
    const still = { affine: { probability: 0 }, intensity: { probability: 0 } };
    writeFileSync(planFile, JSON.stringify({ augmentation: still }));
    const { result, bytes } = await preview({ caseId: 'ball_1', planFile });
    expect(result.changes).toEqual([]);
    expect(new Set(result.rows.map(({ caseId }) => caseId))).toEqual(new Set(['ball_1']));
    expect(result.rows.length).toBeGreaterThan(2);
    // Nothing is changed, so all pictures of a row are alike.
    const { width, data } = decode(bytes);
    for (let x = 4; x < 204; x++) {
      const at = 3 * (x + width * 100);
      expect([...data.slice(at, at + 3)]).toEqual([...data.slice(at + 3 * 3 * 204, at + 3 * 3 * 204 + 3)]);
    }
  });

  it('says what is missing', async () => {
    await expect(preview({ caseId: 'nobody' })).rejects.toThrow(/no case "nobody".*ball_0, ball_1, ball_2/);
    const { root } = await ballCohort(2, 0);
    const params = { cohortRoot: root, path: join(temporaryFolder(), 'sheet.png') };
    await expect(previewAugmentation(params, signal())).rejects.toThrow(TrainingError);
  });

  it('can be cancelled', async () => {
    const { root } = await ballCohort(2);
    const source = new CancelSource();
    source.cancel();
    const params = { cohortRoot: root, path: join(temporaryFolder(), 'sheet.png') };
    await expect(previewAugmentation(params, source.signal)).rejects.toThrow(CancelledError);
  });
});
