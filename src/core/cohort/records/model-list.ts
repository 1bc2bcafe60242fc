import * as v from 'valibot';
import { count } from '../../basic-schemas.ts';
import type { ModelCard } from './cohort-record.ts';
import type { ModelAbout } from './model-records.ts';

/** `refused` means that the gate kept it a candidate; `earlier` that it has been active, or could have been. */
export type VersionState = 'active' | 'refused' | 'earlier';

/** A version as views show it. */
export interface ListedVersion {
  readonly version: number;
  /** The title is "Model 3", with the name that a person gave it: "Model 3: after the second ward". */
  readonly title: string;
  readonly state: VersionState;
  /** The note, line by line. */
  readonly note: readonly string[];
  readonly card: ModelCard;
  /** The Dice on the holdout. It is null where nothing was held out. */
  readonly holdoutDice: number | null;
  readonly holdoutCases: number;
  /** The number of cases that trained or tuned. */
  readonly seenCases: number;
  /** The number of slices that trained. It is null where the card does not say. */
  readonly slices: number | null;
}

const trainingFacts = v.looseObject({ training: v.looseObject({ slices: count }) });

/**
 * Lists versions as views show them, newest first.
 * @param active null where no version is active
 */
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

/** Writes the text beside the title: "active, Dice 0.853 on 2 held-out cases, learned from 12". */
export function versionLine({ state, holdoutDice, holdoutCases, seenCases }: ListedVersion): string {
  return [
    ...(state === 'earlier' ? [] : [state === 'active' ? 'active' : 'refused']),
    holdoutDice === null
      ? 'not measured'
      : `Dice ${holdoutDice.toFixed(3)} on ${holdoutCases === 1 ? 'one held-out case' : `${holdoutCases} held-out cases`}`,
    `learned from ${seenCases}`,
  ].join(', ');
}
