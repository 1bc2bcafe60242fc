import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan, type PlanRequest } from '../../../../src/core/learn/planning/make-plan.ts';
import { choosePlan, readOverrides } from '../../../../src/engine/training/planning/choose-plan.ts';
import { BALL_LABELS, ballCase } from '../../../support/learn-cases.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const { image, truth } = ballCase(1);
const request: PlanRequest = {
  preset: 'auto',
  labels: BALL_LABELS,
  channelNames: ['image'],
  cores: 2,
  onGpu: false,
  memoryBytes: 2 ** 34,
  cases: [caseFingerprint(image, truth, 3)],
};

const chosenFrom = async (files: Parameters<typeof readOverrides>[0]) =>
  choosePlan(request, await readOverrides(files));

describe('choosePlan', () => {
  it('plans from the data where nobody decided anything', async () => {
    const chosen = await chosenFrom({ planFile: undefined, cohortState: temporaryFolder() });
    expect(chosen.plan).toEqual(makePlan(request));
    expect(chosen.summary.cases).toBe(1);
    expect(chosen.sentences.join(' ')).not.toContain('Decided by');
  });

  it('takes plan.json of the cohort, or the file that is named in its place', async () => {
    const cohortState = temporaryFolder();
    writeFileSync(join(cohortState, 'plan.json'), '{"batch": {"size": 3}}');
    const ofCohort = await chosenFrom({ planFile: undefined, cohortState });
    expect(ofCohort.plan.batch.size).toBe(3);
    expect(ofCohort.sentences.at(-1)).toMatch(/^Decided by .*plan\.json: batch\.size\.$/);
    const planFile = join(temporaryFolder(), 'mine.json');
    writeFileSync(planFile, '{"loss": "soft-dice"}');
    const named = await chosenFrom({ planFile, cohortState });
    expect([named.plan.loss, named.plan.batch.size]).toEqual(['soft-dice', makePlan(request).batch.size]);
  });

  it('says which file is wrong, or is not there', async () => {
    const cohortState = temporaryFolder();
    writeFileSync(join(cohortState, 'plan.json'), '{"batch": {"size": 0}}');
    await expect(chosenFrom({ planFile: undefined, cohortState })).rejects.toMatchObject({
      code: 'plan-override',
      message: expect.stringMatching(/plan\.json: batch\.size must be at least 1, not 0\.$/),
    });
    const planFile = join(cohortState, 'missing.json');
    await expect(chosenFrom({ planFile, cohortState })).rejects.toMatchObject({
      message: expect.stringContaining('missing.json'),
    });
  });

  it('keeps the plan of a run that goes on, whatever is decided now', () => {
    const known = makePlan(request);
    const decided = { source: 'plan.json', values: { batch: { size: 3 } } };
    expect(choosePlan(request, decided, known).plan).toBe(known);
  });
});
