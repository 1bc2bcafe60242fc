import { css, html, nothing, type TemplateResult } from 'lit';
import type { Editor } from '../editor/editor.ts';
import { shownPanes } from '../looking/pane-layout.ts';
import type { PaneState } from '../looking/pane-state.ts';
import type { ViewState } from '../looking/view-state.ts';
import type { PaneKind } from './pane-kind.ts';

/** Draws all panes that are on the screen: the main one, and the others in a column beside it. */
export function renderPanes(editor: Editor, view: ViewState, kinds: readonly PaneKind[]): TemplateResult {
  const shown = shownPanes(view);
  const [main, ...column] = shown;
  const render = (pane: PaneState) => {
    const kind = kinds.find(({ id }) => id === pane.kind);
    return kind?.render({ editor, pane, isActive: view.activePane === pane.id && shown.length > 1 });
  };
  return html`
    <div class="panes">
      ${render(main)} ${column.length === 0 ? nothing : html`<div class="column">${column.map(render)}</div>`}
    </div>
  `;
}

export const paneLayoutStyles = css`
  .panes {
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    gap: 2px;
    min-height: 0;
    min-width: 0;
    background: var(--vscode-editorGroup-border, var(--vscode-contrastBorder, #444));
  }
  .panes:has(.column) {
    grid-template-columns: minmax(0, 2fr) minmax(0, 1fr);
  }
  .panes .column {
    display: grid;
    grid-auto-rows: minmax(0, 1fr);
    gap: 2px;
    min-height: 0;
    min-width: 0;
  }
`;
