import * as vscode from 'vscode';
import { exportLabelMap } from './commands/export-label-map.ts';
import { predict } from './commands/predict.ts';
import { newestProposalInto } from './commands/restore-proposal.ts';
import { retrain } from './commands/retrain.ts';
import type { EditorAction } from './editor/editor-panel.ts';
import { EditorStatus } from './editor/editor-status.ts';
import type { VolumeDocument } from './editor/volume-document.ts';
import { VIEW_TYPE, VolumeEditorProvider } from './editor/volume-editor-provider.ts';
import { EngineHost } from './engine/engine-host.ts';
import { disposeLog, log } from './log.ts';
import { reportError, text } from './messages.ts';
import { watchLabelFile } from './session/label-file-watch.ts';
import { SessionRegistry } from './session/session-registry.ts';
import { Volumes } from './volumes.ts';

/** Commands that the active editor carries out, because it knows the slice, the tool and the brush. */
const EDITOR_COMMANDS: Readonly<Record<string, EditorAction>> = {
  acceptSlice: 'accept-slice',
  acceptAllSlices: 'accept-all',
  rejectSlice: 'reject-slice',
  rejectAllSlices: 'reject-all',
  unacceptSlice: 'unaccept-slice',
  nextUnreviewedSlice: 'next-unreviewed-slice',
  toolNavigate: 'tool-navigate',
  toolBrush: 'tool-brush',
  toolEraser: 'tool-eraser',
  brushLarger: 'brush-larger',
  brushSmaller: 'brush-smaller',
  sliceForward: 'slice-forward',
  sliceBackward: 'slice-backward',
  resetWindow: 'reset-window',
  toggleLabels: 'toggle-labels',
};

/** Called by VS Code when a volume is opened or one of our commands is run, never earlier. */
export function activate(context: vscode.ExtensionContext): void {
  const file = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'dist', name);
  const volumes = new Volumes(file('volume-worker.js'));
  const engines = new EngineHost(file('engine.js'));
  const status = new EditorStatus(engines);
  const sessions = new SessionRegistry(() => volumes.client, watchLabelFile);
  const provider = new VolumeEditorProvider({
    context,
    volumes,
    sessions,
    status,
    cohortLabels: (store) => sessions.cohortLabels(store),
    restoreProposal: (document) => newestProposalInto(document, volumes),
    runCommand: (command) => void vscode.commands.executeCommand(EDITOR_REQUESTS[command]),
  });
  const register = (name: string, run: () => unknown) =>
    vscode.commands.registerCommand(`voxelLoop.${name}`, async () => {
      try {
        await run();
      } catch (error) {
        reportError(error);
      }
    });
  context.subscriptions.push(
    volumes,
    engines,
    status,
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, provider, { supportsMultipleEditorsPerDocument: true }),
    ...Object.entries(EDITOR_COMMANDS).map(([name, action]) =>
      register(name, () => {
        const panel = provider.activePanel;
        if (panel) panel.perform(action);
        else void vscode.window.showInformationMessage(text.noActiveEditor);
      }),
    ),
    register('predict', () => withDocument(provider, (document) => predict(document, engines))),
    register('exportLabelMap', () => withDocument(provider, exportLabelMap)),
    register('retrain', async () => {
      const root = await cohortToTrain(provider);
      if (root === undefined) return;
      const result = await retrain(root, provider.documents, engines);
      if (result) status.changed();
    }),
    register('showLog', () => log().show()),
    { dispose: disposeLog },
  );
}

/** What an editor may ask VS Code to do. */
const EDITOR_REQUESTS = {
  predict: 'voxelLoop.predict',
  retrain: 'voxelLoop.retrain',
  undo: 'undo',
  redo: 'redo',
  save: 'workbench.action.files.save',
} as const;

async function withDocument(
  provider: VolumeEditorProvider,
  run: (document: VolumeDocument) => Promise<void>,
): Promise<void> {
  const document = provider.activePanel?.document;
  if (document) await run(document);
  else void vscode.window.showInformationMessage(text.noActiveEditor);
}

/** The cohort of the active volume, else the folder that is open. */
async function cohortToTrain(provider: VolumeEditorProvider): Promise<string | undefined> {
  const active = provider.activePanel?.document.session?.store.root;
  if (active !== undefined) return active;
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 1) return folders[0].uri.fsPath;
  if (folders.length === 0) {
    void vscode.window.showInformationMessage(text.noActiveEditor);
    return undefined;
  }
  const picked = await vscode.window.showWorkspaceFolderPick({
    placeHolder: 'Which folder is the cohort to train on?',
  });
  return picked?.uri.fsPath;
}
