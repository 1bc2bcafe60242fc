import * as vscode from 'vscode';
import { ALL_CASES, type CaseListOptions, describeProgress } from '../../core/cohort/review/case-list.ts';
import { countStates } from '../../core/cohort/review/case-overview.ts';
import { completeCases, ENOUGH_CASES } from '../../core/cohort/review/first-model.ts';
import { queueProgress } from '../../core/cohort/review/prediction-queue.ts';
import type { CohortPrediction, PredictionStatus } from '../../node/prediction/cohort-prediction.ts';
import { openInVolumeEditor } from '../platform/view-type.ts';
import type { Services } from '../services.ts';
import { chooseOrder, chooseStates, chooseText, describeOptions } from './case-filter.ts';
import { type CaseRow, CaseTree } from './case-tree.ts';
import { cohortName } from './current-cohort.ts';
import type { LabelMapQuestions } from './label-map-questions.ts';
import type { OverviewState, WatchedOverview } from './watched-overview.ts';

const VIEW = 'voxelLoop.cases';
const PREDICTED_ELSEWHERE = 'Another window predicts this cohort: what it leaves goes on here.';

/** The view of the cohort's cases, with its commands. */
export class CohortView implements vscode.Disposable {
  readonly #tree = new CaseTree();
  readonly #view = vscode.window.createTreeView(VIEW, { treeDataProvider: this.#tree });
  readonly #subscriptions: vscode.Disposable[];
  #failures: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly overview: WatchedOverview,
    private readonly prediction: CohortPrediction,
    private readonly questions: LabelMapQuestions,
  ) {
    this.#subscriptions = [
      this.#tree,
      this.#view,
      this.#view.onDidChangeVisibility(() => this.#readWhenVisible()),
      overview.onDidChange(() => this.#show()),
      prediction.onDidChange(() => this.#showPrediction()),
      questions.onDidChange(() => this.#describe()),
    ];
    this.#show();
    this.#readWhenVisible();
  }

  registerCommands({ command }: Services): void {
    command('cases.open', (row) => openCase(row as CaseRow | CaseLink));
    command('cases.reveal', (row) => vscode.commands.executeCommand('revealInExplorer', imageOf(row as CaseRow)));
    command('cases.copyPath', (row) => vscode.env.clipboard.writeText(imageOf(row as CaseRow).fsPath));
    command('cases.filterByState', async () => this.#setOptions(await chooseStates(this.#tree.options, this.#cases)));
    command('cases.search', async () => this.#setOptions(await chooseText(this.#tree.options)));
    command('cases.sort', async () => this.#setOptions(await chooseOrder(this.#tree.options)));
    command('cases.clearFilter', () => this.#setOptions({ ...ALL_CASES, order: this.#tree.options.order }));
    command('cases.refresh', () => this.overview.read());
  }

  /** Brings the view to the front. */
  async reveal(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
  }

  /** Marks the cases that could not be predicted, until the next prediction. @param failures sentences by case id */
  setFailures(failures: ReadonlyMap<string, string>): void {
    this.#failures = failures;
    this.#showPrediction();
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
  }

  get #cases() {
    const { state } = this.overview;
    return state.kind === 'ready' ? state.overview.cases : [];
  }

  #readWhenVisible(): void {
    if (!this.#view.visible || this.overview.state.kind !== 'none') return;
    void vscode.window.withProgress({ location: { viewId: VIEW } }, () => this.overview.read());
  }

  #setOptions(options: CaseListOptions | undefined): void {
    if (!options) return;
    this.#tree.setOptions(options);
    const isFiltered = options.states.size > 0 || options.text !== '';
    void vscode.commands.executeCommand('setContext', 'voxelLoop.casesFiltered', isFiltered);
    this.#describe();
  }

  #show(): void {
    this.#tree.setCases(this.#cases);
    const { state } = this.overview;
    const toReview = countStates(this.#cases).proposed;
    this.#view.badge =
      toReview === 0
        ? undefined
        : { value: toReview, tooltip: `${toReview} ${toReview === 1 ? 'case waits' : 'cases wait'} for review` };
    const isEmpty = state.kind === 'ready' && state.overview.cases.length === 0;
    void vscode.commands.executeCommand('setContext', 'voxelLoop.cohort', isEmpty ? 'empty' : state.kind);
    const mayTrain = completeCases(this.#cases) >= ENOUGH_CASES;
    void vscode.commands.executeCommand('setContext', 'voxelLoop.mayTrain', mayTrain);
    this.#showPrediction();
  }

  #showPrediction(): void {
    const { status } = this.prediction;
    const isHere = status !== undefined && status.store.root === rootOf(this.overview.state);
    const current = isHere && status.queue.state === 'predicting' ? status.queue.current : undefined;
    const failed = isHere ? status.queue.failed.map(({ id, sentence }) => [id, sentence] as const) : [];
    this.#tree.setActivity(current, new Map([...this.#failures, ...failed]));
    this.#describe();
  }

  #describe(): void {
    const { state } = this.overview;
    this.#view.description = state.kind === 'none' ? '' : cohortName(state.store);
    this.#view.message = this.#message(state);
  }

  /** The text is empty where VS Code shall show the view's welcome. It is shown as running text. */
  #message(state: OverviewState): string {
    if (state.kind === 'none') return '';
    if (state.kind === 'reading') {
      return state.done === 0 ? 'Reading the cohort…' : `Reading the cohort: ${state.done} of ${state.all} cases…`;
    }
    if (state.kind === 'failed') return state.sentence;
    const { cases, problems } = state.overview;
    if (cases.length === 0) return problems[0] ?? '';
    const { status } = this.prediction;
    const shown = this.#tree.shown.length;
    const filter = describeOptions(this.#tree.options);
    return [
      ...problems,
      `${describeProgress(cases)}.`,
      ...(status && status.store.root === state.store.root ? [`${describePrediction(status)}.`] : []),
      ...(this.prediction.elsewhere === state.store.root ? [PREDICTED_ELSEWHERE] : []),
      ...(this.questions.hint === '' ? [] : [this.questions.hint]),
      ...(filter === '' ? [] : [`Showing ${shown === cases.length ? 'all' : shown}: ${filter}.`]),
    ].join(' ');
  }
}

/** The text is, for instance, "Predicting 7 of 28: case_7 (43 %)". */
export function describePrediction({ queue, fraction }: PredictionStatus): string {
  const { through, all } = queueProgress(queue);
  if (queue.state === 'paused') return `Predicting is paused, ${through} of ${all} are done`;
  if (queue.state !== 'predicting') return `Predicting ${Math.min(through + 1, all)} of ${all}`;
  return `Predicting ${through + 1} of ${all}: ${queue.current} (${Math.floor(100 * fraction)}\u00a0%)`;
}

/** A click on a row hands this over; the context menu hands over the row itself. */
interface CaseLink {
  readonly uri: vscode.Uri;
}

async function openCase(row: CaseRow | CaseLink): Promise<void> {
  await openInVolumeEditor('uri' in row ? row.uri : imageOf(row));
}

function imageOf({ overview }: CaseRow): vscode.Uri {
  return vscode.Uri.file(overview.files.channels[0]);
}

function rootOf(state: OverviewState): string | undefined {
  return state.kind === 'none' ? undefined : state.store.root;
}
