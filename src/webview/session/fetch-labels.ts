import type { VoxelBox } from '../../core/geometry/voxel-box.ts';
import type { ArrivingLabels, AxisSlice } from '../../core/label/arriving-labels.ts';

/**
 * At most this many boxes are on their way at a time. Asking for one after the other would waste time on a slow line.
 */
const IN_FLIGHT = 4;

/** Says where boxes of labels come from, and who wants them. */
export interface LabelFetch {
  ask(box: VoxelBox): Promise<{ readonly revision: number; readonly labels: Uint8Array }>;
  /** The slices on the screen now, which are wanted first. */
  shownSlices(): readonly AxisSlice[];
  /** Is called when a slice that is on the screen has arrived. */
  shownArrived(): void;
  /** Tells whether the rest is still wanted. */
  isWanted(): boolean;
}

/**
 * Fetches everything that is missing, what is on the screen first. It ends when all of it is here, or when it is not
 * wanted any more.
 * @throws what `ask` throws, and what `ArrivingLabels` throws about an answer
 */
export async function fetchLabels(arriving: ArrivingLabels, fetch: LabelFetch): Promise<void> {
  const lane = async () => {
    for (let box = arriving.next(fetch.shownSlices()); box; box = arriving.next(fetch.shownSlices())) {
      const answer = await fetch.ask(box).catch((error: unknown) => {
        // A layer that was replaced on the way is refused, and the host has told what is in its place before it
        // refused.
        if (fetch.isWanted()) throw error;
        return null;
      });
      if (!answer || !fetch.isWanted()) return;
      const { revision, labels } = answer;
      const missing = fetch.shownSlices().filter((slice) => !arriving.has(slice));
      arriving.receive(box, revision, labels);
      if (missing.some((slice) => arriving.has(slice))) fetch.shownArrived();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}
