import * as vscode from 'vscode';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import { queuePlace } from '../../core/cohort/review/queue-place.ts';
import { queueText } from '../../core/cohort/review/queue-text.ts';
import { type QueueEntry, queueCases } from '../../core/cohort/review/queued-cases.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { CaseInQueue } from '../../node/cohort/proposals/waiting-proposals.ts';
import type { EditorPanel } from '../editor/page/editor-panel.ts';
import { log } from '../platform/log.ts';
import { viewTypeOf } from '../platform/view-type.ts';
import type { Services } from '../services.ts';
import { QueueTree } from './queue-tree.ts';
import { ReviewQueue } from './review-queue.ts';

const VIEW_ID = 'voxelLoop.reviewQueue';
/** An editor that was opened may take this long to come to the front. */
const ACTIVATION_MS = 5000;

/** A click in the queue opens this entry. */
export interface EntryToOpen {
  readonly known: CaseInQueue;
  readonly entry: QueueEntry;
}

/** Registers the review queue with its view, and `Next To Review`. */
export function registerReviewQueue(services: Services): void {
  const { context, command, cohort } = services;
  const queue = new ReviewQueue(services);
  const tree = new QueueTree(queue, services, (cases) => {
    // The view has no badge: the view of the cases has one, and VS Code would add the two up.
    view.description = cases === 0 ? '' : queueText.waiting(cases);
  });
  const view = vscode.window.createTreeView(VIEW_ID, { treeDataProvider: tree });
  context.subscriptions.push(
    queue,
    view,
    queue.onDidChange(() => tree.refresh()),
  );

  command('nextToReview', async () => {
    const store = await cohort.chooseIfNeeded(queueText.whichCohort);
    if (!store) return;
    const waiting = await queue.read(store);
    const open = waiting.find(({ id }) => id === services.editors.activePanel?.document.session?.files.id);
    // A person who is in a case that waits goes on with that case.
    const [next] = queueCases(open ? [open] : waiting, 1);
    const known = waiting.find(({ id }) => id === next?.id);
    if (next && known) await openEntry(services, { known, entry: next.entries[0] });
    else await sayNothingWaits();
  });
  command('openReviewEntry', async (target) => {
    await openEntry(services, target as EntryToOpen);
  });
}

/** Opens the case, or brings it to the front, at the doubtful place. */
async function openEntry({ editors, volumes }: Services, { known, entry }: EntryToOpen): Promise<void> {
  const { files, path, components, reviewAxis, shape } = known;
  const uri = imageToShow(
    files,
    [...editors.documents].map((document) => document.uri),
  );
  await vscode.commands.executeCommand('vscode.openWith', uri, viewTypeOf(uri), { preview: true });
  const panel = await activePanelOn(editors, uri);
  if (!panel) return;
  const proposed = await proposedLabels(volumes, path, panel.document.session?.grid.shape);
  const { voxel, extentVoxels } = queuePlace(entry, components, reviewAxis, shape, proposed);
  panel.host.goTo(voxel, extentVoxels);
}

/**
 * @param shape the shape of the open image; undefined if none that can be labelled is open @returns null if the place
 * cannot be exact
 */
async function proposedLabels(volumes: Services['volumes'], path: string, shape: Vec3 | undefined) {
  try {
    return (shape && (await volumes.client.readProposal(path, shape))?.labelMap) ?? null;
  } catch (error) {
    log().warn('The place to look at is not exact:', error);
    return null;
  }
}

/**
 * Waits for the editor to come to the front, because VS Code may tell so a moment after opening it. It is undefined if
 * another editor, or none of ours, is in front.
 */
function activePanelOn(editors: Services['editors'], uri: vscode.Uri): Promise<EditorPanel | undefined> {
  const find = () => {
    const panel = editors.activePanel;
    return panel?.document.uri.toString() === uri.toString() ? panel : undefined;
  };
  return new Promise((resolve) => {
    const found = find();
    if (found) {
      resolve(found);
      return;
    }
    const end = () => {
      clearTimeout(timer);
      listening.dispose();
      resolve(find());
    };
    const timer = setTimeout(end, ACTIVATION_MS);
    const listening = editors.onDidChangeActive(() => find() && end());
  });
}

/** The channel that is open already, else the first one. */
function imageToShow({ channels }: CaseFiles, open: readonly vscode.Uri[]): vscode.Uri {
  const shown = open.find((uri) => uri.scheme === 'file' && channels.includes(uri.fsPath));
  return shown ?? vscode.Uri.file(channels[0]);
}

async function sayNothingWaits(): Promise<void> {
  const { predictButton, retrainButton } = queueText;
  const choice = await vscode.window.showInformationMessage(queueText.nothingWaits, predictButton, retrainButton);
  if (choice === predictButton) await vscode.commands.executeCommand('voxelLoop.predictCohort');
  if (choice === retrainButton) await vscode.commands.executeCommand('voxelLoop.retrain');
}
