import { inputChannels, type Plan, planViews } from '../../../core/learn/plan/plan.ts';
import { IGNORED } from '../../../core/learn/planes/plane-transform.ts';
import type { CaseFingerprint } from '../../../core/learn/planning/fingerprint.ts';
import { planInitialWeights, planPredictModel } from '../../../core/learn/training/network.ts';
import { scoreSegmentation } from '../../../core/metrics/score-segmentation.ts';
import type { NetworkEngine } from '../../../core/net/graph/network-engine.ts';
import { type CaseLoader, caseTruth } from '../../inputs/case-loader.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';
import { TOLERANCE_MM } from '../judging/judge.ts';

/** Tiles overlap by half, in both directions. */
const TILES_PER_AREA = 4;

/**
 * Measures by a few trials how long it takes to read, predict and score a case like those of the cohort, so that a run
 * that is counted in minutes leaves enough of them.
 */
export async function msPerJudgedCase(
  engine: NetworkEngine,
  plan: Plan,
  loader: CaseLoader,
  example: TrainableCase,
  cases: readonly CaseFingerprint[],
): Promise<number> {
  const planes = cases.reduce((sum, found) => sum + planesOf(found, plan), 0) / cases.length;
  const predictingMs = planes * (await msPerPredictedPlane(engine, plan));
  return loader.msPerCase + predictingMs + (await msToScore(example, loader, plan));
}

/** Counts how many planes of the plan's size go through the network for one case. */
function planesOf({ sliced }: CaseFingerprint, plan: Plan): number {
  const { plane, prediction } = plan;
  const views = planViews(plan).map(({ slicing }) => sliced[slicing]);
  const perView = views.map(({ slices, rows, columns, rowSpacingMm, columnSpacingMm }) => {
    if (plane.kind === 'stretch') return slices;
    const area = ((rows * rowSpacingMm) / plane.rowSpacingMm) * ((columns * columnSpacingMm) / plane.columnSpacingMm);
    const planesPerSlice = area / (plane.rows * plane.columns);
    if (planesPerSlice <= 1) return slices;
    return slices * planesPerSlice * (prediction.window === 'tiles' ? TILES_PER_AREA : 1);
  });
  return perView.reduce((sum, planes) => sum + planes, 0) * 2 ** prediction.mirror.length;
}

/** Takes the best of a few tries on planes of nothing, after one to warm up. */
async function msPerPredictedPlane(engine: NetworkEngine, plan: Plan): Promise<number> {
  const planes = 8;
  const shape = [planes, inputChannels(plan), plan.plane.rows, plan.plane.columns];
  const input = { data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)), shape };
  const predictor = await engine.createPredictor(planPredictModel(plan, planInitialWeights(plan, 0)));
  try {
    await predictor.predict(input);
    let bestMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt++) {
      const beganMs = performance.now();
      await predictor.predict(input);
      bestMs = Math.min(bestMs, performance.now() - beganMs);
    }
    return bestMs / planes;
  } finally {
    await predictor.close();
  }
}

/**
 * Measures surfaces and lesions of a case's truth and the same a voxel further on, which is about as right as a good
 * prediction.
 */
async function msToScore(found: TrainableCase, loader: CaseLoader, plan: Plan): Promise<number> {
  const loaded = await loader.load(found);
  const { classes } = caseTruth(found, loaded, plan.labels);
  const shifted = Uint16Array.from(classes, (_, voxel) => Math.max(0, classes[Math.max(0, voxel - 1)]));
  const { shape, spacingMm } = loaded.image.grid;
  // The first time the code is not compiled yet, and many times as slow.
  let bestMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 2; attempt++) {
    const beganMs = performance.now();
    scoreSegmentation(found.files.id, shifted, classes, {
      shape,
      spacingMm,
      labels: plan.labels.slice(1),
      ignored: IGNORED,
      toleranceMm: TOLERANCE_MM,
    });
    bestMs = Math.min(bestMs, performance.now() - beganMs);
  }
  return bestMs;
}
