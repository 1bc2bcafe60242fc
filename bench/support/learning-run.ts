import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { voxelLoop } from './command-line.ts';
import { filesOf, linkCohort } from './linked-cohort.ts';

/** As `voxel-loop evaluate --json` prints it, as far as benches read it. */
export interface Evaluation {
  readonly meanDice: number;
  readonly cases: readonly { readonly id: string; readonly meanDice: number | null }[];
  readonly labels: readonly {
    readonly value: number;
    readonly name: string;
    readonly meanDice: number | null;
    readonly pooledDice: number | null;
    readonly metrics: { readonly hd95Mm: { readonly median: number | null } };
    readonly lesions: { readonly mostInOneCase: number; readonly bins: readonly LesionBinScores[] };
  }[];
}

interface LesionBinScores {
  readonly name: string;
  readonly truthLesions: number;
  readonly foundLesions: number;
  readonly predictedLesions: number;
  readonly matchedLesions: number;
  readonly meanFoundDice: number | null;
  readonly meanFoundIou: number | null;
}

/** What of a model's card the benches read. */
interface Card {
  readonly training: {
    readonly steps: number;
    readonly history: readonly HistoryPoint[];
  };
}

export interface HistoryPoint {
  readonly step: number;
  readonly loss: number;
  readonly tuneDice: number | null;
}

export interface LearningRun {
  /** The folder of the model version. */
  readonly model: string;
  readonly evaluation: Evaluation;
  readonly steps: number;
  readonly history: readonly HistoryPoint[];
  readonly trainSeconds: number;
  readonly predictSeconds: number;
}

export interface LearningRunOptions {
  /** A cohort in MSD layout. */
  readonly data: string;
  readonly train: readonly string[];
  /** Judge only: never seen in training or tuning. */
  readonly val: readonly string[];
  /** Of `voxel-loop train`, such as `--minutes 10`. */
  readonly trainArguments: readonly string[];
  /** Overrides of the plan; absent: none. */
  readonly plan?: unknown;
  /** An empty folder to work in. */
  readonly scratch: string;
}

/** `voxel-loop train`, `predict` on the val cases and `evaluate`, as a user would type them. `dist/` must be built. */
export function trainAndEvaluate(options: LearningRunOptions): LearningRun {
  const { scratch, val } = options;
  const cohort = path.join(scratch, 'cohort');
  linkCohort(options.data, cohort, options);
  const state = path.join(scratch, 'state');
  const plan = path.join(scratch, 'plan.json');
  if (options.plan !== undefined) writeFileSync(plan, JSON.stringify(options.plan));
  const trainBeganMs = performance.now();
  voxelLoop(
    ...['train', cohort, '--engine', 'cpu', '--out', state, ...options.trainArguments],
    ...(options.plan === undefined ? [] : ['--plan', plan]),
  );
  const trainSeconds = (performance.now() - trainBeganMs) / 1000;
  const model = path.join(state, 'models', '1');
  const predictBeganMs = performance.now();
  const evaluation = predictAndEvaluate(model, cohort, val, path.join(scratch, 'predictions'));
  const predictSeconds = (performance.now() - predictBeganMs) / 1000;
  const { training } = JSON.parse(readFileSync(path.join(model, 'card.json'), 'utf8')) as Card;
  return {
    model,
    evaluation,
    steps: training.steps,
    history: training.history,
    trainSeconds,
    predictSeconds,
  };
}

/** `voxel-loop predict` on cases of a cohort in MSD layout, and `evaluate` against their labels. */
export function predictAndEvaluate(model: string, cohort: string, ids: readonly string[], out: string): Evaluation {
  const folder = path.join(cohort, 'imagesTr');
  const there = readdirSync(folder);
  const images = ids.flatMap((id) => filesOf(id, there)).map((name) => path.join(folder, name));
  mkdirSync(out, { recursive: true });
  voxelLoop('predict', ...images, '--model', model, '--engine', 'cpu', '--out', out);
  const labels = path.join(cohort, 'labelsTr');
  return JSON.parse(voxelLoop('evaluate', '--predictions', out, '--labels', labels, '--json')) as Evaluation;
}
