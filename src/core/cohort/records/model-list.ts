import * as v from 'valibot';
import { count } from '../../basic-schemas.ts';
import type { ModelCard } from './cohort-record.ts';
import type { ModelAbout } from './model-records.ts';

/** `refused`: the gate kept it a candidate. `earlier`: it took its turn, or could. */
export type VersionState = 'active' | 'refused' | 'earlier';

/** A version as views show it. */
export interface ListedVersion {
  readonly version: number;
  /** "Model 3", with the name that a person gave it: "Model 3: after the second ward". */
  readonly title: string;
  readonly state: VersionState;
  /** Line by line. */
  readonly note: readonly string[];
  readonly card: ModelCard;
  /** On the holdout; null where nothing was held out. */
  readonly holdoutDice: number | null;
  readonly holdoutCases: number;
  /** That trained or tuned. */
  readonly seenCases: number;
  /** That trained; null in cards that do not say. */
  readonly slices: number | null;
}

const trainingFacts = v.looseObject({ training: v.looseObject({ slices: count }) });

/** Versions as views show them, newest first. @param active null: none is */
export function listVersions(
  versions: readonly { readonly card: ModelCard; readonly about: Pick<ModelAbout, 'name' | 'note'> }[],
  active: number | null,
): ListedVersion[] {
  return versions
    .map(({ card, about }): ListedVersion => {
      const facts = v.safeParse(trainingFacts, card);
      return {
        version: card.version,
        title: about.name === '' ? `Model ${card.version}` : `Model ${card.version}: ${about.name}`,
        state: card.version === active ? 'active' : card.promotion.promoted ? 'earlier' : 'refused',
        note: about.note,
        card,
        holdoutDice: card.metrics.holdout?.meanDice ?? null,
        holdoutCases: card.metrics.holdout?.cases.length ?? 0,
        seenCases: card.data.train.length + card.data.tune.length,
        slices: facts.success ? facts.output.training.slices : null,
      };
    })
    .sort((a, b) => b.version - a.version);
}

/** "active, Dice 0.853 on 2 held-out cases, learned from 12": what stands beside the title. */
export function versionLine({ state, holdoutDice, holdoutCases, seenCases }: ListedVersion): string {
  return [
    ...(state === 'earlier' ? [] : [state === 'active' ? 'active' : 'refused']),
    holdoutDice === null
      ? 'not measured'
      : `Dice ${holdoutDice.toFixed(3)} on ${holdoutCases === 1 ? 'one held-out case' : `${holdoutCases} held-out cases`}`,
    `learned from ${seenCases}`,
  ].join(', ');
}
