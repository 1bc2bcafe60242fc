import * as vscode from 'vscode';
import { severalLabelMapsOf } from '../../core/cohort/files/layouts/several-label-maps.ts';
import { counted } from '../../core/text/counted.ts';
import type { CohortListing } from '../../node/cohort/cases/cohort-folder.ts';
import {
  describeLabelMapPair,
  findLabelMapQuestion,
  type LabelMapQuestion,
  nameInCohort,
  writeAnswer,
} from '../../node/cohort/cases/label-map-question.ts';
import { reopenTabs } from '../editor/unsaved/reopen-tabs.ts';
import { log } from '../platform/log.ts';
import { reportError } from '../platform/messages.ts';
import type { Services } from '../services.ts';

const YES = 'Yes';
const NO = 'No';
const NOT_NOW = 'Not Now';

/** The question names at most this many pairs. */
const NAMED = 3;

const sentences = {
  several: (cases: readonly string[]) => {
    const more =
      cases.length > 1
        ? ` ${counted(cases.length - 1, 'more case has', 'more cases have')} several as well: point at a case to see which counts.`
        : '';
    return `${cases[0]}${more} To use the other one, move the one that counts out of the cohort.`;
  },
  unsaved: (names: readonly string[]) =>
    `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} unsaved changes and ${names.length === 1 ? 'was' : 'were'} not opened anew: save or revert, then close and open ${names.length === 1 ? 'it' : 'them'} to see the label map.`,
};

interface Asked {
  readonly listing: CohortListing;
  readonly question: LabelMapQuestion;
}

/**
 * Asks whether images of the current cohort are the label maps of others, where names and content suggest it: once per
 * cohort and window, and again from the view's title. The answer, yes or no, goes into `cohort.json`; without one
 * nothing is written, and the next window asks again. In an untrusted workspace nothing is asked; a hint only says so.
 */
export class LabelMapQuestions implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  /** These questions were asked in this window, so that a person who wants to think is not asked twice. */
  readonly #asked = new Set<string>();
  #open: Asked | undefined;
  /** Describes what the cohort held when it was looked at last. */
  #lookedAt = '';

  /** Fires when another question, or none, has become open. */
  readonly onDidChange = this.#changed.event;

  constructor(private readonly services: Services) {
    this.#subscriptions = [
      services.overview.onDidChange(() => void this.#look()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#changed.fire();
        this.#tell();
      }),
    ];
  }

  /** The text that the view of the cases shows about the open question; it is empty if there is none. */
  get hint(): string {
    if (!this.#open) return '';
    const { listing, question } = this.#open;
    const way = vscode.workspace.isTrusted
      ? 'answer with “Pair Label Maps...” above.'
      : 'trust this workspace to answer whether it is its label map.';
    return `${describeLabelMapPair(listing.root, question.pair)}: ${way}`;
  }

  /** Asks the open question, if there is one. @throws RecordError, FileAccessError, UnsafePathError */
  async ask({ modal }: { readonly modal: boolean }): Promise<void> {
    const open = this.#open;
    if (!open || !vscode.workspace.isTrusted) return;
    const { listing, question } = open;
    const { pair, pairs, pattern } = question;
    const alike = pairs.length > 1 ? ` ${pairs.length} pairs of files are named so.` : '';
    const some = pairs.slice(0, NAMED).map(({ image, labels }) => {
      return `${nameInCohort(listing.root, image)} with ${nameInCohort(listing.root, labels)}`;
    });
    const more = pairs.length > NAMED ? ` and ${pairs.length - NAMED} more` : '';
    const detail = `Yes pairs ${some.join(', ')}${more}. The answer is kept in .voxel-loop/cohort.json; images and label maps are not touched.`;
    const items = [{ title: YES }, { title: NO }, { title: NOT_NOW, isCloseAffordance: true }];
    const sentence = `${describeLabelMapPair(listing.root, pair)}: is it its label map?${alike}`;
    const choice = await vscode.window.showInformationMessage(sentence, modal ? { modal, detail } : {}, ...items);
    if (choice?.title !== YES && choice?.title !== NO) return;
    await writeAnswer(listing, pattern, choice.title === YES);
    if (this.#open === open) this.#set(undefined);
    // The cohort is looked at again, because there may be pairs of another kind.
    this.#lookedAt = '';
    if (choice.title === YES) {
      const unsaved = await reopenTabs(new Set(pairs.flatMap(({ image, labels }) => [image, labels])));
      if (unsaved.length > 0) void vscode.window.showWarningMessage(sentences.unsaved(unsaved));
    }
    await this.services.overview.read();
    if (choice.title === YES) this.#tellWhichCount(listing);
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
    this.#changed.dispose();
  }

  /** Tells the user that in cases that were drawn on already, the label map that was drawn goes on counting. */
  #tellWhichCount(before: CohortListing): void {
    const { state } = this.services.overview;
    if (state.kind !== 'ready' || state.store.root !== before.root) return;
    const known = new Set(before.layout.cases.flatMap(({ files }) => files.unusedLabels ?? []));
    const several = state.overview.listing.layout.cases.flatMap(({ files }) => {
      const isNew = files.unusedLabels?.some((path) => !known.has(path));
      return (isNew && severalLabelMapsOf(files.id, files)) || [];
    });
    if (several.length > 0) void vscode.window.showWarningMessage(sentences.several(several));
  }

  async #look(): Promise<void> {
    const { overview, cohort, volumes } = this.services;
    const { state } = overview;
    if (state.kind !== 'ready') {
      if (this.#open && this.#open.listing.root !== cohort.store?.root) this.#set(undefined);
      return;
    }
    const { listing } = state.overview;
    const unlabelled = listing.layout.cases.flatMap(({ labelled, files }) => (labelled ? [] : files.channels));
    const content = [listing.root, ...unlabelled].join('\n');
    if (content === this.#lookedAt) return;
    this.#lookedAt = content;
    try {
      const record = await state.store.readRecord();
      const found = await findLabelMapQuestion(listing, record, (pair) => volumes.client.lookAtPair(pair));
      if (content !== this.#lookedAt) return;
      this.#set(found ? { listing, question: found } : undefined);
      this.#tell();
    } catch (error) {
      // Nobody has asked for this look: what is wrong with the cohort is told where it is shown.
      log().warn('Looking for label maps among the images failed:', error);
    }
  }

  #set(open: Asked | undefined): void {
    this.#open = open;
    void vscode.commands.executeCommand('setContext', 'voxelLoop.mayBeLabelMaps', open !== undefined);
    this.#changed.fire();
  }

  #tell(): void {
    if (!this.#open || !vscode.workspace.isTrusted) return;
    const { listing, question } = this.#open;
    const key = JSON.stringify([listing.root, question.pattern]);
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.ask({ modal: false }).catch(reportError);
  }
}
