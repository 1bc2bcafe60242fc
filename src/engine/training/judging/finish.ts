import { leftOutSentences } from '../../../core/cohort/left-out.ts';
import type { TrainResult } from '../../../core/protocol/engine/train.ts';
import type { NewVersion } from '../../../node/cohort/models/model-versions.ts';
import { writeTrainingSlices } from '../../../node/cohort/models/training-slices-file.ts';
import { recordSplit } from '../data/cohort-state.ts';
import { decidePromotion } from './decide-promotion.ts';
import type { FinishedTraining } from './finished-training.ts';
import { judgeVersion } from './judge-version.ts';
import { publishVersion } from './publish.ts';
import { resultOfTraining } from './train-result.ts';
import { versionCard } from './version-card.ts';
import { versionReport } from './version-report.ts';
import { writeReport } from './write-report.ts';

/** Judges trained weights, writes them as a version and lets the gate decide. It leaves nothing behind if it fails. */
export async function finishTraining(run: FinishedTraining): Promise<TrainResult> {
  const created = await run.store.models.create();
  let published = false;
  try {
    return await judgeAndPublish(run, created, () => {
      published = true;
    });
  } finally {
    if (!published) await created.discard();
  }
}

async function judgeAndPublish(
  run: FinishedTraining,
  created: NewVersion,
  onPublished: () => void,
): Promise<TrainResult> {
  const { settings, store } = run;
  const judged = await judgeVersion(run, created.version);
  const notes = [...run.notes, ...leftOutSentences(run.leftOut)];
  const promotion = await decidePromotion(run, judged);
  // The split is written first: whenever the process dies, what a version has seen is known before the version counts.
  // A fold's versions never come among the cohort's, so what they have seen does not matter there.
  if (!settings.fold) await recordSplit(store, run.listing, judged.plan.labels, run.split);
  const card = versionCard(run, judged, promotion, notes);
  const reportPath = await writeReport(created, versionReport(run, judged, card, notes), run.log);
  if (run.trainedOn) await writeTrainingSlices(created.files, created.folder, run.trainedOn);
  await publishVersion(created, judged.onnx, card);
  onPublished();
  if (promotion.gate.activate) await store.models.activate(judged.version);
  return resultOfTraining(run, judged, promotion, notes, created.folder, reportPath);
}
