import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { engineStatusItem } from './engine-status-item.ts';
import { installCuda } from './install-cuda.ts';
import { installTensorFlowEngine } from './install-tensorflow-engine.ts';
import { showEngines } from './show-engines.ts';

/** Registers what the user sees of the engines and decides about them. */
export function registerEngines(services: Services): void {
  const { context, engines, command } = services;
  context.subscriptions.push(
    engineStatusItem(engines),
    engines.onEngineTrouble((sentence) => void vscode.window.showWarningMessage(sentence)),
  );
  command('showEngines', () => showEngines(engines));
  command('installCuda', () => installCuda(engines));
  command('installTensorFlow', () => installTensorFlowEngine(services));
}
