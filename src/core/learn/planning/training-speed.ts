import type { ModelCard } from '../../cohort/records/cohort-record.ts';
import type { Plan } from '../plan/plan.ts';

/** How fast training is known to be. */
export interface KnownSpeed {
  /** The speed of a whole run, preparing and judging included. */
  readonly stepsPerMinute: number;
  /** The version that went so fast. */
  readonly version: number;
}

/**
 * Returns the speed of the newest version that was trained with the same network on the same machine. It is null where
 * there is none. The run's whole time counts, so that a promise for so many minutes rests on a run of as many.
 *
 * @param cards of versions, in any order
 */
export function knownSpeed(
  cards: readonly ModelCard[],
  wanted: { readonly plan: Plan; readonly engine: string; readonly machine: string },
): KnownSpeed | null {
  const newestFirst = [...cards].sort((a, b) => b.version - a.version);
  for (const { version, plan, engine, seconds, training } of newestFirst) {
    if (!training || training.machine !== wanted.machine || engine !== wanted.engine) continue;
    if (training.steps === 0 || seconds === 0 || work(plan) !== work(wanted.plan)) continue;
    return { stepsPerMinute: (60 * training.steps) / seconds, version };
  }
  return null;
}

/** The cost of a step depends on network, pixels and slices. */
function work({ network, plane, batch }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([network, plane, (batch as Partial<Plan['batch']> | undefined)?.size]);
}
