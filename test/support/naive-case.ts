import type { PlaneName } from '../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { forEachStrokeRange } from '../../src/core/label/brush.ts';
import type { BrushStroke } from '../../src/core/label/stroke.ts';
import type { ReviewAction } from '../../src/core/protocol/editor-contract.ts';
import type { Planes } from './case-arbitraries.ts';

export interface NaiveProposal {
  readonly id: string;
  readonly labels: readonly number[];
}

interface NaiveState {
  readonly labels: readonly number[];
  readonly review: readonly string[];
  /** `proposal id/slice` of what is not pending. */
  readonly decided: ReadonlySet<string>;
  readonly labelNames: readonly string[];
}

/**
 * A case as one would first write it down: whole arrays, loops over all voxels, and an undo stack of whole states. The
 * oracle for `CaseDocument` and the intents; shares only the brush with them, which has an oracle of its own.
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
    this.state = { labels, review, decided: new Set(), labelNames };
  }

  isProposed(slice: number): boolean {
    if (!this.proposal || this.state.review[slice] !== 'unreviewed') return false;
    return !this.state.decided.has(`${this.proposal.id}/${slice}`);
  }

  /** Whether anything happened. */
  stroke(stroke: BrushStroke): boolean {
    const covered = new Set<number>();
    forEachStrokeRange(this.planes[stroke.plane], stroke, (start, length) => {
      for (let at = start; at < start + length; at++) covered.add(at);
    });
    const touched = new Set([...covered].map((at) => this.#sliceOf(at)).filter((slice) => this.isProposed(slice)));
    const labels = this.#takenOver(touched);
    const drawnOn = new Set(touched);
    for (const at of covered) {
      if (stroke.onlyOver !== undefined && labels[at] !== stroke.onlyOver) continue;
      if (labels[at] === stroke.label) continue;
      labels[at] = stroke.label;
      drawnOn.add(this.#sliceOf(at));
    }
    if (drawnOn.size === 0) return false;
    this.#commit({
      labels,
      review: this.state.review.map((state, slice) => (drawnOn.has(slice) ? 'edited' : state)),
      decided: this.#decide(touched),
    });
    return true;
  }

  review(action: ReviewAction, slice: number): boolean {
    const all = this.state.review.map((_, index) => index);
    const slices = action.endsWith('all') ? all : [slice];
    const proposed = new Set(slices.filter((index) => this.isProposed(index)));
    if (action.startsWith('reject')) {
      if (proposed.size === 0) return false;
      this.#commit({ decided: this.#decide(proposed) });
      return true;
    }
    const [from, to] = action.startsWith('accept') ? [['unreviewed', 'edited'], 'accepted'] : [['accepted'], 'edited'];
    const changes = new Set(slices.filter((index) => from.includes(this.state.review[index])));
    if (changes.size === 0) return false;
    this.#commit({
      ...(to === 'accepted' && { labels: this.#takenOver(proposed), decided: this.#decide(proposed) }),
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

  #takenOver(slices: ReadonlySet<number>): number[] {
    return this.state.labels.map((label, at) =>
      label === 0 && this.proposal && slices.has(this.#sliceOf(at)) ? this.proposal.labels[at] : label,
    );
  }

  #decide(slices: ReadonlySet<number>): Set<string> {
    return new Set([...this.state.decided, ...[...slices].map((slice) => `${this.proposal?.id}/${slice}`)]);
  }
}
