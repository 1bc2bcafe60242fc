import * as vscode from 'vscode';
import type { EngineChoice } from '../../core/engines/engine-id.ts';
import { type EngineFacts, engineFacts } from '../../core/report/engines/engine-facts.ts';
import type { EngineHost } from './engine-host.ts';
import { runWithProgress } from './task-progress.ts';

const text = {
  title: 'Engines of This Machine',
  placeholder: 'Choose what runs the network, or leave it to Voxel Loop',
  trying: 'Voxel Loop: trying the engines of this machine',
  automatic: 'Automatic',
  automaticDetail: 'The fastest that gives the results of the CPU',
  again: 'Try All Engines Again',
  asSet: 'as set',
  takenTo: (use: string) => `taken to ${use}`,
  agrees: 'agrees with the CPU',
  agreesPredicting: 'agrees with the CPU, predicts only',
  disagrees: 'other results than the CPU: not used',
  doesNotStart: 'does not start here',
  speeds: (predicts: string, trains: string) => `predicts ${predicts}, trains ${trains} slices/s`,
};

interface EngineItem extends vscode.QuickPickItem {
  readonly choice: EngineChoice;
}

/** Lists the engines that can run the network here, what each is worth and which is used; choosing one sets it. */
export async function showEngines(engines: EngineHost): Promise<void> {
  const choice = await pick(engines, false);
  if (choice === undefined) return;
  const settings = vscode.workspace.getConfiguration('voxelLoop');
  // Where the engine was set for the folder, changing the user's own setting would have no effect.
  const inWorkspace = settings.inspect('engine')?.workspaceValue !== undefined;
  await settings.update(
    'engine',
    choice,
    inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global,
  );
}

async function pick(engines: EngineHost, again: boolean): Promise<EngineChoice | undefined> {
  const report = await runWithProgress(text.trying, (_say, signal) => engines.report(again, signal));
  const set = vscode.workspace.getConfiguration('voxelLoop').get<EngineChoice>('engine', 'auto');
  const picker = vscode.window.createQuickPick<EngineItem>();
  picker.title = text.title;
  picker.placeholder = text.placeholder;
  picker.matchOnDetail = true;
  picker.buttons = [{ iconPath: new vscode.ThemeIcon('refresh'), tooltip: text.again }];
  picker.items = [
    {
      choice: 'auto',
      label: text.automatic,
      detail: text.automaticDetail,
      ...(set === 'auto' && { description: text.asSet }),
    },
    ...engineFacts(report).map((facts) => itemOf(facts, set)),
  ];
  try {
    return await new Promise((resolve) => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]?.choice));
      picker.onDidHide(() => resolve(undefined));
      picker.onDidTriggerButton(() => resolve(pick(engines, true)));
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

function itemOf(facts: EngineFacts, set: EngineChoice): EngineItem {
  const { id, name, device, starts, agrees, predicts, trains, use, findings } = facts;
  const isWorth =
    starts === 'no'
      ? text.doesNotStart
      : agrees === 'no'
        ? text.disagrees
        : agrees === 'reference'
          ? null
          : agrees === 'predicting'
            ? text.agreesPredicting
            : text.agrees;
  const isUsable = starts === 'yes' && agrees !== 'no';
  const about = [
    ...(set === id ? [text.asSet] : []),
    ...(use === '' ? [] : [text.takenTo(use)]),
    ...(isUsable ? [text.speeds(predicts, trains)] : []),
  ];
  return {
    choice: id,
    label: `${use === '' ? '' : '$(check) '}${name}`,
    description: about.join(', '),
    // The row is cut off at its end, and an engine that does not start needs no device in it.
    detail: [starts === 'no' ? null : device, isWorth, findings].filter((each) => each !== null).join('; '),
  };
}
