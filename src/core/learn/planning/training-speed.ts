import type { ModelCard } from '../../cohort/records/cohort-record.ts';
import type { Plan } from '../plan/plan.ts';

/** How fast training is known to be. */
export interface KnownSpeed {
  /** Of a whole run, preparing and judging included. */
  readonly stepsPerMinute: number;
  /** The version that went so fast. */
  readonly version: number;
}

/**
 * The speed of the newest version that was trained with the same network on the same machine; null where there is none. Its
 * whole time counts, so that what is promised for so many minutes is what came of as many.
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

/** What a step costs depends on: network, pixels, slices. */
function work({ network, plane, batch }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([network, plane, (batch as Partial<Plan['batch']> | undefined)?.size]);
}
