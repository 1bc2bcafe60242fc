import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { HostCommand } from '../../core/protocol/editor-contract.ts';
import { toolAction, toolCommand } from '../../core/tools/known-tools.ts';
import { TOOLS } from '../../core/tools/registry.ts';
import type { PerformedAction } from '../../node/case/host/editor-host.ts';
import type { VolumeDocument } from '../editor/document/volume-document.ts';
import { exportLabelMap } from '../editor/export/export-label-map.ts';
import type { EditorPanel } from '../editor/page/editor-panel.ts';
import type { VolumeEditorProvider } from '../editor/volume-editor-provider.ts';
import { log } from '../platform/log.ts';
import { text } from '../platform/messages.ts';
import type { Services } from '../services.ts';
import { predictOpenCase } from './predict.ts';

/** The active editor carries out these commands, because it knows the slice, the tool and the brush. */
const EDITOR_COMMANDS: Readonly<Record<string, PerformedAction>> = {
  acceptSlice: 'accept-slice',
  acceptAllSlices: 'accept-all',
  rejectSlice: 'reject-slice',
  rejectAllSlices: 'reject-all',
  unacceptSlice: 'unaccept-slice',
  markRange: 'mark-range',
  acceptComponent: 'accept-component',
  rejectComponent: 'reject-component',
  acceptLabel: 'accept-label',
  nextUnreviewedSlice: 'next-unreviewed-slice',
  toolNavigate: 'tool-navigate',
  ...Object.fromEntries(TOOLS.map(({ id }) => [toolCommand(id), toolAction(id)])),
  brushLarger: 'brush-larger',
  brushSmaller: 'brush-smaller',
  sliceForward: 'slice-forward',
  sliceBackward: 'slice-backward',
  resetWindow: 'reset-window',
  toggleLabels: 'toggle-labels',
  showSliceHistory: 'show-slice-history',
  nextDisagreement: 'next-disagreement',
  takeMine: 'take-mine',
  takeTheirs: 'take-theirs',
  takeTheirsHere: 'take-theirs-here',
};

/** Registers the commands that act on the editor in front. */
export function registerEditorCommands(services: Services): void {
  const { command, editors } = services;
  for (const [name, action] of Object.entries(EDITOR_COMMANDS)) {
    command(name, () => {
      const panel = editors.activePanel;
      if (panel) panel.host.perform(action);
      else void vscode.window.showInformationMessage(text.noActiveEditor);
    });
  }
  // These commands serve keys that are pressed outside the page; the page puts its own in order.
  command('undo', () => runEditorRequest('undo', whileTabIsActive()));
  command('redo', () => runEditorRequest('redo', whileTabIsActive()));
  command('closeEditor', () => closeWhenSaved(editors.activePanel));
  command('predict', () => withDocument(editors, (document) => predictOpenCase(document, services)));
  command('exportLabelMap', () => withDocument(editors, exportLabelMap));
}

function whileTabIsActive(): () => boolean {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  return () => vscode.window.tabGroups.activeTabGroup.activeTab === activeTab;
}

/** An editor may ask VS Code to run these commands. */
const EDITOR_REQUESTS = {
  predict: 'voxelLoop.predict',
  retrain: 'voxelLoop.retrain',
  undo: 'undo',
  redo: 'redo',
  'next-to-review': 'voxelLoop.nextToReview',
} as const satisfies Readonly<Record<Exclude<HostCommand, 'save'>, string>>;

/** This resolves with the last undo or redo: VS Code drops one that comes while another one runs. */
let lastMove: Promise<unknown> = Promise.resolve();

/**
 * @param isStillMeant tells whether the editor that was meant has the focus, because VS Code undoes in the one that has
 * it
 */
export async function runEditorRequest(
  request: keyof typeof EDITOR_REQUESTS,
  isStillMeant: () => boolean = () => true,
): Promise<void> {
  const run = async () => {
    if (!isStillMeant()) return;
    try {
      await vscode.commands.executeCommand(EDITOR_REQUESTS[request]);
    } catch (error) {
      log().error(`${EDITOR_REQUESTS[request]}:`, error);
    }
  };
  if (request !== 'undo' && request !== 'redo') return run();
  lastMove = lastMove.then(run);
  await lastMove;
}

/** Strokes that wait for an undo settle within milliseconds, so this time is generous. */
const MOST_SETTLING_MS = 2000;

/**
 * Closes the tab that is in front. To VS Code a custom editor is unsaved until its save has ended, so it would ask
 * whether to save while a save runs. The tab is therefore closed after that, and after VS Code knows of what was drawn
 * meanwhile.
 */
async function closeWhenSaved(editor: EditorPanel | undefined): Promise<void> {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  await editor?.document.edits?.savesEnded();
  // A page that does not answer must not keep the tab open.
  await Promise.race([editor?.host.settled(), sleep(MOST_SETTLING_MS)]);
  await editor?.document.edits?.savesEnded();
  // Somebody else may have closed it meanwhile.
  if (tab && vscode.window.tabGroups.all.some(({ tabs }) => tabs.includes(tab)))
    await vscode.window.tabGroups.close(tab);
}

async function withDocument(
  provider: VolumeEditorProvider,
  run: (document: VolumeDocument) => Promise<void>,
): Promise<void> {
  const document = provider.activePanel?.document;
  if (document) await run(document);
  else void vscode.window.showInformationMessage(text.noActiveEditor);
}
