import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { KEY_HELP, POINTER_HELP } from '../../actions/keymap.ts';
import type { Editor } from '../../editor/editor.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { ICONS } from '../../shared/icons.ts';

/** Lists all keys and what the mouse does. It is made from the same table that the keys work by. */
@customElement('voxel-loop-help')
export class HelpDialog extends LitElement {
  static override styles = [
    controlStyles,
    css`
      dialog {
        width: min(860px, 92vw);
        max-height: 88vh;
        padding: 16px 20px 20px;
        border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        background: var(--vscode-editorWidget-background);
        color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
        box-sizing: border-box;
        box-shadow: 0 4px 24px var(--vscode-widget-shadow, rgb(0 0 0 / 40%));
        overflow: auto;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 40%);
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: center;
        margin-bottom: 8px;
      }
      h2 {
        margin: 0;
        font-size: 15px;
      }
      h3 {
        margin: 0 0 6px;
        font-size: 12px;
        text-transform: uppercase;
      }
      .columns {
        columns: 2 320px;
        column-gap: 32px;
      }
      section {
        break-inside: avoid;
        padding-bottom: 14px;
      }
      dl {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 4px 14px;
        margin: 0;
      }
      dt {
        font-family: var(--vscode-editor-font-family, monospace);
        font-size: 12px;
      }
      dd {
        margin: 0;
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;
  @query('dialog') private accessor dialog!: HTMLDialogElement | null;

  constructor() {
    super();
    new EditorWatch(this, ['status']);
  }

  protected override updated(_changed: PropertyValues): void {
    const wanted = this.editor?.helpOpen ?? false;
    if (wanted && !this.dialog?.open) this.dialog?.showModal();
    else if (!wanted && this.dialog?.open) this.dialog.close();
  }

  protected override render(): TemplateResult {
    return html`
      <dialog aria-labelledby="title" @close=${this.#closed}>
        <header>
          <h2 id="title">Keys and mouse</h2>
          <button
            class="icon-button"
            type="button"
            title="Close (Esc)"
            aria-label="Close"
            @click=${() => this.dialog?.close()}
          >
            ${ICONS.close}
          </button>
        </header>
        <div class="columns">
          ${KEY_HELP.map(
            ({ title, lines }) => html`
              <section>
                <h3>${title}</h3>
                <dl>${lines.map(({ keys, text }) => html`<dt>${keys}</dt><dd>${text}</dd>`)}</dl>
              </section>
            `,
          )}
          <section>
            <h3>Mouse</h3>
            <dl>${POINTER_HELP.map(({ keys, text }) => html`<dt>${keys}</dt><dd>${text}</dd>`)}</dl>
          </section>
        </div>
      </dialog>
    `;
  }

  /** The browser closes it on Escape by itself. */
  #closed(): void {
    if (this.editor?.helpOpen) this.editor.dispatch({ kind: 'toggle-help' });
  }
}
