import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { askingAboutLabels } from '../engine/ask-about-labels.ts';
import { proposalRequest } from '../engine/proposal-request.ts';
import { runWithProgress } from '../engine/task-progress.ts';
import { text } from '../platform/messages.ts';
import type { Services } from '../services.ts';

/**
 * Predicts one case of the view, open or not, before everything that waits in the background.
 * @param reviewAxis null if nobody has reviewed the case yet
 * @returns the proposal's file; null if there is no model, which the user was told
 * @throws RemoteError of the engine, EngineDiedError, CancelledError
 */
export async function predictCase(
  { engines, noModel }: Pick<Services, 'engines' | 'noModel'>,
  store: CohortStore,
  files: CaseFiles,
  reviewAxis: VoxelAxis | null,
): Promise<string | null> {
  const version = await store.models.active();
  if (version === null) {
    noModel.tell(store);
    return null;
  }
  const { path } = await askingAboutLabels(proposalRequest(store, files, version, reviewAxis), (request) =>
    runWithProgress(text.predicting(files.id), (report, signal) =>
      engines.predict(request, { signal, onProgress: ({ fraction }) => report(fraction, '') }),
    ),
  );
  return path;
}
