import { totalmem } from 'node:os';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import type { DataSummary } from '../../../core/learn/planning/data-summary.ts';
import type { SteadyEngine } from '../../steady/steady-engine.ts';
import { channelNames } from '../../training/data/cohort-state.ts';
import { checkedLabels } from '../../training/data/fingerprint-cases.ts';
import { choosePlan } from '../../training/planning/choose-plan.ts';
import type { ReadCases } from './read-cases.ts';
import type { TrainingRun } from './training-run.ts';

export interface DecidedPlan {
  readonly plan: Plan;
  /** The plan in words. */
  readonly sentences: readonly string[];
  /** What planning saw in the data. */
  readonly summary: DataSummary;
  /** It is true when clean-up is learned on the tune cases; else it is the plan's. */
  readonly learnsCleanUp: boolean;
}

/** Plans the training from its cases, or takes the plan of the run that goes on, and tells it. */
export function decidePlan(run: TrainingRun, cases: ReadCases, engine: SteadyEngine, threads: number): DecidedPlan {
  const { context, listing, interrupted, settings, decided, clock } = run;
  const { train } = cases.data.sets;
  const fingerprints = cases.fingerprinted.map(({ fingerprint }) => fingerprint);
  const { plan, sentences, summary, ...chosen } = choosePlan(
    {
      preset: settings.preset,
      labels: checkedLabels(cases.loader, fingerprints.slice(0, train.length)),
      channelNames: channelNames(listing, train[0]),
      cases: fingerprints,
      cores: threads,
      onGpu: engine.onGpu,
      memoryBytes: totalmem(),
      deviceBytes: engine.memoryBytes,
    },
    decided,
    interrupted?.record.plan,
  );
  for (const sentence of sentences) context.log('info', sentence);
  clock.planned({ sentences, labels: plan.labels.slice(1) });
  return { plan, sentences, summary, learnsCleanUp: interrupted?.record.learnsCleanUp ?? chosen.learnsCleanUp };
}
