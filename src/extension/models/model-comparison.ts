import { existsSync } from 'node:fs';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { CancelSource } from '../../core/cancel.ts';
import { RecordError } from '../../core/cohort/records/cohort-record.ts';
import type { ListedVersion } from '../../core/cohort/records/model-list.ts';
import type { EngineChoice } from '../../core/engines/engine-id.ts';
import { CancelledError } from '../../core/errors.ts';
import {
  type ComparedModel,
  type ComparisonState,
  type ModelsHostContract,
  type ModelsPageContract,
  modelsHostContract,
  modelsPageContract,
} from '../../core/protocol/models-contract.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { cohortName } from '../cohort/current-cohort.ts';
import { tellNotTrusted } from '../not-trusted.ts';
import { SinglePage } from '../pages/page-panel.ts';
import { reportError, sentenceFor } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { readModels } from './read-models.ts';

/** So many of the worst losses are shown as pictures. */
const PICTURES = 4;

/** The workspace's state keeps its last comparison under this key. */
const COMPARED_KEY = 'voxelLoop.models.compared';
const comparedSchema = v.strictObject({ root: v.string(), version: v.number(), other: v.number() });

interface Compared {
  readonly store: CohortStore;
  readonly version: number;
  readonly other: number;
  readonly source: CancelSource;
  run: ComparisonState['run'];
}

/** The page `models`: two versions side by side on the holdout. A new comparison replaces the one before. */
export class ModelComparison implements vscode.Disposable {
  readonly #page: SinglePage<ModelsHostContract, ModelsPageContract>;
  readonly #subscription: vscode.Disposable;
  #current: Compared | undefined;

  constructor(private readonly services: Services) {
    this.#page = new SinglePage({
      page: 'models',
      title: 'Compare Models',
      extensionUri: services.context.extensionUri,
      serves: modelsHostContract,
      handlers: {
        state: () => this.#state(),
        'on:compare': ({ version, other }) => {
          const store = this.#current?.store;
          if (store) this.compare(store, version, other).catch(reportError);
        },
        'on:cancel': () => this.#current?.source.cancel(),
        'on:activate': ({ version }) => this.#run('voxelLoop.models.activate', version),
        'on:showReport': ({ version }) => this.#run('voxelLoop.models.showReport', version),
      },
      calls: modelsPageContract,
      onReturn: () => this.#recall(),
    });
    // The active version, or the name of a version, may have changed.
    this.#subscription = services.cohort.onDidChangeOnDisk((change) => {
      if (change === 'state') this.#tell();
    });
  }

  /**
   * Shows the page and predicts the holdout with both versions. It resolves when the page is there; the results follow.
   */
  async compare(store: CohortStore, version: number, other: number): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      tellNotTrusted();
      return;
    }
    this.#current?.source.cancel();
    const compared: Compared = {
      store,
      version,
      other,
      source: new CancelSource(),
      run: { kind: 'running', fraction: 0, done: 0, cases: 0 },
    };
    this.#current = compared;
    void this.services.context.workspaceState.update(COMPARED_KEY, { root: store.root, version, other });
    this.#page.show(vscode.ViewColumn.Active);
    this.#tell();
    void this.#measure(compared);
  }

  /**
   * Shows the last comparison when the page comes back with its window. Predicting takes long, so it does not begin
   * unasked.
   */
  #recall(): void {
    const last = v.safeParse(comparedSchema, this.services.context.workspaceState.get(COMPARED_KEY));
    if (!last.success || this.#current || !existsSync(last.output.root)) return;
    const { root, version, other } = last.output;
    const run = { kind: 'failed', message: 'The window was closed or reloaded meanwhile.' } as const;
    this.#current = { store: new CohortStore(root), version, other, source: new CancelSource(), run };
    this.#tell();
  }

  #run(command: string, version: number): void {
    const root = this.#current?.store.root;
    if (root !== undefined) void vscode.commands.executeCommand(command, { version, root });
  }

  dispose(): void {
    this.#current?.source.cancel();
    this.#subscription.dispose();
    this.#page.dispose();
  }

  async #measure(compared: Compared): Promise<void> {
    const { store, version, other, source } = compared;
    const tell = (run: ComparisonState['run']) => {
      compared.run = run;
      if (this.#current === compared) this.#tell();
    };
    try {
      const engine = vscode.workspace.getConfiguration('voxelLoop').get<EngineChoice>('engine', 'auto');
      const result = await this.services.engines.compareModels(
        { cohortRoot: store.root, version, other, engine, pictures: PICTURES },
        { signal: source.signal, onProgress: (progress) => tell({ kind: 'running', ...progress }) },
      );
      tell({ kind: 'done', result });
    } catch (error) {
      if (error instanceof CancelledError) tell({ kind: 'cancelled' });
      else tell({ kind: 'failed', message: sentenceFor(error) ?? '' });
    }
  }

  #tell(): void {
    if (!this.#page.isOpen) return;
    this.#state().then((state) => {
      if (state) this.#page.emit('changed', state);
    }, reportError);
  }

  async #state(): Promise<ComparisonState | null> {
    const compared = this.#current;
    if (!compared) return null;
    const { versions } = await readModels(compared.store);
    const find = (wanted: number): ComparedModel => {
      const listed = versions.find(({ version }) => version === wanted);
      if (!listed) throw new RecordError(`Model ${wanted} is not there any more: compare others.`);
      return comparedModel(listed);
    };
    return {
      cohort: cohortName(compared.store),
      model: find(compared.version),
      other: find(compared.other),
      choices: versions.map(({ version, title }) => ({ version, title })),
      run: compared.run,
    };
  }
}

function comparedModel({ version, title, state, note, card, slices }: ListedVersion): ComparedModel {
  return {
    version,
    title,
    state,
    slices,
    note: [...note],
    created: card.created,
    parent: card.parent,
    preset: card.preset,
    engine: card.engine,
    seconds: card.seconds,
    train: [...card.data.train],
    tune: [...card.data.tune],
    gateReason: card.promotion.reason,
  };
}
