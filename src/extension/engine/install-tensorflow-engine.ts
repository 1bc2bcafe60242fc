import * as vscode from 'vscode';
import { tensorFlowOutcome } from '../../core/report/tensorflow-outcome.ts';
import {
  hasTensorFlowGpuBuild,
  installTensorFlow,
  tensorFlowPackage,
} from '../../node/engine-link/install-tensorflow.ts';
import type { Services } from '../services.ts';
import { showEngines } from './show-engines.ts';
import { runWithProgress } from './task-progress.ts';
import { namedTensorFlowFolder, ownTensorFlowFolder } from './tensorflow-folder.ts';

const { name, version } = tensorFlowPackage;
const text = {
  noBuild: `TensorFlow's GPU engine (${name}) exists for Linux x64 and Windows x64 only: Show Engines lists what this machine can run.`,
  question: 'Install TensorFlow GPU Engine?',
  explanation: (folder: string) =>
    `npm downloads ${name} ${version} and, from Google, libtensorflow 2.9.1: several hundred megabytes, which take more than a gigabyte on the disk, in ${folder}.

It computes on NVIDIA GPUs alone and needs CUDA 11.2 and cuDNN 8.1, which you install yourself. Afterwards all engines of this machine are tried anew.`,
  namedAnother: (folder: string) => `The setting voxelLoop.tensorflow.path names ${folder}, which goes before it.`,
  install: 'Install',
  installing: 'Voxel Loop: installing TensorFlow',
  megabytes: (count: number) => `${count.toFixed(0)} MB on the disk`,
  trying: 'trying the engines of this machine',
  showEngines: 'Show Engines',
};

/** Installs TensorFlow.js for the GPU in the folder where Voxel Loop finds it, and tells the user the result. */
export async function installTensorFlowEngine({ context, engines }: Services): Promise<void> {
  if (!hasTensorFlowGpuBuild()) {
    void vscode.window.showWarningMessage(text.noBuild);
    return;
  }
  const folder = ownTensorFlowFolder(context);
  const named = namedTensorFlowFolder();
  const detail = [text.explanation(folder), ...(named === '' ? [] : [text.namedAnother(named)])].join('\n\n');
  const answer = await vscode.window.showInformationMessage(text.question, { modal: true, detail }, text.install);
  if (answer !== text.install) return;
  const report = await runWithProgress(text.installing, async (say, signal) => {
    await installTensorFlow(folder, { signal, onProgress: (megabytes) => say(0, text.megabytes(megabytes)) });
    say(0, text.trying);
    return engines.report(true, signal);
  });
  const choice = await vscode.window.showInformationMessage(tensorFlowOutcome(report), text.showEngines);
  if (choice === text.showEngines) await showEngines(engines);
}
