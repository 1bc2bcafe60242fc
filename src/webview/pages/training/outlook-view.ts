import { html, nothing, type TemplateResult } from 'lit';
import type { InterruptedTraining } from '../../../core/protocol/engine/interrupted-training.ts';
import type { PlannedSet, TrainingOutlook } from '../../../core/protocol/engine/plan-training.ts';
import { about, countedInGroups, groups, timeText } from './training-words.ts';

const ROLES = {
  train: 'Learned from',
  tune: 'Chooses the best weights',
  holdout: 'Judges, never learned from',
} as const;

/** Shows what training would learn from, and the plan. */
export function outlookView(outlook: TrainingOutlook): TemplateResult {
  return html`
    <h2>What it learns from</h2>
    ${setsTable(outlook)}
    ${newsSentence(outlook)}
    ${list('Left out', outlook.leftOut)}
    ${planView(outlook.sentences)}
    ${
      outlook.plannedFromCases > 0 && outlook.plannedFromCases < outlook.sets.train.cases + outlook.sets.tune.cases
        ? html`<p class="quiet">Planned from ${countedInGroups(outlook.plannedFromCases, 'case')}. Training looks at all of them first, so details may change.</p>`
        : nothing
    }
  `;
}

/** Shows the plan in words. */
export function planView(sentences: readonly string[]): TemplateResult | typeof nothing {
  if (sentences.length === 0) return nothing;
  return html`<h2>The plan</h2>
    <ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

/** Says how long training takes, and how far it gets in that time. */
export function estimateSentence({ speed, batchSize, directions, sets }: TrainingOutlook, minutes: number): string {
  const begin = `It takes ${timeText(60 * minutes)}, reading and judging included`;
  if (!speed) {
    return `${begin}. How many steps that is, is known after the first minute: nothing like it was trained on this machine yet.`;
  }
  const steps = speed.stepsPerMinute * minutes;
  const times =
    batchSize !== null && sets.train.slices > 0 ? (steps * batchSize) / (sets.train.slices * directions) : null;
  const seen =
    times === null
      ? ''
      : times < 1.5
        ? ', so that each slice is seen about once'
        : `, so that each slice is seen about ${about(times)} times`;
  return `${begin}: about ${about(steps)} steps at the speed of model ${speed.version}${seen}.`;
}

/** Says what to do where nothing can be trained. */
export function obstacleView({ obstacle, leftOut }: TrainingOutlook): TemplateResult {
  return html`
    <div class="banner warning" role="status"><p>${obstacle}</p></div>
    <h2>What to do</h2>
    <ol>
      <li>Open an image from the explorer and draw its labels with the brush (<span class="kbd">B</span>).</li>
      <li>Accept each slice that is right (<span class="kbd">A</span>), empty ones too, or all at once (<span class="kbd">Shift+A</span>).</li>
      <li>Save. Only slices that are accepted and saved are learned from.</li>
      <li>With three complete cases, one is held out and judges the model.</li>
    </ol>
    ${list('In this cohort', leftOut)}
  `;
}

/** Describes an interrupted training in a sentence. */
export function interruptedSentence(interrupted: InterruptedTraining): string {
  const { fraction, minutes, seconds, keptAs, obstacle, replaceable, lostSeconds } = interrupted;
  const left = minutes === null ? '' : `, about ${timeText(Math.max(0, 60 * minutes - seconds))} to go`;
  const percent = Math.round(100 * fraction);
  const what =
    keptAs === null
      ? `A training${replaceable ? ` on ${replaceable.name}` : ''} was interrupted when it was ${percent} % done${left}.${lostSentence(lostSeconds)}`
      : `The training that was stopped and kept as model ${keptAs} is ${percent} % done${left}.`;
  return obstacle === null ? what : `${what} It cannot be resumed: ${obstacle}`;
}

/** Describes in a sentence a training of which nothing is left. */
export function unkeptSentence({ startedAt, lostSeconds }: NonNullable<InterruptedTraining['unkept']>): string {
  const when = new Date(startedAt).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return lostSeconds === 0
    ? `The training that was started at ${when} was cut off while it read the cohort: nothing was learned yet, so nothing but that time is lost.`
    : `The training that was started at ${when} was cut off before anything of it could be kept: ${timeText(lostSeconds)} of training are lost.`;
}

function lostSentence(lostSeconds: number | null): string {
  if (lostSeconds === null) return '';
  return lostSeconds < 0.5
    ? ' Nothing of it is lost.'
    : ` Its last ${timeText(Math.ceil(lostSeconds))} of training are lost, the rest is kept.`;
}

export function list(title: string, sentences: readonly string[]): TemplateResult | typeof nothing {
  if (sentences.length === 0) return nothing;
  const items = html`<ul>${sentences.slice(0, 50).map((sentence) => html`<li>${sentence}</li>`)}
    ${sentences.length > 50 ? html`<li>and ${sentences.length - 50} more, in the log</li>` : nothing}</ul>`;
  return sentences.length <= 4
    ? html`<h2>${title}</h2>${items}`
    : html`<details><summary>${title} (${sentences.length})</summary>${items}</details>`;
}

function setsTable({ sets, since }: TrainingOutlook): TemplateResult {
  const row = (role: keyof typeof ROLES, { cases, slices, newCases, newSlices }: PlannedSet) => html`<tr>
    <th scope="row">${ROLES[role]}</th>
    <td>${groups(cases)}</td>
    <td>${groups(slices)}</td>
    ${since === null ? nothing : html`<td>${role === 'holdout' ? '' : groups(newCases)}</td><td>${role === 'holdout' ? '' : groups(newSlices)}</td>`}
  </tr>`;
  return html`<table>
    <thead>
      <tr>
        <th scope="col"><span class="visually-hidden">Role</span></th>
        <th scope="col">Cases</th>
        <th scope="col">Slices</th>
        ${since === null ? nothing : html`<th scope="col">New cases</th><th scope="col">New slices</th>`}
      </tr>
    </thead>
    <tbody>${row('train', sets.train)}${row('tune', sets.tune)}${row('holdout', sets.holdout)}</tbody>
  </table>`;
}

function newsSentence({ sets: { train, tune, holdout }, since }: TrainingOutlook): TemplateResult {
  const fresh = train.newSlices + tune.newSlices;
  return html`
    ${
      since === null
        ? html`<p class="quiet">There is no model yet: this makes the first version.</p>`
        : html`<p class="quiet">${fresh === 0 ? `Nothing is new since model ${since}.` : `New: what model ${since}, the active one, has not learned from.`}</p>`
    }
    ${holdout.cases === 0 ? html`<p class="quiet">No case judges yet, so the new version cannot be judged on cases that it never saw. That takes complete cases that were labelled without proposals, three at least.</p>` : nothing}
  `;
}
