import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { ShownProposals } from '../../../../src/node/case/host/shown-proposals.ts';
import {
  PROPOSAL_ENDING,
  readProposalFile,
  writeProposalFile,
} from '../../../../src/node/cohort/proposals/proposal-file.ts';
import { fileFingerprint } from '../../../../src/node/files/file-fingerprint.ts';
import { Desk } from '../../../support/case-desk.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

/** An open case in a cohort with versions 1 and 2, each of which has proposed a voxel of it. */
async function proposed() {
  const desk = new Desk(join(temporaryFolder(), 'cohort'));
  const { store } = desk;
  writeTree(store.root, { '.voxel-loop/models/1/card.json': '{}', '.voxel-loop/models/2/card.json': '{}' });
  const activate = (version: number) => writeTree(store.root, { '.voxel-loop/active': `${version}` });
  const { session } = await desk.open();
  const { grid, document } = session;
  const fingerprints = [await fileFingerprint(desk.image)];
  const path = (version: number) => join(store.proposalsFolder('case'), `${version}-m-i-k${PROPOSAL_ENDING}`);
  for (const version of [1, 2]) {
    const labelMap = new LabelMap(grid.shape);
    labelMap.fill(version, 1, 1);
    await writeProposalFile(path(version), {
      facts: {
        id: `${version}-m-i-k`,
        modelVersion: version,
        modelName: `model ${version}`,
        engineName: '',
        created: '2026-01-02T03:04:05.678Z',
        image: { fingerprints, timeIndex: 0, shape: [...grid.shape] },
        reviewAxis: document.reviewAxis,
        uncertainty: document.review.map(() => 0),
        components: [],
        labels: [...document.table],
      },
      labelMap,
    });
  }
  const warned: unknown[] = [];
  const proposals = new ShownProposals(() => ({ fingerprint: fileFingerprint, readProposal: readProposalFile }), {
    warn: (message, error) => warned.push(`${message} ${error}`),
  });
  const shown = { session, addLabels: () => expect.fail('No label is missing.') };
  const version = () => session.document.proposal?.modelVersion ?? null;
  return { store, session, proposals, shown, version, activate, path, warned };
}

const holdOut = { ...newCohortRecord({ layout: 'side-by-side', labels: [] }), holdout: ['case'] };

describe('the proposals that open cases show', () => {
  test('are those of the version that predicts, also after a rollback', async () => {
    const { proposals, shown, version, activate, warned } = await proposed();
    activate(2);
    await proposals.bringBack(shown);
    expect(version()).toBe(2);
    activate(1);
    await proposals.followActiveModel([shown, shown]);
    expect(version()).toBe(1);
    expect(warned).toEqual([]);
  });

  test('are none on a case that is held out, and no longer one that was shown before it was', async () => {
    const { store, proposals, shown, version, activate } = await proposed();
    activate(2);
    await proposals.bringBack(shown);
    await store.changeRecord(async () => holdOut);
    await proposals.followActiveModel([shown]);
    expect(version()).toBeNull();
    await proposals.bringBack(shown);
    expect(version()).toBeNull();
  });

  test('come to the case that was predicted and to no other; one that cannot be read is only logged', async () => {
    const { store, proposals, shown, version, activate, path, warned } = await proposed();
    activate(2);
    await proposals.predicted([shown], store, 'another case', path(2));
    expect(version()).toBeNull();
    await proposals.predicted([shown], store, 'case', path(2));
    expect(version()).toBe(2);
    await proposals.predicted([shown], store, 'case', path(3));
    expect(version()).toBe(2);
    expect(warned).toEqual([expect.stringContaining('Predict again')]);
  });
});
