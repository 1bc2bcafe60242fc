import type { LabelTable } from '../../core/label/table/label-table.ts';
import { fileValues } from '../../core/label/table/label-values.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { PaneStateKind } from '../looking/pane-state.ts';
import type { ViewAction } from '../looking/view-action.ts';
import { reduceView } from '../looking/view-reducer.ts';
import { initialViewState, restoreViewState, type SlicePlanes, type ViewState } from '../looking/view-state.ts';

/** Keeps the view state (VS Code's webview state). */
export interface ViewStore {
  load(): unknown;
  save(view: ViewState): void;
}

/** Holds how the document is looked at, and keeps it with the tab after every change. */
export class EditorView {
  #state: ViewState | undefined;

  constructor(
    private readonly store: ViewStore,
    private readonly paneKinds: readonly PaneStateKind[],
  ) {}

  /** The view is undefined until a document was open. */
  get state(): ViewState | undefined {
    return this.#state;
  }

  /**
   * A document was opened, or opened anew, so its image may be another one than before.
   * @param left the view of an earlier page that was cut off
   */
  restore({ volume, reviewPlane, labelTable }: DocumentSnapshot, left: unknown): void {
    const { shape, spacingMm } = volume.grid;
    const fresh = initialViewState(shape, spacingMm, reviewPlane, fileValues(labelTable), this.paneKinds);
    const saved = this.#state ?? this.store.load() ?? left;
    this.#state = restoreViewState(saved, fresh, { shape, timePoints: volume.timePoints }, this.paneKinds);
  }

  /** @returns the view after the action; the same object if nothing has changed */
  apply(
    action: ViewAction,
    view: ViewState,
    { volume }: DocumentSnapshot,
    planes: SlicePlanes,
    labelTable: LabelTable,
  ): ViewState {
    const after = reduceView(view, action, {
      planes,
      shape: volume.grid.shape,
      timePoints: volume.timePoints,
      labelCount: labelTable.length,
    });
    if (after !== view) this.#set(after);
    return after;
  }

  /**
   * Labels come and go by undo, and the brush must never hold one that is gone.
   * @returns whether the view has changed
   */
  keepActiveLabel(labelTable: LabelTable): boolean {
    const view = this.#state;
    if (!view) return false;
    const labelValues = fileValues(labelTable);
    const isThere = view.activeLabel > 0 && view.activeLabel < labelValues.length;
    if (isThere && labelValues.join() === view.labelValues.join()) return false;
    const activeLabel = isThere ? view.activeLabel : Math.min(1, labelValues.length - 1);
    this.#set({ ...view, labelValues, activeLabel });
    return true;
  }

  #set(view: ViewState): void {
    this.#state = view;
    this.store.save(view);
  }
}
