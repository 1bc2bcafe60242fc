import * as vscode from 'vscode';
import { ActiveTime } from '../../core/cohort/effort/active-time.ts';

interface Place {
  /** The label file of the case. */
  readonly labels: string;
  /** The slice along the review axis. */
  readonly slice: number;
}

const DEFAULT_IDLE_SECONDS = 30;

/**
 * Measures how long somebody has worked on which slice of which case in this window, until a save counts it. All
 * editors share one clock. Nothing of it leaves the machine.
 */
export class ActiveClock implements vscode.Disposable {
  readonly #seconds = new Map<string, Map<number, number>>();
  readonly #time = new ActiveTime<Place>(idleMs, ({ labels, slice }, ms) => this.#add(labels, slice, ms / 1000));
  readonly #subscription = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (!focused) this.pause();
  });

  /** Notes activity in an editor that shows this slice. */
  activity(labels: string, slice: number): void {
    this.#time.activity({ labels, slice }, performance.now());
  }

  /** Stops the clock when the user goes elsewhere. */
  pause(): void {
    this.#time.pause(performance.now());
  }

  uncountedSeconds(labels: string): ReadonlyMap<number, number> {
    return new Map(this.#seconds.get(labels));
  }

  counted(labels: string, seconds: ReadonlyMap<number, number>): void {
    const own = this.#seconds.get(labels);
    for (const [slice, counted] of seconds) {
      const left = (own?.get(slice) ?? 0) - counted;
      // Somebody worked on while the save ran.
      if (left > 1e-9) own?.set(slice, left);
      else own?.delete(slice);
    }
  }

  broughtBack(labels: string, seconds: ReadonlyMap<number, number>): void {
    for (const [slice, each] of seconds) this.#add(labels, slice, each);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #add(labels: string, slice: number, seconds: number): void {
    const own = this.#seconds.get(labels) ?? new Map<number, number>();
    this.#seconds.set(labels, own.set(slice, (own.get(slice) ?? 0) + seconds));
  }
}

function idleMs(): number {
  return vscode.workspace.getConfiguration('voxelLoop').get('effort.idleSeconds', DEFAULT_IDLE_SECONDS) * 1000;
}
