import type { Vec3 } from '../geometry/vector.ts';
import type { CurvePoint } from '../learn/training/curve-point.ts';
import type { CohortScores } from '../metrics/cohort-scores.ts';

/** What the report says of one case's data. */
export interface ReportedCase {
  readonly id: string;
  readonly set: 'train' | 'tune' | 'holdout';
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  /** Slices that count (accepted, or of a complete label map), and of how many. */
  readonly countedSlices: number;
  readonly slices: number;
  /** Voxels in those slices by label, in the order of `TrainingReport.labels`. */
  readonly labelVoxels: readonly number[];
}

/** A picture that shows where a case went wrong (`slicePicture` makes them). */
export interface ReportPicture {
  readonly caseId: string;
  /** "slice 34 of 60" and what is to be seen. */
  readonly caption: string;
  readonly png: Uint8Array;
  /** Of the PNG, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Everything that the report of one training shows. Plain data: what is not known is null, and the report says so. */
export interface TrainingReport {
  /** The new model version. */
  readonly version: number;
  /** Of the cohort, for the title. */
  readonly cohort: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The version whose weights it started from; null: random weights. */
  readonly parent: number | null;
  /** Whether it became the active version, and why or why not, in a sentence (`decideGate`). */
  readonly verdict: { readonly activated: boolean; readonly reason: string };
  readonly labels: readonly { readonly value: number; readonly name: string; readonly color: string }[];
  readonly curve: readonly CurvePoint[];
  /** Step of the weights that were kept. */
  readonly bestStep: number | null;
  readonly epochs: number;
  readonly steps: number;
  /** Why it ended: "The time was up.", "Tune Dice had not risen for 20 evaluations." */
  readonly ended: string;
  /** In words (`describePlan`), and the plan itself. */
  readonly planSentences: readonly string[];
  readonly plan: unknown;
  /** Hash of images and label maps that trained and tuned. */
  readonly dataFingerprint: string;
  /** All cases of the three sets. */
  readonly cases: readonly ReportedCase[];
  /** On the holdout (or what `measuredOn` says); null where there is none, or none could be read. */
  readonly holdout: CohortScores | null;
  /** `tune`: nothing is held out, so that the cases that chose the weights had to do. */
  readonly measuredOn: 'holdout' | 'tune';
  /** The version that was active before, on the same cases; null: none. */
  readonly previous: { readonly version: number; readonly holdout: CohortScores | null } | null;
  /** Tolerance of surface Dice, in mm. */
  readonly toleranceMm: number;
  /** Of the worst cases, worst first. */
  readonly pictures: readonly ReportPicture[];
  readonly preset: string;
  /** "ONNX Runtime CPU". */
  readonly engine: string;
  /** "Linux x64, 8 cores, 32 GB, Node 24.1". */
  readonly machine: string;
  readonly seed: number;
  /** Wall clock. */
  readonly seconds: number;
}
