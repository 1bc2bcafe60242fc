import type { TemplateResult } from 'lit';
import type { Editor } from '../editor/editor.ts';
import type { PaneState, PaneStateKind } from '../looking/pane-state.ts';

/** A pane as it is to be drawn now. */
export interface ShownPane {
  readonly editor: Editor;
  readonly pane: PaneState;
  /** True if keys go to this pane, and there are others that they could go to. */
  readonly isActive: boolean;
}

/** A kind of pane: what one remembers and how it is drawn. `panes/pane-kinds.ts` lists all of them. */
export interface PaneKind extends PaneStateKind {
  render(shown: ShownPane): TemplateResult;
}
