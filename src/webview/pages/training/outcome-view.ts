import { html, nothing, type TemplateResult } from 'lit';
import type { TrainingOutcome } from '../../../core/protocol/training-page-contract.ts';
import { countedInGroups, diceText, differenceText, groups, timeText } from './training-words.ts';

type Version = Extract<TrainingOutcome, { kind: 'version' }>;

export function outcomeView(outcome: TrainingOutcome): TemplateResult {
  if (outcome.kind !== 'version') {
    return html`<div class="banner ${outcome.kind === 'failed' ? 'bad' : ''}" role=${outcome.kind === 'failed' ? 'alert' : 'status'}>
      <p>${outcome.sentence}</p>
    </div>`;
  }
  const { result, isActive } = outcome;
  // Green is for what was measured: a version that nothing judged may be of no use.
  const tone = !isActive ? 'warning' : result.holdoutDice === null ? '' : 'good';
  return html`
    <div class="banner ${tone}" role="status"><p>${result.verdict}</p></div>
    ${diceTable(outcome)} ${whatItLearnt(outcome)}
  `;
}

type NotJudged = Version['result']['perLabel'][number]['notJudged'];

const NOT_JUDGED: Readonly<Record<NonNullable<NotJudged>, string>> = {
  'not-learnt': 'not judged: never learned',
  'in-no-case': 'not judged: in no such case',
};

function diceTable({ result, previousVersion }: Version): TemplateResult {
  const { perLabel, holdoutDice, previousHoldoutDice, holdoutCases, version } = result;
  // The verdict says why no case judged.
  if (holdoutCases === 0) {
    return html`<p>How good it is on cases that it never saw was not measured${
      result.tuneDice === null ? '' : `; Dice ${diceText(result.tuneDice)} on the tune cases`
    }.</p>`;
  }
  const before = previousHoldoutDice === null ? null : previousVersion;
  const row = (name: string, now: number | null, then: number | null, why: NotJudged = null) => html`<tr>
    <th scope="row">${name}</th>
    <td>${why === null ? diceText(now) : NOT_JUDGED[why]}</td>
    ${before === null ? nothing : html`<td>${diceText(then)}</td><td class=${now !== null && then !== null && now < then ? 'worse' : nothing}>${differenceText(now, then)}</td>`}
  </tr>`;
  return html`
    <h2>Dice on ${countedInGroups(holdoutCases, 'case')} that it never saw</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col">Model ${version}</th>
          ${before === null ? nothing : html`<th scope="col">Model ${before}</th><th scope="col">Change</th>`}
        </tr>
      </thead>
      <tbody>
        ${perLabel.map(({ name, holdoutDice: now, previousHoldoutDice: then, notJudged }) => row(name, now, then, notJudged))}
        ${perLabel.length > 1 ? row('Mean', holdoutDice, previousHoldoutDice) : nothing}
      </tbody>
    </table>
  `;
}

/** The text is "70 slices", or "70 slices; 242 with those of the same cases in the other directions". */
function slicesText({ acceptedSlices, trainedSlices }: Version['result']): string {
  const more =
    trainedSlices > acceptedSlices
      ? `; ${groups(trainedSlices)} with those of the same cases in the other directions`
      : '';
  return `${countedInGroups(acceptedSlices, 'slice')}${more}`;
}

function whatItLearnt({ result, newCases, newSlices, previousVersion }: Version): TemplateResult {
  const { trainedCases, steps, epochs, seconds, engineName } = result;
  const news =
    newSlices === null || newCases === null
      ? ''
      : newSlices === 0
        ? ` Nothing was new since model ${previousVersion}.`
        : ` New since model ${previousVersion}: ${countedInGroups(newSlices, 'slice')}, in ${countedInGroups(newCases, 'new case')} and in known ones.`;
  return html`<p class="quiet">
    It learned from ${countedInGroups(trainedCases, 'case')} (${slicesText(result)}) in ${groups(steps)} steps
    (${countedInGroups(epochs, 'epoch')}) and ${timeText(seconds)} on ${engineName}.${news}
  </p>`;
}
