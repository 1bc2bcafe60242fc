import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { SlicePlanes, ViewState } from './view-state.ts';

/** An open document, with how it is looked at. */
export interface OpenEditor {
  readonly snapshot: DocumentSnapshot;
  readonly planes: SlicePlanes;
  readonly view: ViewState;
}

/** One line for the user. A newer one replaces it. */
export interface Notice {
  readonly text: string;
  readonly severity: 'info' | 'error';
}
