import type { SlicePlane } from '../../core/geometry/slice-plane.ts';
import { type Finding, valueFindings } from '../../core/volume/findings.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import type { IntensityStatistics, Window } from '../../core/volume/volume-schemas.ts';
import { activePlane, planesOf, shownPanes } from '../looking/pane-layout.ts';
import { type SlicePlanes, shownSlice, type ViewState } from '../looking/view-state.ts';
import { prefetchOrder } from './prefetch-order.ts';
import { SliceCache, type SliceKey } from './slice-cache.ts';
import { SliceLoader } from './slice-loader.ts';

/** Image slices of this size in all are kept at hand. */
const CACHE_BYTES = 256 * 2 ** 20;

/** The image comes from here: from the host. */
export interface ImageSource {
  slice(key: SliceKey): Promise<SliceImage>;
  statistics(timeIndex: number): Promise<{ readonly window: Window; readonly statistics: IntensityStatistics }>;
}

/**
 * A window, and the size of a big step of it in this volume, both in real-world values. They come with what else is
 * known of the time point's values.
 */
export interface ShownWindow {
  readonly window: Window;
  readonly span: number;
  /** These findings say what is odd about the values of this time point. */
  readonly findings: readonly Finding[];
}

export const NOTHING_KNOWN: ShownWindow = { window: { level: 0.5, width: 1 }, span: 1, findings: [] };

/**
 * The image of one open document: its slices and the default window of each time point, fetched as the view needs them.
 */
export class ImageSupply {
  readonly #loader: SliceLoader;
  readonly #windows = new Map<number, ShownWindow>();
  readonly #askedWindows = new Set<number>();
  #closed = false;

  constructor(
    private readonly source: ImageSource,
    /** Is called when a slice, or (with undefined) a window, has arrived. */
    private readonly onArrived: (key: SliceKey | undefined) => void,
    private readonly onFailed: (key: SliceKey | undefined, error: unknown) => void,
  ) {
    this.#loader = new SliceLoader((key) => source.slice(key), new SliceCache(CACHE_BYTES), onArrived, onFailed);
  }

  /** Asks for what `view` shows and then for what it may show soon. */
  want(view: ViewState, planes: SlicePlanes): void {
    const order = [...new Set([activePlane(view), ...planesOf(view.panes)])];
    const positions = order.map((name) => ({ plane: planes[name], index: shownSlice(view, planes[name]) }));
    const onScreen = planesOf(shownPanes(view));
    const visible = order.filter((name) => onScreen.includes(name)).map((name) => keyOf(view, planes[name]));
    this.#loader.want(visible, prefetchOrder(positions, view.timeIndex));
    void this.#needWindow(view.timeIndex);
  }

  /** The slice that `plane` shows, if it is here and can be shown. */
  image(view: ViewState, plane: SlicePlane): SliceImage | undefined {
    // Without a window a slice would flash in wrong contrast.
    if (!view.window && !this.#windows.has(view.timeIndex)) return undefined;
    return this.#loader.get(keyOf(view, plane));
  }

  /** Tells whether the slice that `plane` shows could not be fetched. */
  hasFailed(view: ViewState, plane: SlicePlane): boolean {
    return this.#loader.hasFailed(keyOf(view, plane));
  }

  window(view: ViewState): ShownWindow {
    const byDefault = this.#windows.get(view.timeIndex) ?? NOTHING_KNOWN;
    return { ...byDefault, window: view.window ?? byDefault.window };
  }

  close(): void {
    this.#closed = true;
    this.#loader.close();
  }

  async #needWindow(timeIndex: number): Promise<void> {
    if (this.#askedWindows.has(timeIndex)) return;
    this.#askedWindows.add(timeIndex);
    try {
      const { window, statistics } = await this.source.statistics(timeIndex);
      if (this.#closed) return;
      const span = Math.max(statistics.high - statistics.low, window.width);
      this.#windows.set(timeIndex, { window, span, findings: valueFindings(statistics) });
      this.onArrived(undefined);
    } catch (error) {
      if (this.#closed) return;
      // The next move of the view asks again.
      this.#askedWindows.delete(timeIndex);
      this.onFailed(undefined, error);
    }
  }
}

function keyOf(view: ViewState, plane: SlicePlane): SliceKey {
  return { plane: plane.name, index: shownSlice(view, plane), timeIndex: view.timeIndex };
}
