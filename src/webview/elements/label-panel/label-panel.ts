import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import type { Editor } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { ICONS } from '../../shared/icons.ts';
import { panelStyles } from '../../shared/panel-styles.ts';

/** Shows the labels of the case: which one is drawn with, their names and colours, and which are shown. */
@customElement('voxel-loop-label-panel')
export class LabelPanel extends LitElement {
  static override styles = [
    controlStyles,
    panelStyles,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        max-height: 320px;
        overflow-y: auto;
      }
      li {
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 1px 8px 1px 10px;
        border-left: 2px solid transparent;
        min-height: 26px;
      }
      li.active {
        background: var(--vscode-list-activeSelectionBackground);
        color: var(--vscode-list-activeSelectionForeground);
        border-left-color: var(--vscode-focusBorder);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      li .icon-button[aria-pressed] {
        background: none;
        border-color: transparent;
        color: inherit;
      }
      li:not(.active):hover {
        background: var(--vscode-list-hoverBackground);
      }
      .swatch {
        width: 20px;
        height: 20px;
        flex: none;
        padding: 0;
        border: 1px solid var(--vscode-contrastBorder, rgb(127 127 127 / 60%));
        border-radius: 3px;
        background: none;
        cursor: pointer;
      }
      .swatch::-webkit-color-swatch-wrapper {
        padding: 0;
      }
      .swatch::-webkit-color-swatch {
        border: none;
        border-radius: 2px;
      }
      .name {
        flex: 1;
        min-width: 0;
        padding: 2px 4px;
        border: none;
        background: none;
        text-align: left;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        cursor: pointer;
      }
      .rename {
        flex: 1;
        min-width: 0;
      }
      .key {
        color: inherit;
        opacity: 0.8;
        font-size: 11px;
        font-variant-numeric: tabular-nums;
      }
      form {
        display: flex;
        gap: 4px;
        padding: 4px 8px 8px 10px;
      }
      form input {
        flex: 1;
        min-width: 0;
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;
  /** The label whose name is being edited. */
  @state() private accessor renaming: number | undefined;
  @state() private accessor adding = false;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'status']);
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('renaming') && !changed.has('adding')) return;
    const input = this.renderRoot.querySelector<HTMLInputElement>('.rename, form input');
    input?.focus();
    input?.select();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { editor } = this;
    const open = editor?.open;
    if (!editor || !open) return nothing;
    const table = editor.labelTable;
    const readOnly = open.snapshot.readOnlyReason !== null;
    return html`
      <section aria-labelledby="title">
        <header>
          <h2 id="title">Labels</h2>
          <button
            class="icon-button"
            type="button"
            title="Add a label"
            aria-label="Add a label"
            ?disabled=${readOnly}
            @click=${() => {
              this.adding = true;
            }}
          >
            ${ICONS.plus}
          </button>
        </header>
        <ul aria-label="Labels">
          ${table.map((entry, label) => (label === 0 ? nothing : this.#row(open, label, entry, readOnly)))}
        </ul>
        ${
          this.adding
            ? html`
                <form @submit=${this.#add} @keydown=${this.#addKey}>
                  <input type="text" placeholder="Name" aria-label="Name of the new label" />
                  <button class="icon-button" type="submit" title="Add (Enter)" aria-label="Add">${ICONS.check}</button>
                </form>
              `
            : nothing
        }
      </section>
    `;
  }

  #row({ view }: OpenEditor, label: number, entry: LabelEntry, readOnly: boolean): TemplateResult {
    const active = view.activeLabel === label;
    const shown = view.labelsVisible && !view.hiddenLabels.includes(label);
    return html`
      <li class=${active ? 'active' : ''}>
        <input
          class="swatch"
          type="color"
          title="Colour of ${entry.name}"
          aria-label="Colour of ${entry.name}"
          ?disabled=${readOnly}
          .value=${entry.color}
          @change=${(event: Event) => this.#change(label, { ...entry, color: (event.target as HTMLInputElement).value })}
        />
        ${
          this.renaming === label
            ? html`<input
                class="rename"
                type="text"
                aria-label="New name of ${entry.name}"
                .value=${entry.name}
                @keydown=${(event: KeyboardEvent) => this.#renameKey(event, label, entry)}
                @blur=${(event: Event) => this.#rename(event, label, entry)}
              />`
            : html`<button
                class="name"
                type="button"
                aria-pressed=${active}
                title="${entry.name} (value ${entry.value} in files). Click to draw with it, double click or F2 to rename."
                @click=${() => this.editor?.dispatch({ kind: 'set-active-label', label })}
                @dblclick=${() => this.#startRenaming(label, readOnly)}
                @keydown=${(event: KeyboardEvent) => {
                  if (event.key === 'F2') this.#startRenaming(label, readOnly);
                }}
              >
                ${entry.name}
              </button>`
        }
        ${label <= 9 ? html`<span class="key" title="Key">${label}</span>` : nothing}
        <button
          class="icon-button"
          type="button"
          title=${shown ? `Hide ${entry.name}` : `Show ${entry.name}`}
          aria-label="Show ${entry.name}"
          aria-pressed=${shown}
          @click=${() => this.#toggle(label, view.labelsVisible)}
        >
          ${shown ? ICONS.eye : ICONS.eyeOff}
        </button>
      </li>
    `;
  }

  #toggle(label: number, allShown: boolean): void {
    // With everything hidden, showing one label means showing labels again.
    this.editor?.dispatch(allShown ? { kind: 'toggle-label', label } : { kind: 'toggle-labels' });
  }

  #startRenaming(label: number, readOnly: boolean): void {
    if (!readOnly) this.renaming = label;
  }

  #renameKey(event: KeyboardEvent, label: number, entry: LabelEntry): void {
    if (event.key === 'Enter') this.#rename(event, label, entry);
    else if (event.key === 'Escape') this.renaming = undefined;
    else return;
    event.stopPropagation();
  }

  #rename(event: Event, label: number, entry: LabelEntry): void {
    if (this.renaming !== label) return;
    this.renaming = undefined;
    const name = (event.target as HTMLInputElement).value.trim();
    if (name !== '' && name !== entry.name) this.#change(label, { ...entry, name });
  }

  #change(label: number, entry: LabelEntry): void {
    this.editor?.dispatch({ kind: 'edit-label', label, entry });
  }

  #add(event: SubmitEvent): void {
    event.preventDefault();
    const name = (event.target as HTMLFormElement).querySelector('input')?.value.trim() ?? '';
    if (name === '') return;
    this.adding = false;
    this.editor?.dispatch({ kind: 'add-label', name });
  }

  #addKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    this.adding = false;
    event.stopPropagation();
  }
}
