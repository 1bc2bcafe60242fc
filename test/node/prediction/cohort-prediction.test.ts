import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newCohortRecord } from '../../../src/core/cohort/records/cohort-record.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { DEFAULT_LABEL_TABLE } from '../../../src/core/label/table/label-table.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { CohortOverviewReader } from '../../../src/node/overview/cohort-overview.ts';
import { CohortPrediction, type PredictionEnd } from '../../../src/node/prediction/cohort-prediction.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../support/tiny-volume.ts';

/** A cohort of images without labels, with model 1. */
function cohort(...ids: string[]): CohortStore {
  const image = shortVolume(tinyGrid([2, 2, 2], [1, 1, 1]), new Int16Array(8));
  const images = Object.fromEntries(ids.map((id) => [`${id}.nii`, image]));
  const model = { '.voxel-loop/models/1/card.json': '{}', '.voxel-loop/active': '1' };
  return new CohortStore(writeTree(temporaryFolder(), { ...images, ...model }));
}

const queueFile = ({ stateDir }: CohortStore) => join(stateDir, 'proposals', 'queue.json');
const waiting = (store: CohortStore): string[] => JSON.parse(readFileSync(queueFile(store), 'utf8')).waiting;

/** A window of VS Code, as far as it predicts cohorts. Predictions end when they are told to. */
function openWindow() {
  const asked: string[] = [];
  const shown: string[] = [];
  const ends: PredictionEnd[] = [];
  const stalls: string[] = [];
  let answer: (() => void) | undefined;
  const prediction = new CohortPrediction({
    overviewOf: (store) => new CohortOverviewReader(store).read(),
    predict: (_store, { files }, _version, { signal }) =>
      new Promise((resolve, reject) => {
        asked.push(files.id);
        answer = () => resolve(`/${files.id}.vlp`);
        signal.addEventListener('abort', () => reject(new CancelledError()), { once: true });
      }),
    onPredicted: async (_store, id) => void shown.push(id),
    sentenceFor: (error) => String(error),
    warn: (message, error) => stalls.push(`${message} ${error}`),
  });
  prediction.onDidEnd((end) => ends.push(end));
  prediction.onDidStall((why) => stalls.push(why));
  onTestFinished(() => prediction.dispose());
  /** The case that is being predicted has its proposal. */
  const finish = async (id: string) => {
    await vi.waitFor(() => expect(asked.at(-1)).toBe(id));
    answer?.();
    await vi.waitFor(() => expect(shown.at(-1)).toBe(id));
  };
  return { prediction, asked, shown, ends, stalls, finish };
}

describe('Predict Cohort', () => {
  it('predicts one case after the other, and leaves nothing behind', async () => {
    const store = cohort('a', 'b');
    const { prediction, shown, ends, finish, stalls } = openWindow();
    expect(await prediction.start(store)).toBe(2);
    await finish('a');
    // Asked again while the last one runs, there is still something to do.
    await vi.waitFor(() => expect(prediction.status?.queue.waiting).toEqual([]));
    expect(await prediction.start(store)).toBe(1);
    await finish('b');
    await vi.waitFor(() => expect(ends).toMatchObject([{ predicted: 2, failed: [], leftOut: [] }]));
    expect(ends[0].store).toBe(store);
    expect(shown).toEqual(['a', 'b']);
    expect(existsSync(queueFile(store))).toBe(false);
    expect(existsSync(join(store.stateDir, 'proposals', 'queue.lock'))).toBe(false);
    expect(stalls).toEqual([]);
  });

  it('leaves out what was reserved to judge after the queue was made', async () => {
    const store = cohort('a', 'b', 'c');
    const { prediction, asked, ends, finish } = openWindow();
    expect(await prediction.start(store)).toBe(3);
    await vi.waitFor(() => expect(asked).toEqual(['a']));
    // A training has ended meanwhile.
    const record = newCohortRecord({ layout: 'side-by-side', labels: DEFAULT_LABEL_TABLE });
    await store.writeRecord({ ...record, holdout: ['b'] });
    await finish('a');
    await finish('c');
    await vi.waitFor(() => expect(ends).toMatchObject([{ predicted: 2, leftOut: ['b'] }]));
    expect(asked).toEqual(['a', 'c']);
  });

  it('is left to one window; when that one is closed, another goes on', async () => {
    const store = cohort('a', 'b');
    const first = openWindow();
    const second = openWindow();
    expect(await second.prediction.restore(store)).toBe('nothing');
    await first.prediction.start(store);
    await vi.waitFor(() => expect(waiting(store)).toEqual(['a', 'b']));
    let changes = 0;
    second.prediction.onDidChange(() => changes++);
    for (let look = 0; look < 3; look++) expect(await second.prediction.restore(store)).toBe('elsewhere');
    // It is said once, and no more.
    expect([second.prediction.elsewhere, changes]).toEqual([store.root, 1]);
    await expect(second.prediction.start(store)).rejects.toMatchObject({ code: 'prediction-locked' });
    expect(second.asked).toEqual([]);
    first.prediction.dispose();
    await vi.waitFor(async () => expect(await second.prediction.restore(store)).toBe('begun'));
    expect(second.prediction.elsewhere).toBeUndefined();
    await second.finish('a');
    await second.finish('b');
    await vi.waitFor(() => expect(second.ends).toHaveLength(1));
    expect(await first.prediction.restore(store)).toBe('nothing');
  });

  it('does not take a new queue along when an old one was stopped', async () => {
    const store = cohort('a', 'b');
    const { prediction, asked, finish, ends } = openWindow();
    await prediction.start(store);
    await vi.waitFor(() => expect(asked).toEqual(['a']));
    prediction.cancel();
    expect(prediction.status).toBeUndefined();
    expect(await prediction.start(store)).toBe(2);
    await vi.waitFor(() => expect(asked).toEqual(['a', 'a']));
    await vi.waitFor(() => expect(waiting(store)).toEqual(['a', 'b']));
    await new Promise((done) => setTimeout(done, 50));
    expect(waiting(store)).toEqual(['a', 'b']);
    await finish('a');
    await finish('b');
    await vi.waitFor(() => expect(ends).toHaveLength(1));
  });

  it('does not take one cohort for another', async () => {
    const [here, there] = [cohort('a', 'b'), cohort('x')];
    const { prediction, asked } = openWindow();
    await prediction.start(here);
    await vi.waitFor(() => expect(asked).toEqual(['a']));
    await vi.waitFor(() => expect(waiting(here)).toEqual(['a', 'b']));
    prediction.pause();
    await expect(prediction.start(there)).rejects.toMatchObject({ code: 'other-cohort' });
    expect(prediction.status?.queue.state).toBe('paused');
    mkdirSync(join(there.stateDir, 'proposals'));
    writeFileSync(queueFile(there), readFileSync(queueFile(here)));
    expect(await prediction.restore(there)).toBe('nothing');
    prediction.cancel();
    await vi.waitFor(async () => expect(await prediction.restore(there)).toBe('begun'));
  });
});
