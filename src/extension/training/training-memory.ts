import * as v from 'valibot';
import * as vscode from 'vscode';
import { type TrainingView, trainingView } from '../../core/protocol/training-page-contract.ts';

export type EndedView = Extract<TrainingView, { kind: 'ended' }>;

const MINUTES_KEY = 'voxelLoop.training.minutes';
const LAST_KEY = 'voxelLoop.training.last';
const MINUTES_SETTING = 'voxelLoop.training.minutes';

const lastSchema = v.strictObject({
  /** The root of the cohort. */
  root: v.string(),
  /** The end of the training; it is null if the training was running when this was written. */
  ended: v.nullable(trainingView),
});

/** Keeps what a workspace remembers of its trainings when its window is closed. */
export class TrainingMemory implements vscode.Disposable {
  readonly #subscription: vscode.Disposable;

  constructor(private readonly state: vscode.Memento) {
    // Whoever changes the setting means it, whatever was typed on the page before.
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(MINUTES_SETTING)) void state.update(MINUTES_KEY, undefined);
    });
  }

  /**
   * The minutes that a training takes unless somebody says otherwise: those typed last in this workspace, else those of
   * the setting.
   */
  get minutes(): number {
    return this.state.get<number>(MINUTES_KEY) ?? vscode.workspace.getConfiguration().get<number>(MINUTES_SETTING, 10);
  }

  rememberMinutes(minutes: number): void {
    void this.state.update(MINUTES_KEY, minutes);
  }

  /** @param ended null if the training has just begun */
  rememberRun(root: string, ended: EndedView | null): void {
    void this.state.update(LAST_KEY, { root, ended });
  }

  /** The last training of this workspace. It is null if there was none, or another version of Voxel Loop wrote it. */
  get lastRun(): { readonly root: string; readonly ended: EndedView | null } | null {
    const last = v.safeParse(lastSchema, this.state.get(LAST_KEY));
    if (!last.success) return null;
    const { root, ended } = last.output;
    return { root, ended: ended?.kind === 'ended' ? ended : null };
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
