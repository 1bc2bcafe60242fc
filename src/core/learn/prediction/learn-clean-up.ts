import type { VoxelGrid } from '../../geometry/grid.ts';
import { quantile } from '../../metrics/quantile.ts';
import type { CleanUp } from '../plan/plan.ts';
import { IGNORED } from '../planes/plane-transform.ts';
import { classComponents, componentsKept, voxelVolumeMm3 } from './clean-up.ts';

/** One case of the tune set, as a model without clean-up predicts it. */
export interface CleanUpCase {
  /** The predicted index into the plan's labels by voxel of the image. */
  readonly classes: Uint8Array | Uint16Array;
  /**
   * The true index by voxel. It is `IGNORED` where nobody knows: such voxels count neither for nor against a component.
   */
  readonly truth: Int16Array;
  readonly grid: Pick<VoxelGrid, 'shape' | 'spacingMm'>;
}

/** A rule must gain this much mean Dice over the cases: less is chance. */
const LEAST_GAIN = 0.001;
/** Rules learned from fewer cases with the label say more about these cases than about others. */
const FEWEST_CASES = 3;
/** Thresholds are tried at these quantiles of the volumes of components that are wholly wrong. */
const QUANTILES = [0.25, 0.5, 0.75, 0.9, 1];
/** Thresholds lie this much above the components that they should remove. */
const THRESHOLD_MARGIN = 1.05;

/** What any rule does to one label of one case follows from these. */
interface LabelTally {
  readonly voxelMm3: number;
  /** The number of voxels of the label in the truth. */
  readonly truth: number;
  readonly components: readonly ComponentTally[];
}

interface ComponentTally {
  /** The number of all its voxels: sizes are judged as they will be at prediction. */
  readonly voxels: number;
  /** The number of voxels whose truth is known. */
  readonly known: number;
  /** The number of voxels that are right. */
  readonly right: number;
}

/**
 * Learns for each label what clean-up helps on the tune cases, after nnU-Net (Isensee et al. 2021), which keeps the
 * largest component where that raises the mean Dice. Here components below a volume may be removed as well; the volumes
 * tried are a few quantiles of the volumes of components that touch no true voxel.
 *
 * A rule is chosen if it raises the mean Dice over the cases by more than 0.001, helps more cases than it hurts, and at
 * least 3 cases show the label; of several the one of highest mean, of equals the one that removes least. A case where
 * the label is neither true nor predicted does not count; one where all that was predicted wrongly has been removed
 * counts as Dice 1, else removing it would look like losing the case.
 *
 * @param cases one at a time: of each only a few numbers per component are kept
 * @param labels number of labels, background left out
 * @returns by label, background left out
 */
export async function learnCleanUp(cases: AsyncIterable<CleanUpCase>, labels: number): Promise<CleanUp[]> {
  const tallies: LabelTally[][] = Array.from({ length: labels }, () => []);
  for await (const tuneCase of cases) {
    for (let index = 0; index < labels; index++) tallies[index].push(tally(tuneCase, index + 1));
  }
  return tallies.map(bestRule);
}

function tally({ classes, truth, grid }: CleanUpCase, label: number): LabelTally {
  const { components, runStarts, runLengths, runIds } = classComponents(classes, label, grid);
  const counts = components.map(({ voxels }) => ({ voxels, known: 0, right: 0 }));
  for (let run = 0; run < runStarts.length; run++) {
    const count = counts[runIds[run] - 1];
    for (let voxel = runStarts[run]; voxel < runStarts[run] + runLengths[run]; voxel++) {
      if (truth[voxel] !== IGNORED) count.known++;
      if (truth[voxel] === label) count.right++;
    }
  }
  return {
    voxelMm3: voxelVolumeMm3(grid),
    truth: truth.reduce((sum, value) => sum + (value === label ? 1 : 0), 0),
    components: counts,
  };
}

function bestRule(cases: readonly LabelTally[]): CleanUp {
  const none = { kind: 'none' } as const;
  const judged = cases.filter(({ truth, components }) => truth > 0 || components.some(({ known }) => known > 0));
  if (judged.filter(({ truth }) => truth > 0).length < FEWEST_CASES) return none;
  const without = judged.map((each) => diceAfter(each, none));
  let best: CleanUp = none;
  let bestGain = LEAST_GAIN;
  for (const rule of candidates(judged)) {
    const gains = judged.map((each, index) => diceAfter(each, rule) - without[index]);
    const helped = gains.filter((gain) => gain > 0).length;
    const hurt = gains.filter((gain) => gain < 0).length;
    const gain = gains.reduce((sum, value) => sum + value, 0) / gains.length;
    if (gain > bestGain && helped > hurt) {
      best = rule;
      bestGain = gain;
    }
  }
  return best;
}

/** Lists rules from the one that removes least to the one that removes most. */
function candidates(cases: readonly LabelTally[]): CleanUp[] {
  const wrong = cases
    .flatMap(({ components, voxelMm3 }) =>
      components.filter(({ known, right }) => known > 0 && right === 0).map(({ voxels }) => voxels * voxelMm3),
    )
    .sort((a, b) => a - b);
  const volumes = wrong.length === 0 ? [] : QUANTILES.map((share) => quantile(wrong, share) * THRESHOLD_MARGIN);
  const rounded = new Set(volumes.map((volume) => Number(volume.toPrecision(3))));
  return [
    ...[...rounded].map((volumeMm3): CleanUp => ({ kind: 'remove-smaller', volumeMm3 })),
    { kind: 'largest-component' },
  ];
}

function diceAfter({ truth, components, voxelMm3 }: LabelTally, rule: CleanUp): number {
  const kept = componentsKept(components, rule, voxelMm3);
  let [known, right] = [0, 0];
  for (const [index, component] of components.entries()) {
    if (!kept[index]) continue;
    known += component.known;
    right += component.right;
  }
  return known + truth === 0 ? 1 : (2 * right) / (known + truth);
}
