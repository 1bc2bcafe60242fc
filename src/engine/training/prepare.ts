import { freemem } from 'node:os';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import type { CaseFingerprint } from '../../core/learn/fingerprint.ts';
import type { Plan } from '../../core/learn/plan.ts';
import { StoredPlanes } from '../../core/learn/plane-source.ts';
import { slicingAxis } from '../../core/learn/slice-frame.ts';
import { SeededRandom } from '../../core/random.ts';
import { type CaseLoader, caseTruth } from './case-loader.ts';
import type { TrainableCase } from './find-cases.ts';

/** Prepared slices take at most this much memory, and at most a third of what is free. */
const MEMORY_LIMIT_BYTES = 4 * 2 ** 30;

/**
 * The share of slices that fit into memory as prepared planes; 1: all. A plane is 16-bit per channel, its target 16-bit;
 * a slice drawn alone brings its neighbours along.
 */
export function shareThatFits(plan: Plan, cases: readonly CaseFingerprint[], limitBytes = memoryLimit()): number {
  const pixels = plan.plane.rows * plan.plane.columns;
  const slices = cases.reduce((sum, { sliced }) => sum + sliced[plan.slicing].trainingSlices, 0);
  const all = slices * pixels * 2 * (plan.channels.length + 1);
  if (all <= limitBytes) return 1;
  const alone = slices * pixels * 2 * (plan.channels.length * (2 * plan.neighbours + 1) + 1);
  return limitBytes / alone;
}

function memoryLimit(): number {
  return Math.min(MEMORY_LIMIT_BYTES, freemem() / 3);
}

/** The planes of `cases`, with `share` of their slices (drawn by `seed`, at least one of each case). */
export async function preparePlanes(
  cases: readonly TrainableCase[],
  plan: Plan,
  loader: CaseLoader,
  options: {
    readonly share: number;
    readonly seed: number;
    readonly signal: CancelSignal;
    readonly onCase: () => void;
  },
): Promise<StoredPlanes[]> {
  const random = new SeededRandom(options.seed);
  const prepared: StoredPlanes[] = [];
  for (const found of cases) {
    throwIfCancelled(options.signal);
    const loaded = await loader.load(found, options.signal);
    const truth = caseTruth(found, loaded, plan.labels);
    const wanted =
      options.share < 1
        ? drawSlices(loaded.image.grid.shape[slicingAxis(loaded.image.grid, plan.slicing)], options.share, random)
        : undefined;
    prepared.push(new StoredPlanes(found.files.id, loaded.image, truth, plan, wanted));
    loader.release(found.files.id);
    options.onCase();
  }
  return prepared;
}

function drawSlices(slices: number, share: number, random: SeededRandom): Set<number> {
  const candidates = Array.from({ length: slices }, (_, slice) => slice);
  return new Set(random.shuffle(candidates).slice(0, Math.max(1, Math.floor(slices * share))));
}
