import * as vscode from 'vscode';
import { packagedEngines } from '../../core/engines/engine-packages.ts';
import { engineInstallers } from '../../node/engines/registry.ts';
import type { Services } from '../services.ts';
import { engineStatusItem } from './engine-status-item.ts';
import { askToInstallCuda } from './install-cuda.ts';
import { installEngine } from './install-engine.ts';
import { showEngines } from './show-engines.ts';

/** Registers what the user sees of the engines and decides about them. */
export function registerEngines(services: Services): void {
  const { context, engines, command } = services;
  context.subscriptions.push(
    engineStatusItem(engines),
    engines.onEngineTrouble((sentence) => void vscode.window.showWarningMessage(sentence)),
  );
  command('showEngines', () => showEngines(engines));
  command('installCuda', () => askToInstallCuda(engines));
  for (const {
    id,
    package: { title, installCommand },
  } of packagedEngines) {
    const installer = engineInstallers[id];
    if (installer) command(installCommand, () => installEngine(id, title, installer, services));
  }
}
