import * as vscode from 'vscode';
import { registerAgents } from './agents/register.ts';
import type { VoxelLoopExports } from './api.ts';
import { registerCohort } from './cohort/register.ts';
import { registerEditorCommands } from './commands/editor-commands.ts';
import { createServices } from './create-services.ts';
import { areTabsLeftBehind, reopenLeftBehind } from './editor/unsaved/left-behind-tabs.ts';
import { providerOfViewType } from './editor/view-type-provider.ts';
import { registerEffort } from './effort/register-effort.ts';
import { registerEngines } from './engine/register-engines.ts';
import { registerModels } from './models/register-models.ts';
import { disposeLog, log } from './platform/log.ts';
import { reportError } from './platform/messages.ts';
import { VIEW_TYPES } from './platform/view-type.ts';
import { registerReviewQueue } from './review/register-review-queue.ts';
import { registerSecondReviewer } from './second-reviewer/register.ts';
import type { Services } from './services.ts';
import { registerTraining } from './training/register-training.ts';

/**
 * VS Code calls this when a volume or our view is opened, when one of our commands is run, and where the workspace
 * holds a cohort that was worked with, because a training or a prediction may wait to go on. (VS Code recognises such a
 * workspace by our `.gitignore`: its search does not find the files that this one names.)
 */
export function activate(context: vscode.ExtensionContext): VoxelLoopExports {
  const services = createServices(context);
  const { command, editors } = services;
  context.subscriptions.push(
    ...VIEW_TYPES.map((viewType) =>
      vscode.window.registerCustomEditorProvider(viewType, providerOfViewType(editors), {
        supportsMultipleEditorsPerDocument: true,
      }),
    ),
    { dispose: disposeLog },
  );
  void reopenAfterRestart(services);
  registerEditorCommands(services);
  registerSecondReviewer(services);
  command('showLog', () => log().show());
  registerEffort(services);
  registerCohort(services);
  registerReviewQueue(services);
  registerTraining(services);
  registerModels(services);
  registerEngines(services);
  return registerAgents(services);
}

/** Takes over the editors that an earlier extension host has left behind. */
async function reopenAfterRestart({ context, editors }: Services): Promise<void> {
  try {
    const isOpenHere = (uri: vscode.Uri) => editors.isOpen(uri);
    if (await areTabsLeftBehind(context, isOpenHere)) await reopenLeftBehind(editors);
  } catch (error) {
    reportError(error);
  }
}
