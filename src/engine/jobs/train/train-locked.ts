import { type LeaveOut, type LeftOutCase, leftOutSentence } from '../../../core/cohort/left-out.ts';
import { CancelledError } from '../../../core/errors.ts';
import type { TrainResult } from '../../../core/protocol/engine/train.ts';
import { RunJournal } from '../../checkpoints/run-journal.ts';
import { checkUnchanged, freezeData, frozenData, type TrainingData } from '../../training/data/training-data.ts';
import { trainOn } from './train-on.ts';
import type { LockedTraining } from './training-run.ts';

/** Freezes the data, keeps a journal, trains, and clears away what can be of no use any more. */
export async function trainLocked(training: LockedTraining): Promise<TrainResult> {
  const { checkpoints, interrupted, settings, startedAt, store, context } = training;
  const kept = interrupted && (await frozenData(training, interrupted.record));
  const leftOut: LeftOutCase[] = [...(interrupted?.record.leftOut ?? [])];
  const leaveOut: LeaveOut = (left) => {
    leftOut.push(left);
    context.log('warning', leftOutSentence(left));
  };
  const notes = [...(interrupted?.record.notes ?? [])];
  const tell = (note: string) => {
    notes.push(note);
    context.log('warning', note);
  };
  const told = { at: startedAt, preset: settings.preset, minutes: settings.minutes ?? null };
  const journal = await (interrupted ? RunJournal.goOn : RunJournal.start)(store, told);
  let found: TrainingData | undefined;
  try {
    found = kept ?? (await currentData(training, leaveOut));
    return await trainOn({ ...training, found, journal, leftOut, leaveOut, notes, tell });
  } catch (error) {
    // A run that ends by itself before it has learned anything leaves nothing that could be resumed.
    const { writtenStep } = checkpoints;
    if (!interrupted && writtenStep !== null && (writtenStep === 0 || error instanceof CancelledError)) {
      await checkpoints.remove();
    }
    throw error;
  } finally {
    await journal.close();
    if (!kept && checkpoints.writtenStep === null) await found?.snapshot.remove();
    if (!interrupted && checkpoints.writtenStep === null) await journal.discard();
  }
}

/** Freezes the data as it is now. If nothing was kept of a run that goes on, the data must be what it was. */
async function currentData(training: LockedTraining, leaveOut: LeaveOut): Promise<TrainingData> {
  const { checkpoints, interrupted, settings, context } = training;
  if (interrupted) await checkUnchanged(training, interrupted.record);
  return freezeData(training, settings, await checkpoints.exists(), context.signal, leaveOut);
}
