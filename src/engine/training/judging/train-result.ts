import { longerSentence, longerTraining } from '../../../core/learn/training/still-learning.ts';
import type { TrainResult } from '../../../core/protocol/engine/train.ts';
import { finiteOrNull, type Promotion } from './decide-promotion.ts';
import type { FinishedTraining } from './finished-training.ts';
import type { JudgedVersion } from './judge-version.ts';

/**
 * The answer to whoever asked for the training.
 * @param modelDir the version's folder
 * @param notes what did not go as it should, in sentences
 */
export function resultOfTraining(
  run: FinishedTraining,
  judged: JudgedVersion,
  promotion: Promotion,
  notes: readonly string[],
  modelDir: string,
  reportPath: string | null,
): TrainResult {
  const { trained, settings } = run;
  const { version, holdout } = judged;
  const { gate, holdoutDice, previousDice, tuneDice } = promotion;
  const seconds = run.seconds();
  const longer = settings.fold ? null : longerTraining(trained, holdoutDice ?? tuneDice, seconds);
  const stopped = trained.ended === 'stopped';
  const outcome = `Model ${version} ${gate.activate ? 'is active now' : 'was not made active'}.`;
  return {
    version,
    modelDir,
    reportPath,
    activated: gate.activate,
    holdoutDice,
    previousHoldoutDice: previousDice,
    holdoutCases: holdout?.cases.length ?? 0,
    tuneDice: trained.best.tuneDice,
    perLabel: perLabel(judged, promotion),
    trainedCases: run.sets.train.length,
    acceptedSlices: run.acceptedSlices,
    trainedSlices: run.trainedSlices,
    epochs: trained.epochs,
    steps: trained.steps,
    seconds,
    stopped,
    engineName: run.engineName,
    notes: [...notes],
    leftOut: [...run.leftOut],
    verdict: `${stopped ? 'Stopped early, with the best weights until then. ' : ''}${outcome} ${gate.reason}${longerSentence(longer)}`,
    longer,
  };
}

/** Lists Dice by label. Both versions are measured label by label of the new one. */
function perLabel({ plan, holdout, previous }: JudgedVersion, { notJudged }: Promotion): TrainResult['perLabel'] {
  const { notLearnt, inNoCase } = notJudged;
  return plan.labels.slice(1).map(({ value, name }, index) => ({
    value,
    name,
    holdoutDice: finiteOrNull(holdout?.labels[index].meanDice),
    previousHoldoutDice: finiteOrNull(previous?.labels[index].meanDice),
    notJudged: notLearnt.includes(name) ? 'not-learnt' : inNoCase.includes(name) ? 'in-no-case' : null,
  }));
}
