import * as vscode from 'vscode';
import { cudaInstalledSentence, megabytes } from '../../core/report/engines/cuda-support-text.ts';
import type { EngineHost } from './engine-host.ts';
import { runWithProgress } from './task-progress.ts';

const text = {
  looking: 'Voxel Loop: looking for CUDA support',
  installing: 'Installing CUDA support',
  impossible: 'CUDA support exists for Linux on x64 (glibc) alone. Show Engines lists what runs here.',
  installed: (folder: string) =>
    `CUDA support is installed already, in ${folder}. Remove that folder to download it again.`,
  ask: (bytes: number) => `Download CUDA support for ONNX Runtime (${megabytes(bytes)} MB)?`,
  about: (folder: string) =>
    `It lets NVIDIA graphics cards predict and train. CUDA 12, cuDNN 9 and a driver for them must be installed on this machine; they are not part of the download. It goes to ${folder}.`,
  download: 'Download',
  showEngines: 'Show Engines',
};

/** Downloads ONNX Runtime's CUDA library, if the user wants it after reading its size and what else it needs. */
export async function askToInstallCuda(engines: EngineHost): Promise<void> {
  const support = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: text.looking },
    () => engines.cudaSupport(),
  );
  if (support.state === 'impossible') return void vscode.window.showInformationMessage(text.impossible);
  if (support.state === 'installed') return void vscode.window.showInformationMessage(text.installed(support.folder));
  const choice = await vscode.window.showInformationMessage(
    text.ask(support.bytes),
    { modal: true, detail: text.about(support.folder) },
    text.download,
  );
  if (choice !== text.download) return;
  const { missing } = await runWithProgress(text.installing, (report, signal) =>
    engines.installCuda({
      signal,
      onProgress: ({ phase, doneBytes, bytes }) =>
        report(
          doneBytes / bytes,
          phase === 'downloading' ? `${megabytes(doneBytes)} of ${megabytes(bytes)} MB` : 'unpacking',
        ),
    }),
  );
  const show = missing.length === 0 ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const next = await show(cudaInstalledSentence(missing), text.showEngines);
  if (next === text.showEngines) await vscode.commands.executeCommand('voxelLoop.showEngines');
}
