import type { Vec3 } from '../geometry/vector.ts';
import type { CurvePoint } from '../learn/training/curve-point.ts';
import type { CohortScores } from '../metrics/cohort-scores.ts';

/** What the report says of the data of one case. */
export interface ReportedCase {
  readonly id: string;
  readonly set: 'train' | 'tune' | 'holdout';
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  /** So many slices count, because they were accepted or belong to a complete label map. */
  readonly countedSlices: number;
  readonly slices: number;
  /** Voxels in the counted slices by label, in the order of `TrainingReport.labels`. */
  readonly labelVoxels: readonly number[];
}

/** A picture that shows where a case went wrong (`worstSlicePicture` makes it). */
export interface ReportPicture {
  readonly caseId: string;
  /** Says which slice it is ("Axial slice 34 of 60") and what is to be seen. */
  readonly caption: string;
  readonly png: Uint8Array;
  /** The size of the PNG in pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Everything that the report of one training shows, as plain data. A field is null where its fact is not known, and the
 * report says so.
 */
export interface TrainingReport {
  /** The new model version. */
  readonly version: number;
  /** The name of the cohort, for the title. */
  readonly cohort: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The version whose weights it started from; it is null when it started from random weights. */
  readonly parent: number | null;
  /** Says whether it became the active version, and in a sentence why or why not (`decideGate`). */
  readonly verdict: { readonly activated: boolean; readonly reason: string };
  readonly labels: readonly { readonly value: number; readonly name: string; readonly color: string }[];
  readonly curve: readonly CurvePoint[];
  /** The step whose weights were kept. */
  readonly bestStep: number | null;
  readonly epochs: number;
  readonly steps: number;
  /** Says why it ended: "The time was up.", "Tune Dice had not risen for 20 evaluations." */
  readonly ended: string;
  /** The plan in words (`describePlan`); `plan` is the plan itself. */
  readonly planSentences: readonly string[];
  readonly plan: unknown;
  /** The hash of the images and label maps that trained and tuned. */
  readonly dataFingerprint: string;
  /** The cases of all three sets. */
  readonly cases: readonly ReportedCase[];
  /**
   * The scores on the holdout (or on what `measuredOn` says). They are null where there is none, or none could be read.
   */
  readonly holdout: CohortScores | null;
  /** `tune` means that nothing is held out, so that the cases that chose the weights had to do. */
  readonly measuredOn: 'holdout' | 'tune';
  /** The version that was active before, measured on the same cases; it is null when none was. */
  readonly previous: { readonly version: number; readonly holdout: CohortScores | null } | null;
  /** Tolerance of surface Dice, in mm. */
  readonly toleranceMm: number;
  /** The pictures show the worst cases, worst first. */
  readonly pictures: readonly ReportPicture[];
  readonly preset: string;
  /** The engine's name, such as "ONNX Runtime CPU". */
  readonly engine: string;
  /** The machine, such as "Linux x64, 8 cores, 32 GB, Node 24.1". */
  readonly machine: string;
  readonly seed: number;
  /** The seconds are wall-clock time. */
  readonly seconds: number;
}
