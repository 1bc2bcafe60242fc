import { html } from 'lit';
import * as v from 'valibot';
import { paneButtons } from '../../../src/webview/panes/pane-buttons.ts';
import type { PaneKind } from '../../../src/webview/panes/pane-kind.ts';
import { PANE_KINDS } from '../../../src/webview/panes/pane-kinds.ts';
import { startPage } from '../../../src/webview/start-page.ts';

/* The page with one kind of pane more in its list: a dial that remembers how far it was turned. */

const dial = v.strictObject({ degrees: v.number() });

const DIAL: PaneKind = {
  id: 'dial',
  schema: dial,
  first: () => [{ id: 'dial', state: { degrees: 0 } }],
  render: ({ editor, pane, isActive }) => {
    const { degrees } = pane.state as v.InferOutput<typeof dial>;
    const turn = () => {
      editor.dispatch({ kind: 'activate-pane', pane: pane.id });
      editor.dispatch({ kind: 'set-pane-state', pane: pane.id, state: { degrees: degrees + 90 } });
    };
    return html`<section class="dial ${isActive ? 'active' : ''}" aria-label="Dial">
      ${editor.open ? paneButtons(editor, editor.open.view, pane.id, 'Dial') : ''}
      <button class="turn" @click=${turn}>${degrees} degrees</button>
    </section>`;
  },
};

startPage([...PANE_KINDS, DIAL]);
