import * as v from 'valibot';
import { count, integer, nothing } from '../basic-schemas.ts';
import { labelEntry } from '../label/table/label-table-schema.ts';
import type { Contract } from './contract.ts';
import { interruptedTraining, trainSample } from './engine/interrupted-training.ts';
import { trainingOutlook } from './engine/plan-training.ts';
import { trainEvaluation, trainProgress, trainResult } from './engine/train.ts';

/** This is what the training page shows, and what it asks the extension host for. */

/** The schema of `TrainingCurves`. */
const trainingCurves = v.strictObject({
  samples: v.pipe(v.array(trainSample), v.readonly()),
  everySteps: v.number(),
  evaluations: v.pipe(v.array(trainEvaluation), v.readonly()),
});

const labels = v.array(v.strictObject(labelEntry.entries));
const sentences = v.pipe(v.array(v.string()), v.readonly());

/** Where a training stands. Its curves travel apart. */
export const trainingFigures = v.omit(trainProgress, ['evaluation', 'plan']);
export type TrainingFigures = v.InferOutput<typeof trainingFigures>;

/** `keep` makes a version of the best weights until now; `discard` leaves nothing. */
export const howToStop = v.picklist(['keep', 'discard']);
export type HowToStop = v.InferOutput<typeof howToStop>;

/** How a training came out. */
export const trainingOutcome = v.variant('kind', [
  v.strictObject({
    kind: v.literal('version'),
    result: trainResult,
    /** The version that it was compared with. */
    previousVersion: v.nullable(integer),
    /** The number of cases that it learned from and that version had not seen. It is null where that is not known. */
    newCases: v.nullable(count),
    newSlices: v.nullable(count),
    /** It is true when the version predicts now, by the gate's verdict or because a person decided so. */
    isActive: v.boolean(),
    /** It is true when a person may activate it nevertheless. */
    canActivate: v.boolean(),
  }),
  /** It was stopped before there was anything to keep, or thrown away. */
  v.strictObject({ kind: v.literal('nothing'), sentence: v.string() }),
  v.strictObject({ kind: v.literal('failed'), sentence: v.string() }),
]);
export type TrainingOutcome = v.InferOutput<typeof trainingOutcome>;

const runEntries = {
  curves: trainingCurves,
  /** The labels of the curves. */
  labels,
  /** The plan in words. */
  plan: sentences,
  /** What training had to say, in sentences. */
  warnings: sentences,
};

export const trainingView = v.variant('kind', [
  /** No folder is open, or several are and none was chosen. */
  v.strictObject({ kind: v.literal('no-cohort') }),
  v.strictObject({ kind: v.literal('untrusted') }),
  v.strictObject({ kind: v.literal('planning') }),
  v.strictObject({ kind: v.literal('plan-failed'), sentence: v.string() }),
  v.strictObject({
    kind: v.literal('planned'),
    outlook: trainingOutlook,
    interrupted: v.nullable(interruptedTraining),
  }),
  v.strictObject({
    kind: v.literal('running'),
    ...runEntries,
    /** It is true when nobody asked for it: enough slices were accepted. */
    automatic: v.boolean(),
    /** It is true when it goes on with a training that was interrupted. */
    resumed: v.boolean(),
    stopping: v.nullable(howToStop),
    /** It is null before the first report. */
    figures: v.nullable(trainingFigures),
    outlook: v.nullable(trainingOutlook),
  }),
  v.strictObject({
    kind: v.literal('ended'),
    ...runEntries,
    outcome: trainingOutcome,
    interrupted: v.nullable(interruptedTraining),
  }),
]);
export type TrainingView = v.InferOutput<typeof trainingView>;

export const trainingPageState = v.strictObject({
  /** The cohort's name. It is null where there is none. */
  cohort: v.nullable(v.string()),
  /** A run takes so many minutes if nobody says otherwise. */
  minutes: v.number(),
  view: trainingView,
});
export type TrainingPageState = v.InferOutput<typeof trainingPageState>;

/** The extension host answers and hears this. */
export const trainingHostContract = {
  requests: {
    /** The page asks this whenever it is loaded. */
    state: { params: nothing, result: trainingPageState },
  },
  events: {
    /** Asks to look at the cohort (again). */
    plan: nothing,
    start: v.strictObject({ minutes: trainingOutlook.entries.minutes }),
    /** Somebody chose how many minutes a training takes, from now on too. */
    minutes: v.strictObject({ minutes: trainingOutlook.entries.minutes }),
    /**
     * Asks to train on from the weights of the version that is shown, for as many minutes as it advises
     * (`TrainResult.longer`).
     */
    trainLonger: nothing,
    stop: v.strictObject({ how: howToStop }),
    /** @see InterruptedTraining.replaceable */
    resume: v.strictObject({ withoutEngine: v.boolean() }),
    discardInterrupted: nothing,
    showReport: nothing,
    activate: nothing,
    showLog: nothing,
    /** Asks to open the place where the user says which folders are trusted. */
    manageTrust: nothing,
  },
} as const satisfies Contract;
export type TrainingHostContract = typeof trainingHostContract;

/** The page hears this. */
export const trainingPageContract = {
  requests: {},
  events: {
    stateChanged: trainingPageState,
    /**
     * The progress of the run in `running`, which is to be added to its curves with `withSample` and `withEvaluation`.
     */
    progress: v.strictObject({
      figures: trainingFigures,
      sample: v.nullable(trainSample),
      evaluation: v.nullable(trainEvaluation),
    }),
  },
} as const satisfies Contract;
export type TrainingPageContract = typeof trainingPageContract;
