import { counted } from '../../core/text/counted.ts';
/** The texts of the training feature. */
export const trainingText = {
  pageTitle: 'Training',
  showTraining: 'Show Training',
  showReport: 'Show Report',
  trainLonger: (minutes: number) => `Train ${minutes} Minutes Longer`,
  nothingToTrainLonger: 'There is no training in this window that could go on: start one on the training page.',
  unsavedBeforeTraining: (count: number) =>
    count === 1
      ? 'One volume has unsaved labels. Training reads what is saved.'
      : `${count} volumes have unsaved labels. Training reads what is saved.`,
  notSavedBeforeTraining: (names: readonly string[]) =>
    `Training did not start: ${names.join(', ')} could not be saved. Save again, or retrain without these changes.`,
  alreadyRunning: 'A training is running already: stop it first, or wait for it.',
  waitsToBeResumed: (cohort: string) =>
    `A training on ${cohort} was interrupted: resume or discard it on the training page first (Voxel Loop: Show Training).`,
  planCancelled: 'Looking at the cohort was cancelled. Look again to see the plan.',
  thrownAway: 'The training was stopped and thrown away. The models are as they were.',
  stoppedEarly: 'The training was stopped before there was anything to keep. The models are as they were.',
  unknownEnd: 'The training ended without a result. Look at the log, then train again.',
  nothingInterrupted: 'There is no training to resume any more: start a new one.',
  interrupted: (cohort: string, percent: number, lostSeconds: number | null) =>
    `A training on ${cohort} was interrupted when it was ${percent} % done.${
      lostSeconds === null || lostSeconds < 0.5 ? '' : ` Its last ${Math.ceil(lostSeconds)} s of training are lost.`
    }`,
  cutOff: (cohort: string) =>
    `A training on ${cohort} was cut off while it read the cohort, before there was anything to keep.`,
  startAgain: 'Start Again',
  resume: 'Resume Training',
  resumeWithout: (engine: string) => `Resume Without ${engine}`,
  discard: 'Discard',
  statusPreparing: 'Training: reading',
  statusTraining: (percent: number) => `Training ${percent} %`,
  statusEvaluating: 'Training: judging',
  automaticWhy: (slices: number) =>
    `Retraining in the background: ${counted(slices, 'slice was', 'slices were')} accepted since the last version.`,
} as const;
