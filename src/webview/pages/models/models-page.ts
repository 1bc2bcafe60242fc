import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { SetScores } from '../../../core/cohort/records/cohort-record.ts';
import { describeDifference } from '../../../core/learn/training/gate.ts';
import { isNotWorse, NOT_WORSE_RULE, summariseDifferences } from '../../../core/learn/training/not-worse.ts';
import { type PairedCase, pairDice } from '../../../core/metrics/paired-dice.ts';
import { Endpoint, type MessageChannelPort } from '../../../core/protocol/endpoint.ts';
import type { CompareResult } from '../../../core/protocol/engine/compare-models.ts';
import {
  type ComparedModel,
  type ComparisonState,
  type ModelsHostContract,
  type ModelsPageContract,
  modelsHostContract,
  modelsPageContract,
} from '../../../core/protocol/models-contract.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import type { Page } from '../page.ts';
import { pageStyles } from '../page-styles.ts';
import { differenceAxis, differenceDot, differenceScale } from './difference-plot.ts';
import { modelsPageStyles } from './models-page-styles.ts';

/**
 * Shows two model versions side by side: what the gate says, where the one got worse, and what each has learned from.
 */
@customElement('voxel-loop-models-page')
export class ModelsPage extends LitElement implements Page {
  static override styles = [controlStyles, pageStyles, modelsPageStyles];

  @state() accessor shown: ComparisonState | null | undefined;
  #endpoint: Endpoint<ModelsPageContract, ModelsHostContract> | undefined;

  set port(port: MessageChannelPort | undefined) {
    this.#endpoint?.close();
    this.#endpoint =
      port &&
      new Endpoint(
        port,
        modelsPageContract,
        {
          'on:changed': (shown: ComparisonState) => {
            this.shown = shown;
          },
        },
        modelsHostContract,
        (error) => console.error(error),
      );
    this.#endpoint?.request('state', {}).then(
      (shown) => {
        // A state that was told meanwhile is newer.
        this.shown ??= shown;
      },
      (error: unknown) => console.error(error),
    );
  }

  protected override render(): TemplateResult | typeof nothing {
    const { shown } = this;
    if (shown === undefined) return nothing;
    if (shown === null) {
      return html`<h1>Compare models</h1>
        <p class="quiet">Nothing is compared. Choose Compare With... on a version in the Models view.</p>`;
    }
    const { model, other, run } = shown;
    return html`
      <h1>${model.title} compared with ${other.title}</h1>
      ${this.#choice(shown)}
      ${run.kind === 'running' ? this.#progress(run) : nothing}
      ${run.kind === 'failed' ? this.#stopped(run.message, shown) : nothing}
      ${run.kind === 'cancelled' ? this.#stopped('The comparison was cancelled.', shown) : nothing}
      ${run.kind === 'done' ? this.#results(run.result, shown) : nothing}
      ${seenSection(model, other)}
    `;
  }

  #choice({ model, other, choices }: ComparisonState): TemplateResult {
    const select = (label: string, selected: number, taken: number, chosen: (version: number) => void) => html`
      <select
        aria-label=${label}
        @change=${(event: Event) => chosen(Number((event.target as HTMLSelectElement).value))}
      >
        ${choices
          .filter(({ version }) => version !== taken)
          .map(
            ({ version, title }) => html`<option value=${version} ?selected=${version === selected}>${title}</option>`,
          )}
      </select>
    `;
    return html`
      <div class="choice">
        ${select('Version', model.version, other.version, (version) => this.#compare(version, other.version))}
        <span>compared with</span>
        ${select('The other version', other.version, model.version, (version) => this.#compare(model.version, version))}
        <vscode-button secondary @click=${() => this.#compare(other.version, model.version)}>Swap</vscode-button>
      </div>
    `;
  }

  #progress({ fraction, done, cases }: Extract<ComparisonState['run'], { kind: 'running' }>): TemplateResult {
    return html`
      <div class="progress" role="status">
        <p>
          ${cases === 0 ? 'Looking for the cases that are held out' : `Predicting with both: ${done} of ${cases} held-out cases`}
        </p>
        <progress max="1" .value=${fraction} aria-label="Comparing"></progress>
        <div class="actions">
          <vscode-button secondary @click=${() => this.#endpoint?.emit('cancel', {})}>Cancel</vscode-button>
        </div>
      </div>
    `;
  }

  #stopped(message: string, { model, other }: ComparisonState): TemplateResult {
    return html`
      <div class="verdict bad" role="alert">
        <p>${message}</p>
        <div class="actions">
          <vscode-button @click=${() => this.#compare(model.version, other.version)}>Compare Again</vscode-button>
        </div>
      </div>
    `;
  }

  #results(result: CompareResult, shown: ComparisonState): TemplateResult {
    const [ours, others] = result.scores;
    const pairs = pairDice(ours.cases, others.cases).sort((a, b) => a.difference - b.difference);
    return html`
      ${this.#verdict(pairs, result, shown)} ${pictures(pairs, result, shown)} ${labelTable(ours, others, shown)}
      ${caseTable(pairs, ours, shown)}
    `;
  }

  #verdict(pairs: readonly PairedCase[], result: CompareResult, { model, other }: ComparisonState): TemplateResult {
    const summary = pairs.length === 0 ? null : summariseDifferences(pairs.map(({ difference }) => difference));
    const isGood = summary !== null && isNotWorse(summary.verdict);
    const losses = pairs.filter(({ difference }) => difference < 0).length;
    const button = (each: ComparedModel) =>
      each.state === 'active'
        ? nothing
        : html`<vscode-button
            ?secondary=${each !== model || !isGood}
            @click=${() => this.#endpoint?.emit('activate', { version: each.version })}
            >Activate Model ${each.version}</vscode-button
          >`;
    const report = (each: ComparedModel) =>
      html`<vscode-button secondary @click=${() => this.#endpoint?.emit('showReport', { version: each.version })}
        >Report of Model ${each.version}</vscode-button
      >`;
    return html`
      <div class="verdict ${isGood ? 'good' : 'bad'}">
        ${
          summary === null
            ? html`<p><strong>The held-out cases show no label that either model has found.</strong></p>`
            : html`<p><strong>${describeDifference(summary)}.</strong></p>
                <p>
                  Measured on ${plural(summary.cases, 'held-out case')} that neither has learned from:
                  ${plural(losses, 'case')} worse, ${pairs.length - losses} not. The gate lets a version pass if a loss
                  of ${NOT_WORSE_RULE.marginDice} Dice or more is unlikely.
                </p>`
        }
        <p class="quiet">When model ${model.version} was made: ${model.gateReason}</p>
        ${
          result.unreadable.length > 0
            ? html`<p>Could not be read and left out: ${result.unreadable.join(', ')}.</p>`
            : nothing
        }
        <div class="actions">${button(model)} ${button(other)} ${report(model)} ${report(other)}</div>
      </div>
    `;
  }

  #compare(version: number, other: number): void {
    this.#endpoint?.emit('compare', { version, other });
  }
}

function pictures(pairs: readonly PairedCase[], result: CompareResult, { model, other }: ComparisonState) {
  if (result.pictures.length === 0) {
    return html`<h2>Where it got worse</h2>
      <p>On no case that is held out.</p>`;
  }
  return html`
    <h2>Where it got worse</h2>
    <p class="quiet">
      The worst first, each on the slice where most is lost.<span class="key"></span>truth<span
        class="key dashed"
      ></span
      >prediction
    </p>
    ${result.pictures.map(({ caseId, caption, png, width, height }) => {
      const pair = pairs.find(({ id }) => id === caseId);
      return html`
        <figure>
          <figcaption>
            <strong>${caseId}</strong>${
              pair &&
              html`: Dice ${figure(pair.otherDice)} → ${figure(pair.dice)}
                <span class="loss">(${signed(pair.difference)})</span>`
            }
            <span class="quiet">${caption}</span>
          </figcaption>
          <div class="panels"><span>image</span><span>model ${other.version}</span><span>model ${model.version}</span></div>
          <img
            src="data:image/png;base64,${png}"
            width=${width}
            height=${height}
            alt="${caseId}: the image, the outlines of model ${other.version} and of model ${model.version} with the truth"
          />
        </figure>
      `;
    })}
  `;
}

/** The figures that `setScores` keeps of a label, beyond those that the schema of cards asks for. */
type LabelFigures = Partial<Readonly<Record<'hd95Mm' | 'surfaceDice' | 'volumeErrorMl', number | null>>>;

function labelTable(ours: SetScores, others: SetScores, { model, other }: ComparisonState): TemplateResult {
  const metrics = [
    { name: 'Dice', of: (label: SetScores['labels'][number]) => label.meanDice, more: 'better', digits: 3 },
    { name: 'Surface Dice', of: (label: LabelFigures) => label.surfaceDice, more: 'better', digits: 3 },
    { name: 'HD95, mm', of: (label: LabelFigures) => label.hd95Mm, more: 'worse', digits: 2 },
    { name: 'Volume error, ml', of: (label: LabelFigures) => label.volumeErrorMl, more: 'neither', digits: 2 },
  ] as const;
  return html`
    <h2>By label</h2>
    <div class="scroll">
      <table>
        <caption>
          Means over the held-out cases
        </caption>
        <thead>
          <tr>
            <th class="text" scope="col">Label</th>
            <th class="text" scope="col">Measure</th>
            <th scope="col">Model ${other.version}</th>
            <th scope="col">Model ${model.version}</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          ${ours.labels.flatMap((label, index) =>
            metrics.map(({ name, of, more, digits }, row) => {
              const mine = of(label as typeof label & LabelFigures) ?? null;
              const before = of(others.labels[index] as typeof label & LabelFigures) ?? null;
              const difference = mine === null || before === null ? null : mine - before;
              return html`
                <tr>
                  ${row === 0 ? html`<th class="text" scope="rowgroup" rowspan=${metrics.length}>${label.name}</th>` : nothing}
                  <td class="text">${name}</td>
                  <td>${figure(before, digits)}</td>
                  <td>${figure(mine, digits)}</td>
                  <td class=${difference === null || more === 'neither' ? '' : tone(more === 'better' ? difference : -difference)}>
                    ${difference === null ? '–' : signed(difference, digits)}
                  </td>
                </tr>
              `;
            }),
          )}
        </tbody>
      </table>
    </div>
  `;
}

function caseTable(pairs: readonly PairedCase[], { labels }: SetScores, { model, other }: ComparisonState) {
  const scale = differenceScale(pairs.map(({ difference }) => difference));
  return html`
    <h2>Case by case</h2>
    <div class="scroll">
      <table>
        <caption>
          Mean Dice over the labels of each held-out case, losses first. The dashed line is the loss that the gate does not
          accept on average.
        </caption>
        <thead>
          <tr>
            <th class="text" scope="col">Case</th>
            <th class="text" scope="col">Difference ${differenceAxis(scale)}</th>
            <th scope="col">Difference</th>
            <th scope="col">Model ${other.version}</th>
            <th scope="col">Model ${model.version}</th>
            ${labels.length > 1 ? labels.map(({ name }) => html`<th scope="col">${name}</th>`) : nothing}
          </tr>
        </thead>
        <tbody>
          ${pairs.map(
            ({ id, difference, dice, otherDice, labelDifferences }) => html`
              <tr>
                <th class="text" scope="row">${id}</th>
                <td class="text">${differenceDot(scale, difference)}</td>
                <td class=${tone(difference)}>${signed(difference)}</td>
                <td>${figure(otherDice)}</td>
                <td>${figure(dice)}</td>
                ${
                  labels.length > 1
                    ? labelDifferences.map((each) => html`<td>${each === null ? '–' : signed(each)}</td>`)
                    : nothing
                }
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function seenSection(model: ComparedModel, other: ComparedModel): TemplateResult {
  const [mine, theirs] = [model, other].map(({ train, tune }) => new Set([...train, ...tune]));
  const only = (these: ReadonlySet<string>, those: ReadonlySet<string>) => [...these].filter((id) => !those.has(id));
  const row = (name: string, of: (each: ComparedModel) => unknown) => html`
    <tr>
      <th class="text" scope="row">${name}</th>
      <td class="text wrap">${of(other)}</td>
      <td class="text wrap">${of(model)}</td>
    </tr>
  `;
  return html`
    <h2>What each has seen</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th class="text" scope="col"></th>
            <th class="text" scope="col">${other.title}</th>
            <th class="text" scope="col">${model.title}</th>
          </tr>
        </thead>
        <tbody>
          ${row('Made', ({ created }) => new Date(created).toLocaleString())}
          ${row('Started from', ({ parent }) => (parent === null ? 'random weights' : `model ${parent}`))}
          ${row('Cases that trained', ({ train }) => train.length)} ${row('Cases that tuned', ({ tune }) => tune.length)}
          ${row('Slices that trained', ({ slices }) => slices ?? '–')}
          ${row('Seen by it alone', (each) => listed(each === model ? only(mine, theirs) : only(theirs, mine)))}
          ${row('Trained with', ({ preset, engine, seconds }) => `${preset}, ${engine}, ${duration(seconds)}`)}
          ${model.note.length + other.note.length > 0 ? row('Note', ({ note }) => note.join(' ')) : nothing}
        </tbody>
      </table>
    </div>
  `;
}

const MOST_LISTED = 12;

function listed(ids: readonly string[]): string {
  if (ids.length === 0) return 'none';
  const more = ids.length - MOST_LISTED;
  return `${ids.length}: ${ids.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function plural(count: number, noun: string): string {
  return `${count === 1 ? 'one' : count} ${count === 1 ? noun : `${noun}s`}`;
}

function figure(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

function signed(value: number, digits = 3): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

function tone(difference: number): 'gain' | 'loss' | '' {
  return Math.abs(difference) < 0.0005 ? '' : difference > 0 ? 'gain' : 'loss';
}
