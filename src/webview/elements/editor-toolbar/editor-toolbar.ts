import { css, html, LitElement, nothing, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { toolOf } from '../../../core/tools/known-tools.ts';
import { radius } from '../../../core/tools/radius.ts';
import { TOOLS } from '../../../core/tools/registry.ts';
import type { Tool } from '../../../core/tools/tool.ts';
import { type ChoiceSetting, settingValue, type ToolSetting } from '../../../core/tools/tool-setting.ts';
import type { EditorAction } from '../../actions/editor-action.ts';
import { keyText } from '../../actions/keymap.ts';
import type { Editor } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { brushRadiusMm, NAVIGATE, type ViewState } from '../../looking/view-state.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { ICONS, toolIcon } from '../../shared/icons.ts';

/** The user has one of these in hand: nothing, which navigates, or an annotation tool. */
const IN_HAND: readonly {
  readonly id: string;
  readonly title: string;
  readonly key: string;
  readonly icon: SVGTemplateResult;
}[] = [
  { id: NAVIGATE, title: 'Navigate', key: 'V', icon: ICONS.navigate },
  ...TOOLS.map(({ id, title, key, icon }: Tool) => ({ id, title, key: keyText(key), icon: toolIcon(icon) })),
];

const IS_MAC = /Mac/.test(navigator.platform);
const COMMAND_KEY = IS_MAC ? '⌘' : 'Ctrl+';

/** Brush sizes span two orders of magnitude, so the slider is logarithmic: 0 to 100 is 0.2 to 50 mm of radius. */
const SLIDER_MIN_MM = 0.2;
const SLIDER_RATIO = 250;

/** The toolbar with tools, brush, display options, and the model's two buttons. */
@customElement('voxel-loop-toolbar')
export class EditorToolbar extends LitElement {
  static override styles = [
    controlStyles,
    css`
      :host {
        display: block;
        container-type: inline-size;
        background: var(--vscode-editorGroupHeader-tabsBackground, var(--vscode-sideBar-background));
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        padding: 4px 8px;
      }
      .group {
        display: flex;
        align-items: center;
        gap: 3px;
      }
      .brush {
        gap: 8px;
      }
      .tool {
        padding: 0 8px 0 6px;
      }
      .size {
        width: 80px;
      }
      .number {
        width: 56px;
      }
      .opacity {
        width: 64px;
      }
      label {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        white-space: nowrap;
      }
      .spacer {
        flex: 1;
      }
      .model {
        color: var(--vscode-descriptionForeground);
        white-space: nowrap;
        padding-right: 4px;
      }
      /* Beside a side bar there is not room for every word. */
      @container (max-width: 1390px) {
        .size {
          width: 60px;
        }
        .opacity {
          width: 52px;
        }
        .word {
          display: none;
        }
        .tool {
          padding: 0 4px;
        }
        .bar {
          gap: 4px 8px;
        }
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'status', 'document']);
  }

  protected override render(): TemplateResult | typeof nothing {
    const open = this.editor?.open;
    if (!open) return nothing;
    return html`
      <div class="bar" role="toolbar" aria-label="Tools and display">
        ${this.#tools(open)} ${this.#brush(open)} ${this.#history()} ${this.#display(open)}
        <span class="spacer"></span>
        ${this.#model()}
      </div>
    `;
  }

  #tools({ view }: OpenEditor): TemplateResult {
    return html`
      <div class="group" role="radiogroup" aria-label="Tool">
        ${IN_HAND.map(
          ({ id, title, key, icon }) => html`
            <button
              class="icon-button tool"
              type="button"
              role="radio"
              aria-checked=${view.tool === id}
              title="${title} (${key})"
              aria-label=${title}
              @click=${() => this.#dispatch({ kind: 'set-tool', tool: id })}
            >
              ${icon} <span class="word">${title}</span>
            </button>
          `,
        )}
      </div>
    `;
  }

  #brush({ view }: OpenEditor): TemplateResult {
    return html`
      <div class="group brush" role="group" aria-label="Brush">
        ${this.#settings(view)}
        <label title="What the brush may draw over">
          <span class="word">Draw</span>
          <select aria-label="What the brush may draw over" @change=${(event: Event) => this.#drawOver(event)}>
            <option value="everything" ?selected=${view.drawOver === 'everything'}>over everything</option>
            <option value="background" ?selected=${view.drawOver === 'background'}>over unlabelled</option>
          </select>
        </label>
      </div>
    `;
  }

  /** Draws the settings of the tool in hand; without a tool, it is the size that brushes will have. */
  #settings(view: ViewState): readonly TemplateResult[] {
    const settings: readonly ToolSetting[] = view.tool === NAVIGATE ? [radius] : toolOf(view.tool).settings;
    return settings.map((setting) => (setting.kind === 'choice' ? this.#choice(setting, view) : this.#size(view)));
  }

  #choice(setting: ChoiceSetting, view: ViewState): TemplateResult {
    const chosen = settingValue(setting, view.toolSettings);
    const choose = (event: Event) => {
      const { value } = event.target as HTMLSelectElement;
      this.#dispatch({ kind: 'set-tool-choice', setting: setting.name, value });
    };
    return html`
      <label title=${setting.help}>
        <span class="word">${setting.title}</span>
        <select aria-label=${setting.title} @change=${choose}>
          ${setting.options.map(
            ({ value, title }) => html`<option value=${value} ?selected=${value === chosen}>${title}</option>`,
          )}
        </select>
      </label>
    `;
  }

  #size(view: ViewState): TemplateResult {
    const radiusMm = brushRadiusMm(view);
    const diameter = Number((2 * radiusMm).toFixed(1));
    return html`
        <label title="Diameter of the brush ([ and ], Shift+Wheel)">
          <span class="word">Size</span>
          <input
            class="size"
            type="range"
            min="0"
            max="100"
            step="0.5"
            aria-label="Brush diameter"
            aria-valuetext="${diameter} millimetres"
            .value=${String((100 * Math.log(radiusMm / SLIDER_MIN_MM)) / Math.log(SLIDER_RATIO))}
            @input=${(event: Event) => this.#sizeBySlider(event)}
          />
        </label>
        <label>
          <input
            class="number"
            type="number"
            min="0.2"
            max="200"
            step="0.1"
            aria-label="Brush diameter in millimetres"
            .value=${String(diameter)}
            @change=${(event: Event) => this.#sizeByNumber(event)}
          />
          mm
        </label>
    `;
  }

  #history(): TemplateResult {
    return html`
      <div class="group" role="group" aria-label="History">
        ${this.#button('Undo', `${COMMAND_KEY}Z`, ICONS.undo, { kind: 'host-command', command: 'undo' })}
        ${this.#button('Redo', IS_MAC ? '⇧⌘Z' : 'Ctrl+Y', ICONS.redo, { kind: 'host-command', command: 'redo' })}
      </div>
    `;
  }

  #display({ view }: OpenEditor): TemplateResult {
    const smooth = view.interpolation === 'linear';
    return html`
      <div class="group" role="group" aria-label="Display">
        ${this.#toggle('Show labels', 'L', view.labelsVisible ? ICONS.eye : ICONS.eyeOff, view.labelsVisible, {
          kind: 'toggle-labels',
        })}
        <label title="Opacity of the labels' fill">
          <input
            class="opacity"
            type="range"
            min="0"
            max="100"
            aria-label="Label opacity"
            aria-valuetext="${Math.round(view.labelOpacity * 100)} percent"
            .value=${String(Math.round(view.labelOpacity * 100))}
            @input=${(event: Event) =>
              this.#dispatch({
                kind: 'set-label-opacity',
                opacity: Number((event.target as HTMLInputElement).value) / 100,
              })}
          />
        </label>
        ${this.#toggle('Show crosshair', 'C', ICONS.crosshair, view.crosshairVisible, { kind: 'toggle-crosshair' })}
        ${this.#toggle('Smooth the image between voxels', 'I', smooth ? ICONS.smooth : ICONS.sharp, smooth, {
          kind: 'toggle-interpolation',
        })}
        ${this.#toggle('Zoom all planes together', undefined, ICONS.link, view.linkZoom, { kind: 'toggle-link-zoom' })}
        ${this.#button('Fit planes to their panes', 'F', ICONS.fit, { kind: 'fit' })}
        ${this.#button('Reset window level and width', 'W', ICONS.window, { kind: 'reset-window' })}
        ${this.#toggle('Keys and mouse', '?', ICONS.help, this.editor?.helpOpen ?? false, { kind: 'toggle-help' })}
      </div>
    `;
  }

  #model(): TemplateResult {
    const status = this.editor?.status;
    const readOnly = this.editor?.open?.snapshot.readOnlyReason !== null;
    return html`
      <div class="group" role="group" aria-label="Model">
        ${
          status?.modelName
            ? html`<span class="model" title=${status.engineName ? `Last run on ${status.engineName}` : ''}>
                ${status.modelName}
              </span>`
            : nothing
        }
        <vscode-button
          ?secondary=${status?.heldOut ?? false}
          title=${
            status?.heldOut
              ? 'This case is held out to judge models. Labels that start from a proposal lean towards the model, so you are asked first.'
              : 'Let the model propose labels for this volume'
          }
          ?disabled=${readOnly || status?.modelName === null}
          @click=${() => this.#dispatch({ kind: 'host-command', command: 'predict' })}
          >Predict</vscode-button
        >
        <vscode-button
          secondary
          title="Train a new model version on all accepted slices"
          @click=${() => this.#dispatch({ kind: 'host-command', command: 'retrain' })}
          >Retrain</vscode-button
        >
      </div>
    `;
  }

  #button(title: string, key: string, icon: SVGTemplateResult, action: EditorAction): TemplateResult {
    return html`
      <button
        class="icon-button"
        type="button"
        title="${title} (${key})"
        aria-label=${title}
        @click=${() => this.#dispatch(action)}
      >
        ${icon}
      </button>
    `;
  }

  #toggle(
    title: string,
    key: string | undefined,
    icon: SVGTemplateResult,
    pressed: boolean,
    action: EditorAction,
  ): TemplateResult {
    return html`
      <button
        class="icon-button"
        type="button"
        title=${key ? `${title} (${key})` : title}
        aria-label=${title}
        aria-pressed=${pressed}
        @click=${() => this.#dispatch(action)}
      >
        ${icon}
      </button>
    `;
  }

  #sizeBySlider(event: Event): void {
    const position = Number((event.target as HTMLInputElement).value) / 100;
    const radius = SLIDER_MIN_MM * SLIDER_RATIO ** position;
    // The radius has two digits, so that the number beside the slider stays readable.
    this.#dispatch({ kind: 'set-brush-radius', radiusMm: Math.max(Number(radius.toPrecision(2)), 0.1) });
  }

  #sizeByNumber(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (input.valueAsNumber > 0) this.#dispatch({ kind: 'set-brush-radius', radiusMm: input.valueAsNumber / 2 });
    // The field then shows the radius as it is: limited, or as before.
    this.requestUpdate();
    const view = this.editor?.open?.view;
    const radiusMm = view ? brushRadiusMm(view) : 0;
    input.value = String(Number((2 * radiusMm).toFixed(1)));
  }

  #drawOver(event: Event): void {
    const chosen = (event.target as HTMLSelectElement).value;
    this.#dispatch({ kind: 'set-draw-over', drawOver: chosen === 'background' ? 'background' : 'everything' });
  }

  #dispatch(action: EditorAction): void {
    this.editor?.dispatch(action);
  }
}
