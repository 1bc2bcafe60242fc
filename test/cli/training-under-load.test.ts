import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.ts';
import { CheckpointFolder } from '../../src/engine/checkpoints/checkpoint-folder.ts';
import { MOST_LOST_MS, mostLostMs } from '../../src/engine/checkpoints/checkpoint-writer.ts';
import { readRunHistory, type StepLine } from '../../src/engine/checkpoints/run-journal.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { keepCoresBusy } from '../support/busy-cores.ts';
import { buildCli, killCli } from './cli-process.ts';

beforeAll(buildCli);
const busy = keepCoresBusy(2);
afterAll(() => busy.stop());

/** Two million weights: checkpoints of 30 MB. */
const PLAN = { network: { baseFilters: 16, levels: 4 }, plane: { rows: 32, columns: 32 } };

/**
 * Milliseconds of training after which it is killed: before the first evaluation (after ten seconds), which would write a checkpoint beside the others;
 * while a checkpoint is being written, most likely; and at any other time.
 */
const KILLED_AFTER_MS = [
  [8300, 9700],
  [5000, 6000],
  [6000, 14_000],
] as const;

describe('a training beside two busy cores', () => {
  it('loses at most ten seconds of what it has trained, whenever it is killed', async () => {
    const { root } = await ballCohort(5);
    const store = new CohortStore(root);
    writeFileSync(join(root, 'plan.json'), JSON.stringify(PLAN));
    const random = new SeededRandom(11);
    const run = ['--engine', 'cpu', '--threads', '1', '--minutes', '60', '--plan', join(root, 'plan.json')];
    const lines = (): Promise<readonly StepLine[]> =>
      readRunHistory(store.runJournalPath).then((history) => history?.steps ?? []);
    let trainedBefore = 0;
    for (const between of KILLED_AFTER_MS) {
      // Counted from where it goes on, and by what it writes down itself: a slow machine is waited for.
      const dieAtMs = trainedBefore + random.uniform(...between);
      let newest: StepLine | undefined;
      const look = setInterval(() => void lines().then((steps) => (newest = steps.at(-1) ?? newest)), 100);
      const args = trainedBefore === 0 ? run : [...run, '--resume'];
      const wasKilled = await killCli(['train', root, ...args], () => (newest?.trainedMs ?? 0) >= dieAtMs);
      clearInterval(look);
      expect(wasKilled).toBe(true);

      const interrupted = await new CheckpointFolder(store).read();
      const last = (await lines()).at(-1);
      if (!interrupted || !last) throw new Error('Nothing of the training is there.');
      const { state, record } = interrupted;
      const history = await readRunHistory(store.runJournalPath);
      expect(history?.started.at).toBe(record.startedAt);
      // The step that was just done may have taken any time: what it found done before it is what counts.
      const lostMs = last.trainedMs - last.stepMs - state.trainedMs;
      // On a disk that needs more than four seconds for one it is more, and by how much is known.
      const promised = (history?.checkpoints ?? []).map((written) => mostLostMs(written));
      expect(lostMs).toBeLessThanOrEqual(Math.max(MOST_LOST_MS, ...promised));
      expect(MOST_LOST_MS).toBeLessThanOrEqual(10_000);
      trainedBefore = state.trainedMs;
    }
  });
});
