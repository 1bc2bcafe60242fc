import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { DEFAULT_LABEL_TABLE } from '../../../../src/core/label/table/label-table.ts';
import { proposalAfterPrediction, proposalToShow } from '../../../../src/node/case/session/case-proposals.ts';
import {
  PROPOSAL_ENDING,
  readProposalFile,
  writeProposalFile,
} from '../../../../src/node/cohort/proposals/proposal-file.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';
import { tinyGrid } from '../../../support/tiny-volume.ts';

const image = `sha256-${'0'.repeat(64)}`;

/** A case with proposals of the given versions, in a cohort with versions 1 and 2. */
async function caseWith(versions: readonly number[], active: number) {
  const models = { '.voxel-loop/models/1/card.json': '{}', '.voxel-loop/models/2/card.json': '{}' };
  const store = new CohortStore(writeTree(temporaryFolder(), models));
  const activate = (version: number) => writeTree(store.root, { '.voxel-loop/active': `${version}` });
  activate(active);
  const files = { id: 'a', channels: [join(store.root, 'a.nii')], timeIndex: 0, labels: join(store.root, 'a_seg.nii') };
  const path = (version: number) => join(store.proposalsFolder('a'), `${version}-m-i-k${PROPOSAL_ENDING}`);
  for (const version of versions) {
    await writeProposalFile(path(version), {
      facts: {
        id: `${version}-m-i-k`,
        modelVersion: version,
        modelName: `model ${version}`,
        engineName: '',
        created: '2026-01-02T03:04:05.678Z',
        image: { fingerprints: [image], timeIndex: 0, shape: [2, 2, 2] },
        reviewAxis: 2,
        uncertainty: [0, 0],
        components: [],
        labels: [...DEFAULT_LABEL_TABLE],
      },
      labelMap: new LabelMap([2, 2, 2]),
    });
  }
  const session = { store, files, grid: tinyGrid([2, 2, 2]), document: { reviewAxis: 2 } } as const;
  const shown = (file: Awaited<ReturnType<typeof proposalToShow>>) => file?.facts.modelVersion ?? null;
  return { session, path, activate, shown };
}

const worker = { fingerprint: async () => image, readProposal: readProposalFile };

describe('the proposal that a case shows', () => {
  it('after a prediction is that one, if its model still predicts', async () => {
    const { session, path, shown } = await caseWith([1, 2], 2);
    expect(shown(await proposalAfterPrediction(session, worker, path(2)))).toBe(2);
  });

  it('after a prediction that a rollback overtook is of the model that is active now, or none', async () => {
    const both = await caseWith([1, 2], 1);
    expect(both.shown(await proposalAfterPrediction(both.session, worker, both.path(2)))).toBe(1);
    const one = await caseWith([2], 1);
    expect(one.shown(await proposalAfterPrediction(one.session, worker, one.path(2)))).toBeNull();
  });

  it('is looked for again where another model became active meanwhile', async () => {
    const { session, activate, shown } = await caseWith([1, 2], 2);
    const overtaken = {
      ...worker,
      fingerprint: async () => {
        activate(1);
        return image;
      },
    };
    expect(shown(await proposalToShow(session, overtaken))).toBe(1);
  });

  it('is told of where it disappeared', async () => {
    const { session, path } = await caseWith([], 1);
    await expect(proposalAfterPrediction(session, worker, path(1))).rejects.toThrow(/Predict again/);
  });
});
