import type { ArrivingLabels, AxisSlice } from '../../core/label/arriving-labels.ts';
import type { LabelBox } from '../../core/label/label-box.ts';

/** So many boxes are on their way at a time: over a slow line one would wait for the other. */
const IN_FLIGHT = 4;

/** Where boxes of labels come from, and who wants them. */
export interface LabelFetch {
  ask(box: LabelBox): Promise<{ readonly revision: number; readonly labels: Uint8Array }>;
  /** The slices on the screen now, which are wanted first. */
  shownSlices(): readonly AxisSlice[];
  /** A slice that is on the screen is here now. */
  shownArrived(): void;
  /** False: the rest is not wanted any more. */
  isWanted(): boolean;
}

/**
 * Fetches everything that is missing, and what is on the screen first. It ends when all of it is here, or when it is not
 * wanted any more.
 * @throws what `ask` throws, and what `ArrivingLabels` throws about an answer
 */
export async function fetchLabels(arriving: ArrivingLabels, fetch: LabelFetch): Promise<void> {
  const lane = async () => {
    for (let box = arriving.next(fetch.shownSlices()); box; box = arriving.next(fetch.shownSlices())) {
      const answer = await fetch.ask(box).catch((error: unknown) => {
        // What was replaced on the way is refused, and the host has told what is in its place before it refused.
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
