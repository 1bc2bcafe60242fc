import * as vscode from 'vscode';
import type { EngineChoice } from '../../core/engines/engine-id.ts';
import type { EngineHost } from './engine-host.ts';

const text = {
  unused: 'Engine: Automatic',
  tooltip: 'What runs the network. Click to see the engines of this machine.',
};

/** Names the engine in use in the status bar; a click lists all engines. */
export function engineStatusItem(engines: EngineHost): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('voxelLoop.engine', vscode.StatusBarAlignment.Right, 90);
  item.name = 'Voxel Loop Engine';
  item.command = 'voxelLoop.showEngines';
  item.tooltip = text.tooltip;
  const update = () => {
    const set = vscode.workspace.getConfiguration('voxelLoop').get<EngineChoice>('engine', 'auto');
    const name = engines.lastEngineName ?? (set === 'auto' ? text.unused : `Engine: ${set}`);
    item.text = `$(chip) ${name}`;
    item.accessibilityInformation = { label: name, role: 'button' };
    item.show();
  };
  update();
  return vscode.Disposable.from(
    item,
    engines.onEngineUsed(update),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('voxelLoop.engine')) update();
    }),
  );
}
