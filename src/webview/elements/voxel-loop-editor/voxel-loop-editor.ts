import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { Editor } from '../../editor/editor.ts';
import type { Notice, OpenEditor } from '../../looking/open-editor.ts';
import type { PaneKind } from '../../panes/pane-kind.ts';
import { paneLayoutStyles, renderPanes } from '../../panes/pane-layout.ts';
import { PaneGestures } from '../../panes/slice/pane-gestures.ts';
import { HOST_IS_SILENT } from '../../session/session-words.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { ICONS } from '../../shared/icons.ts';
import { EditorKeys } from './editor-keys.ts';
import { editorStyles } from './voxel-loop-editor-styles.ts';
import '../editor-toolbar/editor-toolbar.ts';
import '../help-dialog/help-dialog.ts';
import '../label-panel/label-panel.ts';
import '../question-dialog/question-dialog.ts';
import '../review-panel/review-panel.ts';
import '../second-review-panel/second-review-panel.ts';
import '../value-readout/value-readout.ts';

const INFO_NOTICE_MS = 7000;

/** The whole annotation editor: toolbar, planes, side panel, readout. */
@customElement('voxel-loop-editor')
export class VoxelLoopEditor extends LitElement {
  static override styles = [controlStyles, editorStyles, paneLayoutStyles];

  @property({ attribute: false }) accessor editor: Editor | undefined;
  @property({ attribute: false }) accessor paneKinds: readonly PaneKind[] = [];

  readonly #keys = new EditorKeys(
    () => this.editor,
    (held) => {
      PaneGestures.spaceHeld = held;
      for (const pane of this.renderRoot.querySelectorAll('voxel-loop-slice-pane')) pane.requestUpdate();
    },
  );
  #disconnectKeys: (() => void) | undefined;
  #timedNotice: Notice | undefined;
  #noticeTimer: number | undefined;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'status']);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#disconnectKeys = this.#keys.connect();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnectKeys?.();
    window.clearTimeout(this.#noticeTimer);
  }

  protected override updated(): void {
    const { editor } = this;
    if (!editor || editor.notice === this.#timedNotice) return;
    this.#timedNotice = editor.notice;
    window.clearTimeout(this.#noticeTimer);
    // A piece of information goes by itself; an error stays until it was read.
    if (editor.notice?.severity === 'info') {
      this.#noticeTimer = window.setTimeout(() => editor.dismissNotice(), INFO_NOTICE_MS);
    }
  }

  protected override render(): TemplateResult {
    const { editor } = this;
    const open = editor?.open;
    if (!editor || !open) return this.#beforeOpen();
    return html`
      <header>
        <h1 class="visually-hidden">${open.snapshot.volume.name}</h1>
        <voxel-loop-toolbar .editor=${editor}></voxel-loop-toolbar>
      </header>
      <div class="banners">
        ${
          open.snapshot.readOnlyReason
            ? html`<div class="read-only" role="note">
                <span>${open.snapshot.readOnlyReason}</span>
                ${
                  open.snapshot.awaitsDecision
                    ? html`<vscode-button secondary @click=${() => editor.dispatch({ kind: 'decide' })}>Choose…</vscode-button>`
                    : nothing
                }
              </div>`
            : nothing
        }
        ${this.#unusable(editor)}
      </div>
      <main>
        <div class="notices">${this.#notices(editor)}</div>
        ${renderPanes(editor, open.view, this.paneKinds)}
        <aside aria-label="Labels and review">
          ${this.#time(open)}
          <voxel-loop-label-panel .editor=${editor}></voxel-loop-label-panel>
          <voxel-loop-review-panel .editor=${editor}></voxel-loop-review-panel>
          <voxel-loop-second-review-panel .editor=${editor}></voxel-loop-second-review-panel>
          ${this.#warnings(editor, open)}
        </aside>
      </main>
      <footer><voxel-loop-value-readout .editor=${editor}></voxel-loop-value-readout></footer>
      <voxel-loop-help .editor=${editor}></voxel-loop-help>
      <voxel-loop-question .editor=${editor}></voxel-loop-question>
      <div class="visually-hidden" role="status" aria-live="polite">${editor.announcement}</div>
    `;
  }

  #beforeOpen(): TemplateResult {
    const phase = this.editor?.phase;
    if (phase?.kind === 'failed') {
      return html`<div class="message" role="alert">
        <h1>This volume cannot be shown</h1>
        ${phase.message}
      </div>`;
    }
    const fraction = this.editor?.loadFraction;
    return html`
      <div class="message" role="status">
        <h1>Opening…</h1>
        ${fraction === undefined ? nothing : html`${Math.round(fraction * 100)} %`}
        ${this.editor?.hostSilence ? html`<p role="alert">${HOST_IS_SILENT} ${WHAT_TO_DO}</p>` : nothing}
      </div>
    `;
  }

  #notices(editor: Editor): TemplateResult {
    const { loadFraction, hostSilence } = editor;
    // This says more than any other sentence, which waits until it is gone.
    const notice = hostSilence ? undefined : editor.notice;
    return html`
      ${
        loadFraction === undefined
          ? nothing
          : html`<vscode-progress-bar
              aria-label="Loading the volume"
              .value=${loadFraction * 100}
              max="100"
            ></vscode-progress-bar>`
      }
      ${this.#work(editor)}
      ${
        hostSilence
          ? html`<div class="notice error host-silence" role="alert">
              <span>${HOST_IS_SILENT} ${keptStrokes(hostSilence.unsentStrokes)} ${WHAT_TO_DO}</span>
            </div>`
          : nothing
      }
      <div role=${notice?.severity === 'error' ? 'alert' : 'status'}>
        ${
          notice
            ? html`<div class="notice ${notice.severity}">
                <span>${notice.text}</span>
                <button
                  class="icon-button"
                  type="button"
                  title="Dismiss (Esc)"
                  aria-label="Dismiss"
                  @click=${() => editor.dismissNotice()}
                >
                  ${ICONS.close}
                </button>
              </div>`
            : nothing
        }
      </div>
    `;
  }

  /** Work that is done at once shows nothing: the style lets it appear late. */
  #work({ work }: Editor): TemplateResult | typeof nothing {
    if (!work) return nothing;
    return html`<div class="notice info work">
      <span>${work.tool.title}: looking at the image…</span>
      <vscode-progress-bar aria-label="Looking at the image" .value=${work.fraction * 100} max="100"></vscode-progress-bar>
      <button class="icon-button" type="button" title="Stop (Esc)" aria-label="Stop" @click=${() => this.editor?.stopWork()}>
        ${ICONS.close}
      </button>
    </div>`;
  }

  #time({ snapshot, view }: OpenEditor): TemplateResult | typeof nothing {
    const { timePoints } = snapshot.volume;
    if (timePoints < 2) return nothing;
    return html`
      <label class="time">
        Time point
        <input
          type="range"
          min="0"
          max=${timePoints - 1}
          .value=${String(view.timeIndex)}
          aria-valuetext="${view.timeIndex + 1} of ${timePoints}"
          @input=${(event: Event) =>
            this.editor?.dispatch({
              kind: 'set-time',
              timeIndex: Number((event.target as HTMLInputElement).value),
            })}
        />
        <output>${view.timeIndex + 1}/${timePoints}</output>
      </label>
    `;
  }

  /** Shows above the image that what is seen there means nothing. */
  #unusable(editor: Editor): TemplateResult | typeof nothing {
    return editor.unusable ? html`<div class="unusable" role="note">${editor.unusable}</div>` : nothing;
  }

  #warnings(editor: Editor, { snapshot }: OpenEditor): TemplateResult | typeof nothing {
    const ofValues = editor.window.findings.filter(({ isUnusable }) => !isUnusable);
    const warnings = [...snapshot.volume.warnings, ...ofValues.map(({ sentence }) => sentence)];
    if (warnings.length === 0) return nothing;
    return html`<ul class="warnings" aria-label="About this file">
      ${warnings.map((warning) => html`<li>${warning}</li>`)}
    </ul>`;
  }
}

const WHAT_TO_DO =
  'The editor goes on by itself when it is back; if that takes longer than a minute, run “Developer: Reload Window”.';

/** Says what becomes of strokes that the host has not acknowledged. */
function keptStrokes(count: number): string {
  if (count === 0) return 'Everything that you drew is kept.';
  return `Everything that you drew is kept, also the last ${count === 1 ? 'stroke' : `${count} strokes`}.`;
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-editor': VoxelLoopEditor;
  }
}
