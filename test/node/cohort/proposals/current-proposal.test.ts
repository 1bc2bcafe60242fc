import { utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proposalsInOrder } from '../../../../src/node/cohort/proposals/current-proposal.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** Files of these names, each written a second after the one before. */
function written(names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const [index, name] of names.entries()) {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), 1000 + index, 1000 + index);
  }
  return folder;
}

async function order(folder: string, active: number | null): Promise<string[]> {
  return (await proposalsInOrder(folder, active)).map(({ path }) => basename(path));
}

describe('proposalsInOrder', () => {
  it('takes the active version, then earlier ones, never one that was rolled back from', async () => {
    const folder = written(['1-a-x-k.vlp', '2-a-x-k.vlp', '12-a-x-k.vlp', '2-b-x-k.vlp', 'queue.json']);
    expect(await order(folder, 12)).toEqual(['12-a-x-k.vlp', '2-b-x-k.vlp', '2-a-x-k.vlp', '1-a-x-k.vlp']);
    expect(await order(folder, 3)).toEqual(['2-b-x-k.vlp', '2-a-x-k.vlp', '1-a-x-k.vlp']);
    expect(await order(folder, 1)).toEqual(['1-a-x-k.vlp']);
  });

  it('takes the newest first where no version is active, and nothing where there is no folder', async () => {
    const folder = written(['2-a-x-k.vlp', '1-a-x-k.vlp']);
    expect(await order(folder, null)).toEqual(['1-a-x-k.vlp', '2-a-x-k.vlp']);
    expect(await order(join(folder, 'none'), 1)).toEqual([]);
  });
});
