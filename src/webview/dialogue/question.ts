import { type AcceptanceFigures, doubtWords } from '../../core/case/document/acceptance-doubts.ts';

/** The user must answer this before the editor goes on. */
export interface Question {
  readonly title: string;
  readonly lines: readonly string[];
  /** The user can also cancel, which is the default unless a choice is. */
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly id: string;
  readonly text: string;
  /** Enter takes this choice, so it must do no harm. */
  readonly isDefault?: boolean;
}

export const HELD_OUT = 'This case is held out: accepted slices judge models and never train.';

/** Asks whether slices that nobody has looked at, or that were rejected, are meant too. */
export function acceptanceQuestion(figures: AcceptanceFigures, heldOut: boolean): Question {
  const { slices, notShown, rejected, doubtful } = figures;
  const others = slices - doubtful;
  const one = slices === 1;
  return {
    title:
      notShown > 0
        ? `Accept ${doubtful === 1 ? 'a slice' : 'slices'} that nobody has looked at?`
        : `Accept ${rejected === 1 ? 'a slice whose proposal was' : 'slices whose proposals were'} rejected?`,
    lines: [
      `${sentence(doubtWords(figures))}.`,
      ...(rejected > 0 ? ['What was rejected does not come back: these slices are accepted as they stand.'] : []),
      heldOut ? HELD_OUT : 'Models learn from every accepted slice, also from an empty one.',
    ],
    choices: [
      ...(others > 0
        ? [
            {
              id: 'leave',
              text: rejected > 0 ? `Accept the Other ${number(others)}` : `Accept the ${number(others)} Looked At`,
              isDefault: true,
            },
          ]
        : []),
      { id: 'accept', text: one ? 'Accept It' : `Accept All ${slices}` },
    ],
  };
}

/** Asks whether slices of an image of which nothing can be learned shall be accepted all the same. */
export function unusableQuestion(why: string): Question {
  return {
    title: 'Accept slices of an image that has nothing in it?',
    lines: [why, 'Accepted slices count as finished work, and this image trains no model.'],
    choices: [{ id: 'accept', text: 'Accept Anyway' }],
  };
}

function number(count: number): string {
  return count === 1 ? 'One' : String(count);
}

function sentence(words: readonly string[]): string {
  const text = words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}
