import { VoxelLoopError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { type CleanUpCase, learnCleanUp } from '../../../core/learn/prediction/learn-clean-up.ts';
import { predictVolume } from '../../../core/learn/prediction/predict-volume.ts';
import type { NetworkEngine } from '../../../core/net/graph/network-engine.ts';
import { type CaseLoader, caseTruth } from '../../inputs/case-loader.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';

/**
 * Returns the plan with the clean-up that helps on the tune cases. A case that cannot be read any more is left out.
 *
 * @param plan without clean-up
 * @param onnx the model that was trained by it
 */
export async function withLearntCleanUp(
  plan: Plan,
  onnx: Uint8Array,
  tune: readonly TrainableCase[],
  engine: NetworkEngine,
  loader: CaseLoader,
  log: (level: 'warning', message: string) => void,
): Promise<Plan> {
  const predictor = await engine.createPredictor(onnx);
  try {
    async function* predicted(): AsyncGenerator<CleanUpCase> {
      for (const found of tune) {
        try {
          const loaded = await loader.load(found);
          const { classes } = await predictVolume(loaded.image, plan, predictor);
          yield { classes, truth: caseTruth(found, loaded, plan.labels).classes, grid: loaded.image.grid };
        } catch (error) {
          if (!(error instanceof VoxelLoopError)) throw error;
          log('warning', `Case ${found.files.id} could not tell what clean-up helps: ${error.message}`);
        }
      }
    }
    const cleanUp = await learnCleanUp(predicted(), plan.labels.length - 1);
    return { ...plan, prediction: { ...plan.prediction, cleanUp } };
  } finally {
    await predictor.close();
  }
}
