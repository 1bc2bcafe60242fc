import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import {
  type EffortHostContract,
  type EffortPageContract,
  type EffortState,
  effortHostContract,
  effortPageContract,
  type ShownEffort,
} from '../../../core/protocol/effort-contract.ts';
import { Endpoint, type MessageChannelPort } from '../../../core/protocol/endpoint.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import type { Page } from '../page.ts';
import { pageStyles } from '../page-styles.ts';
import './effort-chart.ts';
import { type EffortAxis, effortCharts, effortGroups, headline } from './effort-charts.ts';
import { effortPageStyles } from './effort-page-styles.ts';
import { casesTable, figuresTable, peopleTable } from './effort-tables.ts';

/** A table of thousands of cases would be slow: this many are shown at first, and this many more each time. */
const CASES_AT_ONCE = 100;

/** Shows what accepting costs in this cohort: curves over model versions and time, and the figures behind them. */
@customElement('voxel-loop-effort-page')
export class EffortPage extends LitElement implements Page {
  static override styles = [controlStyles, pageStyles, effortPageStyles];

  @state() private accessor shown: EffortState | undefined;
  @state() private accessor axis: EffortAxis = 'versions';
  @state() private accessor casesShown = CASES_AT_ONCE;
  @state() private accessor failure: string | undefined;
  #endpoint: Endpoint<EffortPageContract, EffortHostContract> | undefined;

  set port(port: MessageChannelPort | undefined) {
    this.#endpoint?.close();
    if (!port) return;
    const endpoint = new Endpoint(
      port,
      effortPageContract,
      {
        'on:changed': (shown: EffortState) => {
          this.shown = shown;
        },
      },
      effortHostContract,
      (error) => {
        this.failure = error.message;
      },
    );
    this.#endpoint = endpoint;
    endpoint.request('open', {}).then(
      (shown) => {
        this.shown = shown;
      },
      (error: unknown) => {
        this.failure = error instanceof Error ? error.message : String(error);
      },
    );
  }

  protected override render(): TemplateResult {
    const { shown, failure } = this;
    if (failure !== undefined) return html`<main><p class="problem" role="alert">${failure}</p></main>`;
    if (!shown) return html`<main><p role="status">Reading the review records…</p></main>`;
    const { report, problem, cohort } = shown;
    return html`
      <main>
      <header>
        <h1>Effort ${cohort === null ? nothing : html`<small>${cohort}</small>`}</h1>
        ${report ? this.#controls() : nothing}
      </header>
      ${problem === null ? nothing : html`<p class="problem" role="alert">${problem}</p>`}
      ${report ? this.#report(report, shown.labels) : emptyState()}
      </main>
    `;
  }

  #controls(): TemplateResult {
    const choice = (axis: EffortAxis, text: string) => html`
      <button
        class="icon-button"
        type="button"
        aria-pressed=${this.axis === axis}
        @click=${() => {
          this.axis = axis;
        }}
      >
        ${text}
      </button>
    `;
    return html`
      <div class="choice" role="group" aria-label="Show the figures">
        ${choice('versions', 'By model version')} ${choice('periods', 'Over time')}
      </div>
      <vscode-button class="push" secondary @click=${() => this.#endpoint?.emit('exportCsv', {})}
        >Export CSV…</vscode-button
      >
    `;
  }

  #report(report: ShownEffort, labels: EffortState['labels']): TemplateResult {
    const groups = effortGroups(report, this.axis);
    const period = report.unit === 'day' ? 'Day' : 'Week';
    const first = this.axis === 'versions' ? 'Model version' : period;
    const heading = `By ${first.toLowerCase()}`;
    const left = report.cases.length - this.casesShown;
    const verdict = this.axis === 'versions' ? headline(report.versions) : undefined;
    return html`
      ${verdict === undefined ? nothing : html`<p class="verdict">${verdict}</p>`}
      <p class="quiet">
        ${
          this.axis === 'versions'
            ? 'Each slice counts for the model version whose proposal it started from.'
            : `Each slice counts for the ${report.unit} on which it was accepted.`
        }
        Figures come from saved reviews; they stay on this machine and in the cohort’s records.
      </p>
      <div class="charts">
        ${effortCharts(groups).map(
          (chart) => html`<voxel-loop-effort-chart .chart=${chart}></voxel-loop-effort-chart>`,
        )}
      </div>
      <h2>Figures</h2>
      ${figuresTable(heading, first, groups)}
      <h2>People</h2>
      ${peopleTable(report.people)}
      <h2>Cases</h2>
      ${casesTable(report.cases.slice(0, this.casesShown), labels, (id) => this.#endpoint?.emit('openCase', { id }))}
      ${
        left > 0
          ? html`<vscode-button
              secondary
              @click=${() => {
                this.casesShown += CASES_AT_ONCE;
              }}
              >Show ${Math.min(left, CASES_AT_ONCE)} more of ${left}</vscode-button
            >`
          : nothing
      }
      <h2>What these figures hide</h2>
      <ul>
        <li>
          A slice accepted unchanged was judged good enough by whoever accepted it, not measured against a truth. Haste looks
          like a good model.
        </li>
        <li>
          Voxels changed count what differs between proposal and accepted labels. By hand, without a proposal, they count
          what was drawn, each time anew.
        </li>
        <li>Time counts pointer, keys and scrolling in the editor. Looking without moving for longer than the time-out does not count.</li>
        <li>
          Unseen slices were accepted together with others, and nobody had looked at them. They count in no other figure, and a
          case that has some is not among the finished ones.
        </li>
        <li>Cases differ: a version that met the easy ones looks better. Compare models on the holdout for that.</li>
      </ul>
    `;
  }
}

function emptyState(): TemplateResult {
  return html`
    <p>No slice of this cohort was accepted yet. The figures come about by themselves while you work:</p>
    <ol>
      <li>Run <em>Predict This Volume</em>, and accept or correct the proposed slices.</li>
      <li>Save. What was changed against the proposal, and how long it took, goes into the case’s record.</li>
      <li>Retrain, predict, and see here whether the next version leaves you less to do.</li>
    </ol>
    <p class="quiet">All of it is measured and kept on this machine and in the cohort’s folder.</p>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-effort-page': EffortPage;
  }
}
