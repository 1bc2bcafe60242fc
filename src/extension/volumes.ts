import { totalmem } from 'node:os';
import type * as vscode from 'vscode';
import { VolumeWorkerClient } from '../node/volume-worker/volume-worker-client.ts';
import { log } from './platform/log.ts';

/**
 * An eighth of the machine's memory, at most 2 GiB: the extension host shares it with the editor, the engine and the
 * browser.
 */
const MEMORY_BUDGET_BYTES = Math.min(2 * 2 ** 30, Math.floor(totalmem() / 8));

/** The thread that reads and writes volumes for this window. It starts when first used, and again if it should die. */
export class Volumes implements vscode.Disposable {
  readonly memoryBudgetBytes = MEMORY_BUDGET_BYTES;
  #client: VolumeWorkerClient | undefined;

  constructor(private readonly workerFile: vscode.Uri) {}

  get client(): VolumeWorkerClient {
    this.#client ??= new VolumeWorkerClient(this.workerFile.fsPath, (error) => {
      log().error(error, error.cause ?? '');
      this.#client = undefined;
    });
    return this.#client;
  }

  dispose(): void {
    void this.#client?.dispose();
    this.#client = undefined;
  }
}
