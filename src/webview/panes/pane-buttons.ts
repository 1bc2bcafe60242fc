import { html, type TemplateResult } from 'lit';
import type { Editor } from '../editor/editor.ts';
import type { ViewState } from '../looking/view-state.ts';
import { ICONS } from '../shared/icons.ts';

/** Makes the buttons in the header of a pane that give it more room. @param title the pane's name for the user */
export function paneButtons(editor: Editor, { layout }: ViewState, paneId: string, title: string): TemplateResult {
  const isAlone = layout.maximized === paneId;
  const alone = isAlone ? 'Show all planes' : `Show ${title} alone`;
  return html`
    <button
      class="icon-button large"
      type="button"
      title="Make ${title} the large plane"
      aria-label="Make ${title} the large plane"
      ?hidden=${layout.main === paneId || isAlone}
      @click=${() => editor.dispatch({ kind: 'enlarge-pane', pane: paneId })}
    >
      ${ICONS.large}
    </button>
    <button
      class="icon-button"
      type="button"
      title="${alone} (M)"
      aria-label=${alone}
      @click=${() => editor.dispatch({ kind: 'toggle-maximized', pane: paneId })}
    >
      ${isAlone ? ICONS.restore : ICONS.maximize}
    </button>
  `;
}
