import { TrainingError } from '../../../core/learn/learn-errors.ts';
import { CaseLoader } from '../../inputs/case-loader.ts';
import { doubtSentences } from '../../training/data/doubts.ts';
import { type FingerprintedCase, fingerprintCases } from '../../training/data/fingerprint-cases.ts';
import { type TrainingData, withoutCases } from '../../training/data/training-data.ts';
import { NO_FIGURES } from '../../training/run/train-clock.ts';
import type { TrainingRun } from './training-run.ts';

/** What was read of the cases that train and tune. */
export interface ReadCases {
  /** The data without the cases that could not be read. */
  readonly data: TrainingData;
  readonly loader: CaseLoader;
  /** Those that train come first, then those that tune. */
  readonly fingerprinted: readonly FingerprintedCase[];
}

/**
 * Reads every case that trains or tunes once, whole.
 * @throws TrainingError if nothing is left, or a run that goes on has lost a case; CancelledError
 */
export async function readCases(run: TrainingRun): Promise<ReadCases> {
  const { context, found, interrupted, clock, notes, tell } = run;
  const loader = new CaseLoader(found.record.labels, found.ignoredValue);
  const wanted = [...found.sets.train, ...found.sets.tune];
  const fingerprinted = await fingerprintCases(
    wanted,
    loader,
    context.signal,
    (fraction) => clock.tell('preparing', fraction / 2, NO_FIGURES),
    run.leaveOut,
    context.log,
  );
  const read = new Set(fingerprinted.map(({ id }) => id));
  const unread = wanted.filter(({ files }) => !read.has(files.id));
  if (interrupted && unread.length > 0) {
    throw new TrainingError(
      `Case ${unread[0].files.id}, which the interrupted training learns from, cannot be read any more: restore it, or train from the start, without resuming.`,
    );
  }
  const gone = run.leftOut.filter(({ id }) => unread.some(({ files }) => files.id === id));
  const data = withoutCases(found, gone);
  for (const sentence of doubtSentences(fingerprinted)) if (!notes.includes(sentence)) tell(sentence);
  return { data, loader, fingerprinted };
}
