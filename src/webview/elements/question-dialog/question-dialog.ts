import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { VscodeButton } from '@vscode-elements/elements/dist/vscode-button/index.js';
import type { Editor } from '../../editor/editor.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';

/** Asks what the editor must know before it goes on. Escape, and closing in any other way, cancels. */
@customElement('voxel-loop-question')
export class QuestionDialog extends LitElement {
  static override styles = [
    controlStyles,
    css`
      dialog {
        width: min(520px, 92vw);
        padding: 16px 20px 18px;
        border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        background: var(--vscode-editorWidget-background);
        color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
        box-shadow: 0 4px 24px var(--vscode-widget-shadow, rgb(0 0 0 / 40%));
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 40%);
      }
      h2 {
        margin: 0 0 10px;
        font-size: 15px;
      }
      p {
        margin: 0 0 8px;
        line-height: 1.45;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 8px;
        margin-top: 16px;
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
    const wanted = this.editor?.question !== undefined;
    if (wanted && !this.dialog?.open) {
      this.dialog?.showModal();
      // A button can have the focus only when it has drawn itself.
      const button = this.renderRoot.querySelector<VscodeButton>('.default');
      void button?.updateComplete.then(() => button.focus());
    } else if (!wanted && this.dialog?.open) this.dialog.close();
  }

  protected override render(): TemplateResult {
    const question = this.editor?.question;
    const choices = question?.choices ?? [];
    const hasDefault = choices.some(({ isDefault }) => isDefault);
    return html`
      <dialog role="alertdialog" aria-labelledby="title" aria-describedby="lines" @close=${() => this.#answer(undefined)}>
        ${
          question
            ? html`
                <h2 id="title">${question.title}</h2>
                <div id="lines">${question.lines.map((line) => html`<p>${line}</p>`)}</div>
                <div class="choices">
                  ${choices.map(
                    ({ id, text, isDefault }) => html`
                      <vscode-button
                        class=${isDefault ? 'default' : ''}
                        ?secondary=${!isDefault}
                        @click=${() => this.#answer(id)}
                        >${text}</vscode-button
                      >
                    `,
                  )}
                  <vscode-button
                    class=${hasDefault ? '' : 'default'}
                    ?secondary=${hasDefault}
                    @click=${() => this.#answer(undefined)}
                    >Cancel</vscode-button
                  >
                </div>
              `
            : nothing
        }
      </dialog>
    `;
  }

  #answer(choice: string | undefined): void {
    this.editor?.answer(choice);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-question': QuestionDialog;
  }
}
