import { html, type TemplateResult } from 'lit';
import type { EffortState, ShownEffort } from '../../../core/protocol/effort-contract.ts';
import type { effortGroups } from './effort-charts.ts';
import {
  countedInWords,
  durationWords,
  numberText,
  percent,
  shareText,
  spreadText,
  threeDigits,
  UNKNOWN,
  versionName,
} from './effort-words.ts';

const NEVER_SHOWN_WHY =
  'Slices that were accepted together with others and that nobody had looked at. They count in no other figure here.';

/**
 * Everything that the charts show, and what they leave out.
 * @param first the heading of the column that says what a row stands for
 */
export function figuresTable(heading: string, first: string, groups: ReturnType<typeof effortGroups>): TemplateResult {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Figures ${heading.toLowerCase()}">
      <table>
        <caption>
          ${heading}. Spread: median (quartiles).
        </caption>
        <thead>
          <tr>
            <th scope="col" class="words">${first}</th>
            <th scope="col">Cases</th>
            <th scope="col">Slices with foreground</th>
            <th scope="col">Accepted unchanged</th>
            <th scope="col">Dice of proposal</th>
            <th scope="col">Voxels per slice</th>
            <th scope="col">Time per slice</th>
            <th scope="col">Finished cases</th>
            <th scope="col">Voxels per case</th>
            <th scope="col">Time per case</th>
            <th scope="col">Empty slices</th>
            <th scope="col" title=${NEVER_SHOWN_WHY}>Unseen</th>
            <th scope="col">Not compared</th>
          </tr>
        </thead>
        <tbody>
          ${groups.map(
            ({ name, figures }) => html`
              <tr>
                <th scope="row">${name}</th>
                <td>${numberText(figures.cases)}</td>
                <td>${numberText(figures.foregroundSlices)}</td>
                <td>${shareText(figures.unchanged)}</td>
                <td>${spreadText(figures.dice, threeDigits)}</td>
                <td>${spreadText(figures.voxelsPerSlice, numberText)}</td>
                <td>${spreadText(figures.secondsPerSlice, durationWords)}</td>
                <td>${numberText(figures.voxelsPerCase?.n ?? 0)}</td>
                <td>${spreadText(figures.voxelsPerCase, numberText)}</td>
                <td>${spreadText(figures.secondsPerCase, durationWords)}</td>
                <td>${numberText(figures.emptySlices)}</td>
                <td>${numberText(figures.neverShownSlices)}</td>
                <td>${numberText(figures.unknownSlices)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

export function peopleTable(people: ShownEffort['people']): TemplateResult {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Figures by person">
      <table>
        <caption>
          By who accepted the slice
        </caption>
        <thead>
          <tr>
            <th scope="col" class="words">Person</th>
            <th scope="col">Cases</th>
            <th scope="col">Slices accepted</th>
            <th scope="col" title=${NEVER_SHOWN_WHY}>Unseen</th>
            <th scope="col">With foreground</th>
            <th scope="col">Of these unchanged</th>
            <th scope="col">Voxels changed</th>
            <th scope="col">Active time</th>
          </tr>
        </thead>
        <tbody>
          ${people.map(
            (person) => html`
              <tr>
                <th scope="row">${person.who ?? 'nobody named'}</th>
                <td>${numberText(person.cases)}</td>
                <td>${numberText(person.slices)}</td>
                <td>${numberText(person.neverShownSlices)}</td>
                <td>${numberText(person.foregroundSlices)}</td>
                <td>${numberText(person.unchangedSlices)}</td>
                <td>${numberText(person.voxels)}</td>
                <td>${timeText(person.seconds)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** @param cases only those that are to be shown */
export function casesTable(
  cases: ShownEffort['cases'],
  labels: EffortState['labels'],
  open: (id: string) => void,
): TemplateResult {
  const nameOf = (value: number) => labels.find((label) => label.value === value)?.name ?? `label ${value}`;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Figures by case">
      <table>
        <caption>
          By case, the one that was worked on last first
        </caption>
        <thead>
          <tr>
            <th scope="col" class="words">Case</th>
            <th scope="col" class="words">Started from</th>
            <th scope="col">Accepted</th>
            <th scope="col" title=${NEVER_SHOWN_WHY}>Unseen</th>
            <th scope="col">Unchanged</th>
            <th scope="col">Dice of proposal</th>
            <th scope="col" class="words">By label</th>
            <th scope="col">Voxels changed</th>
            <th scope="col">Active time</th>
            <th scope="col">Last accepted</th>
          </tr>
        </thead>
        <tbody>
          ${cases.map(
            (each) => html`
              <tr>
                <th scope="row">
                  <button class="link" type="button" title="Open ${each.id}" @click=${() => open(each.id)}>
                    ${each.id}
                  </button>
                </th>
                <td class="words">${versionName(each.version)}</td>
                <td>${each.finished ? `all ${each.slices}` : `${each.acceptedSlices} of ${each.slices}`}</td>
                <td>${numberText(each.neverShownSlices)}</td>
                <td>${unchangedText(each)}</td>
                <td>${each.dice === null ? UNKNOWN : threeDigits(each.dice)}</td>
                <td class="words">
                  ${each.labelDice.map(({ value, dice: label }) => `${nameOf(value)} ${threeDigits(label)}`).join(', ') || UNKNOWN}
                </td>
                <td>${each.voxels === null ? UNKNOWN : numberText(each.voxels)}</td>
                <td>${timeText(each.seconds)}</td>
                <td>${new Date(each.lastAccepted).toLocaleDateString('en-GB', { dateStyle: 'medium' })}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function unchangedText({ unchangedSlices, foregroundSlices }: ShownEffort['cases'][number]): string {
  if (foregroundSlices === 0) return UNKNOWN;
  return `${percent(unchangedSlices / foregroundSlices)} of ${countedInWords(foregroundSlices, 'slice')}`;
}

function timeText(seconds: number): string {
  return seconds > 0 ? durationWords(seconds) : UNKNOWN;
}
