import * as vscode from 'vscode';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { type CohortOverview, CohortOverviewReader } from '../../node/overview/cohort-overview.ts';
import { sentenceFor, text } from '../platform/messages.ts';
import type { ChangedFiles, CurrentCohort } from './current-cohort.ts';

/** The first read of a large cohort tells its progress after this many cases. */
const CASES_PER_NEWS = 250;

/** The state of what is known of the current cohort. */
export type OverviewState =
  /** No cohort is the current one. */
  | { readonly kind: 'none' }
  | { readonly kind: 'reading'; readonly store: CohortStore; readonly done: number; readonly all: number }
  | { readonly kind: 'ready'; readonly store: CohortStore; readonly overview: CohortOverview }
  /** The cohort cannot be listed, for the reason in the sentence. */
  | { readonly kind: 'failed'; readonly store: CohortStore; readonly sentence: string };

/** The overview of the window's current cohort, kept in step with the disk from the first time that somebody asks. */
export class WatchedOverview implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  #reader: CohortOverviewReader | undefined;
  /** Reads the cohort that was last asked for beside the current one. */
  #other: CohortOverviewReader | undefined;
  #state: OverviewState = { kind: 'none' };
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  /** These files changed since the running read began. */
  #changes: Set<string> | 'unknown' | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(private readonly cohort: CurrentCohort) {
    this.#subscriptions = [
      cohort.onDidChange(() => this.#reader && void this.read()),
      cohort.onDidChangeFiles((files) => this.#reader && void this.#follow(files)),
    ];
  }

  get state(): OverviewState {
    return this.#state;
  }

  /** Reads what changed; the first time that is everything. An error becomes the state. */
  read(): Promise<void> {
    return this.#follow('unknown');
  }

  /**
   * The overview of a cohort as it is on the disk now. What is known of the current cohort is kept in step. What is
   * known of another one (callers may name any in the window) is remembered, so that asking again reads only what
   * changed.
   *
   * @throws CohortFolderError, CohortDescriptionError
   */
  async of(store: CohortStore): Promise<CohortOverview> {
    if (this.cohort.store?.root === store.root) {
      await this.read();
      const { state } = this;
      if (state.kind === 'ready' && state.store.root === store.root) return state.overview;
    }
    // A cohort that cannot be listed throws here, in its own words.
    if (this.#other?.store.root !== store.root) this.#other = new CohortOverviewReader(store);
    return this.#other.read();
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
    this.#changed.dispose();
  }

  #follow(files: ChangedFiles): Promise<void> {
    const { store } = this.cohort;
    if (store !== this.#reader?.store) {
      this.#reader = store && new CohortOverviewReader(store);
      this.#changes = 'unknown';
      this.#set(store ? { kind: 'reading', store, done: 0, all: 0 } : { kind: 'none' });
    } else if (files === 'unknown' || this.#changes === 'unknown') {
      this.#changes = 'unknown';
    } else {
      this.#changes = new Set([...(this.#changes ?? []), ...files]);
    }
    if (!this.#isReading) this.#reading = this.#readChanges();
    return this.#reading;
  }

  async #readChanges(): Promise<void> {
    this.#isReading = true;
    while (this.#changes && this.#reader) {
      const reader = this.#reader;
      const { store } = reader;
      const changes = this.#changes;
      this.#changes = undefined;
      let state: OverviewState;
      try {
        const overview =
          changes === 'unknown' ? await reader.read(this.#tellProgress(reader)) : await reader.refresh(changes);
        state = { kind: 'ready', store, overview };
      } catch (error) {
        state = { kind: 'failed', store, sentence: sentenceFor(error) ?? text.internal };
      }
      // Another cohort may have become the current one meanwhile.
      if (reader === this.#reader) this.#set(state);
    }
    this.#isReading = false;
  }

  /** Progress is told of the first read only: later ones leave what is shown until they are done. */
  #tellProgress(reader: CohortOverviewReader): (done: number, all: number) => void {
    return (done, all) => {
      if (reader !== this.#reader || this.#state.kind !== 'reading' || done % CASES_PER_NEWS !== 0) return;
      this.#set({ kind: 'reading', store: reader.store, done, all });
    };
  }

  #set(state: OverviewState): void {
    this.#state = state;
    this.#changed.fire();
  }
}
