import * as vscode from 'vscode';
import { severalLabelMapsOf } from '../../core/cohort/files/layouts/several-label-maps.ts';
import { describeCase, highestUncertainty } from '../../core/cohort/review/case-list.ts';
import type { CaseOverview, CaseStateKind } from '../../core/cohort/review/case-overview.ts';
import { counted } from '../../core/text/counted.ts';

/** The present work on a case, which is not on the disk. */
export interface CaseActivity {
  readonly predicting: boolean;
  /** The reason, as a sentence, why the last prediction of the case failed. */
  readonly failure: string | undefined;
}

/** The colours are those of the editor's review panel. */
const ICONS: Readonly<Record<CaseStateKind, readonly [icon: string, color?: string]>> = {
  unreviewed: ['circle-large-outline'],
  proposed: ['circle-large-filled', 'charts.blue'],
  edited: ['edit', 'charts.yellow'],
  accepted: ['pass-filled', 'charts.green'],
  damaged: ['error', 'list.errorForeground'],
  unreadable: ['circle-slash', 'list.errorForeground'],
};

const FAILED = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));

/** Makes the row of a case from its state. */
export function caseItem(overview: CaseOverview, { predicting, failure }: CaseActivity): vscode.TreeItem {
  const { files, state } = overview;
  const item = new vscode.TreeItem(files.id, vscode.TreeItemCollapsibleState.None);
  const uri = vscode.Uri.file(files.channels[0]);
  item.id = files.id;
  const words = [describeCase(overview), failure ? 'not predicted' : ''].filter(Boolean).join(' · ');
  item.description = predicting ? 'predicting…' : words;
  item.iconPath = predicting ? new vscode.ThemeIcon('sync') : failure ? FAILED : icon(state.kind);
  item.contextValue = 'case';
  item.accessibilityInformation = { label: `${files.id}, ${item.description || 'unreviewed'}` };
  item.command = { command: 'voxelLoop.cases.open', title: 'Open', arguments: [{ uri }] };
  return item;
}

function icon(kind: CaseStateKind): vscode.ThemeIcon {
  const [name, color] = ICONS[kind];
  return new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** Makes the tooltip (counts, model, date) when somebody points at a case. */
export function caseTooltip(overview: CaseOverview, failure: string | undefined): vscode.MarkdownString {
  const { files, state, review, proposal, changedMs, changedOutside, doubtfulPlace, holdout, test } = overview;
  const tooltip = new vscode.MarkdownString();
  tooltip.appendMarkdown('**').appendText(files.id).appendMarkdown('**\n\n');
  const line = (sentence: string) => tooltip.appendText(sentence).appendMarkdown('\n\n');
  if ('sentence' in state) line(state.sentence);
  if (failure) line(`Not predicted: ${failure}`);
  if (changedOutside) line('Its label map was changed by another program: open the case and accept its slices again.');
  if (doubtfulPlace) {
    line('Its label map does not lie as its image does: open the case, look whether the labels fit, and save.');
  }
  if (review) {
    const { accepted, edited, unreviewed, rejected } = review;
    const ofThese = rejected > 0 ? ` (on ${rejected} of these a proposal was rejected)` : '';
    line(`Slices: ${accepted} accepted, ${edited} edited, ${unreviewed} unreviewed${ofThese}.`);
  } else if (state.kind === 'accepted') line('Its label map came complete; every slice counts as accepted.');
  const several = severalLabelMapsOf('It', files);
  if (several !== null) line(several);
  if (proposal) {
    const highest = highestUncertainty(overview);
    line(`${proposal.modelName} proposed labels on ${when(Date.parse(proposal.created))}.`);
    line(
      `${counted(proposal.pendingSlices.length, 'slice waits', 'slices wait')} for you` +
        (highest === null ? '.' : `, the most uncertain with ${highest.toFixed(2)} (0 certain, 1 not at all).`),
    );
  }
  if (holdout) line('Held out: it judges models and is never trained on.');
  if (test) line('A test case of the cohort: it is never trained on.');
  if (changedMs !== null) line(`Last changed ${when(changedMs)}.`);
  return tooltip;
}

function when(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
