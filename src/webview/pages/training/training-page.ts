import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { Endpoint, type MessageChannelPort } from '../../../core/protocol/endpoint.ts';
import type { InterruptedTraining } from '../../../core/protocol/engine/interrupted-training.ts';
import {
  type TrainingHostContract,
  type TrainingPageContract,
  type TrainingPageState,
  type TrainingView,
  trainingHostContract,
  trainingPageContract,
} from '../../../core/protocol/training-page-contract.ts';
import { curvesOf, withEvaluation, withSample } from '../../../core/report/training-curves.ts';
import '../../elements/line-chart/line-chart.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import type { Page } from '../page.ts';
import { pageStyles } from '../page-styles.ts';
import { outcomeView } from './outcome-view.ts';
import {
  estimateSentence,
  interruptedSentence,
  list,
  obstacleView,
  outlookView,
  planView,
  unkeptSentence,
} from './outlook-view.ts';
import { curvesView, figuresView } from './run-view.ts';
import { trainingPageStyles } from './training-page-styles.ts';

type View<Kind extends TrainingView['kind']> = Extract<TrainingView, { kind: Kind }>;

const LEAST_MINUTES = 0.25;
const MOST_MINUTES = 1440;

/** Shows the curves of an interrupted training. */
function howFar(interrupted: InterruptedTraining | null): TemplateResult | typeof nothing {
  if (!interrupted || (interrupted.samples.length === 0 && interrupted.evaluations.length === 0)) return nothing;
  return html`<h2>How far it came</h2>
    ${curvesView(curvesOf(interrupted), interrupted.labels)}
    <h2>A new training</h2>`;
}

/** Shows what a training will do, what it does, and what it has done. */
@customElement('voxel-loop-training-page')
export class TrainingPage extends LitElement implements Page {
  static override styles = [controlStyles, pageStyles, trainingPageStyles];

  @state() private accessor shown: TrainingPageState | undefined;
  @state() private accessor failure: string | undefined;
  /** The minutes that the user chose; undefined means those of the setting. */
  @state() private accessor minutes: number | undefined;
  #endpoint: Endpoint<TrainingPageContract, TrainingHostContract> | undefined;

  set port(port: MessageChannelPort | undefined) {
    this.#endpoint?.close();
    if (!port) return;
    const endpoint = new Endpoint(
      port,
      trainingPageContract,
      {
        'on:stateChanged': (shown: TrainingPageState) => {
          this.shown = shown;
        },
        'on:progress': ({ figures, sample, evaluation }) => {
          const view = this.shown?.view;
          if (!this.shown || view?.kind !== 'running') return;
          let { curves } = view;
          if (sample) curves = withSample(curves, sample);
          if (evaluation) curves = withEvaluation(curves, evaluation);
          this.shown = { ...this.shown, view: { ...view, figures, curves } };
        },
      },
      trainingHostContract,
      (error) => {
        this.failure = error.message;
      },
    );
    this.#endpoint = endpoint;
    endpoint.request('state', {}).then(
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
    const failed = failure === undefined ? nothing : html`<div class="banner bad" role="alert"><p>${failure}</p></div>`;
    if (!shown) return html`${failure === undefined ? html`<p role="status">One moment…</p>` : failed}`;
    return html`
      <main>
        <h1>Training ${shown.cohort === null ? nothing : html`<small>${shown.cohort}</small>`}</h1>
        ${failed} ${this.#view(shown.view)}
      </main>
    `;
  }

  #view(view: TrainingView): TemplateResult {
    switch (view.kind) {
      case 'no-cohort':
        return html`<p>Open a volume or the folder of a cohort, then look again.</p>
          ${this.#actions(this.#button('Look Again', () => this.#tell('plan')))}`;
      case 'untrusted':
        return html`<p>This folder is not trusted. Training runs models from it, so trust it first, if you know where it comes from.</p>
          ${this.#actions(
            this.#button('Manage Workspace Trust', () => this.#tell('manageTrust')),
            this.#button('Look Again', () => this.#tell('plan'), true),
          )}`;
      case 'planning':
        return html`<p role="status">Looking at the cohort…</p>`;
      case 'plan-failed':
        return html`<div class="banner bad" role="alert"><p>${view.sentence}</p></div>
          ${this.#actions(this.#button('Look Again', () => this.#tell('plan')))}`;
      case 'planned':
        return this.#planned(view);
      case 'running':
        return this.#running(view);
      case 'ended':
        return this.#ended(view);
    }
  }

  #planned({ outlook, interrupted }: View<'planned'>): TemplateResult {
    const again = this.#button('Look Again', () => this.#tell('plan'), true);
    if (outlook.obstacle !== null) {
      return html`${this.#interrupted(interrupted)} ${obstacleView(outlook)} ${this.#actions(again)}`;
    }
    return html`
      ${this.#interrupted(interrupted)} ${howFar(interrupted)} ${this.#start('Start Training', again)}
      <p>${estimateSentence(outlook, this.#chosenMinutes)}</p>
      ${outlookView(outlook)}
    `;
  }

  #running(view: View<'running'>): TemplateResult {
    const { curves, labels, plan, warnings, outlook, stopping, automatic, resumed } = view;
    return html`
      ${automatic ? html`<p class="quiet">Started by itself, because enough slices were accepted since the last version.</p>` : nothing}
      ${resumed ? html`<p class="quiet">Goes on with the training that was interrupted.</p>` : nothing}
      ${figuresView(view)}
      ${this.#actions(
        this.#button('Stop and Keep the Best', () => this.#stop('keep'), true, stopping !== null),
        this.#button('Stop and Throw Away', () => this.#stop('discard'), true, stopping === 'discard'),
      )}
      ${curvesView(curves, labels)} ${list('Notes', warnings)}
      ${outlook ? outlookView({ ...outlook, sentences: [...plan] }) : planView(plan)}
    `;
  }

  #ended({ outcome, curves, labels, plan, warnings, interrupted }: View<'ended'>): TemplateResult {
    const isVersion = outcome.kind === 'version';
    const hasReport = isVersion && outcome.result.reportPath !== null;
    return html`
      ${outcomeView(outcome)}
      ${this.#actions(
        isVersion && outcome.result.longer
          ? this.#button(`Train ${outcome.result.longer.minutes} Minutes Longer`, () => this.#tell('trainLonger'))
          : nothing,
        hasReport
          ? this.#button('Show Report', () => this.#tell('showReport'), outcome.result.longer !== null)
          : nothing,
        isVersion && !outcome.isActive && outcome.canActivate
          ? this.#button('Activate Anyway', () => this.#tell('activate'), true)
          : nothing,
        outcome.kind === 'failed' ? this.#button('Show Log', () => this.#tell('showLog'), true) : nothing,
        this.#button('Plan the Next Training', () => this.#tell('plan'), isVersion || interrupted?.obstacle === null),
      )}
      ${this.#interrupted(interrupted)}
      ${curves.samples.length > 0 ? html`<h2>How it went</h2>${curvesView(curves, labels)}` : nothing}
      ${list('Notes', warnings)} ${planView(plan)}
    `;
  }

  #interrupted(interrupted: InterruptedTraining | null): TemplateResult | typeof nothing {
    if (!interrupted) return nothing;
    const { unkept, step } = interrupted;
    if (!unkept) return this.#checkpoint(interrupted);
    return html`<div class="banner warning">
        <p>${unkeptSentence(unkept)}</p>
        ${this.#actions(
          this.#button('Start Again', () =>
            this.#endpoint?.emit('start', { minutes: unkept.minutes ?? this.#chosenMinutes }),
          ),
          this.#button('Discard', () => this.#tell('discardInterrupted'), true),
        )}
      </div>
      ${step > 0 ? this.#checkpoint(interrupted) : nothing}`;
  }

  #checkpoint(interrupted: InterruptedTraining): TemplateResult {
    const percent = Math.round(100 * interrupted.fraction);
    return html`<div class="banner">
      <p>${interruptedSentence(interrupted)}</p>
      ${this.#actions(
        interrupted.obstacle === null
          ? this.#button(`Resume Training (${percent} % Done)`, () => this.#resume(false))
          : nothing,
        interrupted.obstacle === null && interrupted.keptAs === null && interrupted.replaceable
          ? this.#button(`Resume Without ${interrupted.replaceable.name}`, () => this.#resume(true), true)
          : nothing,
        this.#button('Discard', () => this.#tell('discardInterrupted'), true),
      )}
    </div>`;
  }

  get #chosenMinutes(): number {
    return this.minutes ?? this.shown?.minutes ?? LEAST_MINUTES;
  }

  #start(title: string, beside: TemplateResult): TemplateResult {
    const onChange = (event: Event) => {
      const field = event.target as HTMLInputElement;
      const minutes = Number(field.value);
      this.minutes =
        field.value === '' || !(minutes > 0) ? undefined : Math.min(MOST_MINUTES, Math.max(LEAST_MINUTES, minutes));
      field.value = String(this.#chosenMinutes);
      this.#endpoint?.emit('minutes', { minutes: this.#chosenMinutes });
    };
    return this.#actions(
      html`<label>Minutes
        <input type="number" min=${LEAST_MINUTES} max=${MOST_MINUTES} step="any" .value=${String(this.#chosenMinutes)} @change=${onChange} />
      </label>`,
      this.#button(title, () => this.#endpoint?.emit('start', { minutes: this.#chosenMinutes })),
      beside,
    );
  }

  #actions(...content: (TemplateResult | typeof nothing)[]): TemplateResult {
    return html`<div class="actions">${content}</div>`;
  }

  #button(title: string, run: () => void, secondary = false, disabled = false): TemplateResult {
    return html`<vscode-button ?secondary=${secondary} ?disabled=${disabled} @click=${run}>${title}</vscode-button>`;
  }

  #tell(
    what: 'plan' | 'trainLonger' | 'discardInterrupted' | 'showReport' | 'activate' | 'showLog' | 'manageTrust',
  ): void {
    this.#endpoint?.emit(what, {});
  }

  #resume(withoutEngine: boolean): void {
    this.#endpoint?.emit('resume', { withoutEngine });
  }

  #stop(how: 'keep' | 'discard'): void {
    this.#endpoint?.emit('stop', { how });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-training-page': TrainingPage;
  }
}
