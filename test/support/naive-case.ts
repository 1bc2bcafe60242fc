import type { ReviewIntent } from '../../src/core/case/document/document-schemas.ts';
import type { PlaneName } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { type Gesture, toolOf } from '../../src/core/tools/known-tools.ts';
import type { Planes } from './case-arbitraries.ts';

export interface NaiveProposal {
  readonly id: string;
  readonly labels: readonly number[];
}

interface NaiveState {
  readonly labels: readonly number[];
  readonly review: readonly string[];
  /** By `proposal id/slice`, what is not pending. */
  readonly decided: ReadonlyMap<string, 'partial' | 'taken' | 'rejected'>;
  /** `proposal id/offset` of voxels whose component was rejected. */
  readonly rejected: ReadonlySet<string>;
  readonly labelNames: readonly string[];
}

/**
 * A case as one would first write it down: whole arrays, loops over all voxels, and an undo stack of whole states. The
 * oracle for `CaseDocument` and the intents; shares only with them what a tool covers, of which each has an oracle of its own.
 */
export class NaiveCase {
  state: NaiveState;
  proposal: NaiveProposal | null = null;
  readonly #past: NaiveState[] = [];
  readonly #future: NaiveState[] = [];

  constructor(
    private readonly shape: Vec3,
    private readonly planes: Planes,
    private readonly reviewPlane: PlaneName,
    labels: readonly number[],
    labelNames: readonly string[],
  ) {
    const review = new Array<string>(planes[reviewPlane].sliceCount).fill('unreviewed');
    this.state = { labels, review, decided: new Map(), rejected: new Set(), labelNames };
  }

  isProposed(slice: number): boolean {
    if (!this.proposal) return false;
    const decided = this.state.decided.get(`${this.proposal.id}/${slice}`);
    const review = this.state.review[slice];
    return (review === 'unreviewed' && decided === undefined) || (review === 'edited' && decided === 'partial');
  }

  /** The proposal without rejected components. */
  get proposed(): number[] | null {
    return this.proposal?.labels.map((_, at) => this.#proposedAt(at)) ?? null;
  }

  #proposedAt(at: number): number {
    if (!this.proposal || this.state.rejected.has(`${this.proposal.id}/${at}`)) return 0;
    return this.proposal.labels[at];
  }

  /** Whether anything happened. */
  stroke(stroke: Gesture): boolean {
    const { labels: drawn } = this.state;
    const shown = drawn.map((label, at) => (this.#waits(at) ? this.#proposedAt(at) : label));
    const covered = new Map<number, number>();
    const context = {
      planes: this.planes,
      labels: {
        get: (at: number) => shown[at],
        forEachRun: (start: number, length: number, visit: (label: number, at: number, count: number) => void) => {
          for (let at = start; at < start + length; at++) visit(shown[at], at, 1);
        },
      },
    };
    toolOf(stroke.tool).cover(context, stroke, (start, length, label) => {
      for (let at = start; at < start + length; at++) covered.set(at, label);
    });
    const touched = new Set(
      [...covered.keys()].map((at) => this.#sliceOf(at)).filter((slice) => this.isProposed(slice)),
    );
    const labels = this.#takenOver(touched);
    const drawnOn = new Set(touched);
    const onlyOver = 'onlyOver' in stroke ? stroke.onlyOver : undefined;
    for (const [at, label] of covered) {
      if (onlyOver !== undefined && labels[at] !== onlyOver) continue;
      if (labels[at] === label) continue;
      labels[at] = label;
      drawnOn.add(this.#sliceOf(at));
    }
    if (drawnOn.size === 0) return false;
    this.#commit({
      labels,
      review: this.state.review.map((state, slice) => (drawnOn.has(slice) ? 'edited' : state)),
      decided: this.#decide(touched, 'taken'),
    });
    return true;
  }

  review(intent: ReviewIntent): boolean {
    if (intent.action === 'accept-label') return this.#takeOver((at) => this.#proposedAt(at) === intent.label);
    if ('voxel' in intent) {
      const [nx, ny] = this.shape;
      const component = this.#component(intent.voxel[0] + nx * (intent.voxel[1] + ny * intent.voxel[2]));
      return intent.action === 'accept-component'
        ? this.#takeOver((at) => component.has(at))
        : this.#rejectComponent(component);
    }
    const slices = this.state.review.map((_, slice) => slice).slice(intent.from, intent.to + 1);
    const proposed = new Set(slices.filter((index) => this.isProposed(index)));
    if (intent.action === 'reject-slices') {
      if (proposed.size === 0) return false;
      this.#commit({ decided: this.#decide(proposed, 'rejected') });
      return true;
    }
    const [from, to] =
      intent.action === 'accept-slices' ? [['unreviewed', 'edited'], 'accepted'] : [['accepted'], 'edited'];
    const changes = new Set(slices.filter((index) => from.includes(this.state.review[index])));
    if (changes.size === 0) return false;
    this.#commit({
      ...(to === 'accepted' && { labels: this.#takenOver(proposed), decided: this.#decide(proposed, 'taken') }),
      review: this.state.review.map((state, index) => (changes.has(index) ? to : state)),
    });
    return true;
  }

  addLabel(name: string): void {
    this.#commit({ labelNames: [...this.state.labelNames, name] });
  }

  undo(): void {
    this.#future.push(this.state);
    this.state = this.#past.pop()!;
  }

  redo(): void {
    this.#past.push(this.state);
    this.state = this.#future.pop()!;
  }

  #commit(change: Partial<NaiveState>): void {
    this.#past.push(this.state);
    this.#future.length = 0;
    this.state = { ...this.state, ...change };
  }

  #sliceOf(offset: number): number {
    const [nx, ny] = this.shape;
    return [offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny))][
      this.planes[this.reviewPlane].normalAxis
    ];
  }

  /** Whether a voxel shows as proposed. */
  #waits(at: number): boolean {
    return this.state.labels[at] === 0 && this.#proposedAt(at) > 0 && this.isProposed(this.#sliceOf(at));
  }

  #takeOver(isWanted: (at: number) => boolean): boolean {
    const voxels = this.state.labels.flatMap((_, at) => (isWanted(at) && this.#waits(at) ? [at] : []));
    if (voxels.length === 0) return false;
    const touched = new Set(voxels.map((at) => this.#sliceOf(at)));
    const labels = [...this.state.labels];
    for (const at of voxels) labels[at] = this.#proposedAt(at);
    const left = new Set(labels.flatMap((label, at) => (label === 0 && this.#waits(at) ? [this.#sliceOf(at)] : [])));
    const full = new Set([...touched].filter((slice) => !left.has(slice)));
    const review = this.state.review.map((state, slice) => (touched.has(slice) ? 'edited' : state));
    const decided = new Map([...this.#decide(touched, 'partial'), ...this.#decide(full, 'taken', [])]);
    this.#commit({ labels, review, decided });
    return true;
  }

  #rejectComponent(component: ReadonlySet<number>): boolean {
    if (component.size === 0) return false;
    const waited = new Set([...component].filter((at) => this.#waits(at)).map((at) => this.#sliceOf(at)));
    this.#commit({
      rejected: new Set([...this.state.rejected, ...[...component].map((at) => `${this.proposal?.id}/${at}`)]),
    });
    // Where parts were taken over before and now nothing is left, the proposal is used up.
    const left = new Set(this.state.labels.flatMap((_, at) => (this.#waits(at) ? [this.#sliceOf(at)] : [])));
    const usedUp = [...waited].filter((slice) => this.state.review[slice] === 'edited' && !left.has(slice));
    this.state = { ...this.state, decided: this.#decide(new Set(usedUp), 'rejected') };
    return true;
  }

  /** By a search from voxel to voxel; empty where nothing waits at `start`. */
  #component(start: number): Set<number> {
    const found = new Set<number>();
    if (!this.#waits(start) || !this.proposal) return found;
    const { labels } = this.proposal;
    const [nx, ny, nz] = this.shape;
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at)) continue;
      found.add(at);
      const [i, j, k] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
      for (let n = 0; n < 27; n++) {
        const [x, y, z] = [i + (n % 3) - 1, j + (Math.floor(n / 3) % 3) - 1, k + Math.floor(n / 9) - 1];
        const isInside = x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz;
        const next = x + nx * (y + ny * z);
        if (isInside && labels[next] === labels[at] && !found.has(next)) open.push(next);
      }
    }
    return found;
  }

  #takenOver(slices: ReadonlySet<number>): number[] {
    return this.state.labels.map((label, at) =>
      label === 0 && slices.has(this.#sliceOf(at)) ? this.#proposedAt(at) : label,
    );
  }

  #decide(
    slices: ReadonlySet<number>,
    what: 'partial' | 'taken' | 'rejected',
    before: Iterable<[string, 'partial' | 'taken' | 'rejected']> = this.state.decided,
  ): Map<string, 'partial' | 'taken' | 'rejected'> {
    const now = [...slices].map((slice): [string, typeof what] => [`${this.proposal?.id}/${slice}`, what]);
    return new Map([...before, ...now]);
  }
}
