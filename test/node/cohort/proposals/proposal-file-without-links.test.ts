import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { readProposalFile, writeProposalFile } from '../../../../src/node/cohort/proposals/proposal-file.ts';
import { BALL_LABELS } from '../../../support/learn-cases.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** As exFAT answers on Linux, macOS and Windows. */
const refusal = vi.hoisted(() => ({ code: '' }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: () => Promise.reject(Object.assign(new Error('no links here'), { code: refusal.code, syscall: 'link' })),
}));

it.each(['EPERM', 'ENOTSUP', 'EISDIR'])(
  'writes proposals on a disk without links (%s), and never replaces one',
  async (code) => {
    refusal.code = code;
    const folder = temporaryFolder();
    const path = join(folder, 'p.vlp');
    const proposal = {
      facts: {
        id: 'p',
        modelVersion: 1,
        modelName: 'model 1',
        engineName: 'CPU',
        created: '2026-01-02T03:04:05.678Z',
        image: { fingerprints: [], timeIndex: 0, shape: [2, 2, 2] as [number, number, number] },
        reviewAxis: 2 as const,
        uncertainty: [0, 0],
        components: [],
        labels: BALL_LABELS,
      },
      labelMap: new LabelMap([2, 2, 2]),
    };
    expect(await writeProposalFile(path, proposal)).toBe(true);
    const first = readFileSync(path);
    const other = { ...proposal, facts: { ...proposal.facts, modelName: 'another' } };
    expect(await writeProposalFile(path, other)).toBe(false);
    expect(readFileSync(path).equals(first)).toBe(true);
    expect((await readProposalFile(path, [2, 2, 2]))?.facts.modelName).toBe('model 1');
    expect(readdirSync(folder)).toEqual(['p.vlp']);
  },
);
