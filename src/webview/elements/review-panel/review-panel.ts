import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { EditorAction } from '../../actions/editor-action.ts';
import type { Editor } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { shownSlice } from '../../looking/view-state.ts';
import {
  countStatuses,
  SLICE_STATUS_TEXT,
  SLICE_STATUSES,
  type SliceStatus,
  sliceText,
} from '../../reviewing/review-summary.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { ICONS } from '../../shared/icons.ts';
import { panelStyles } from '../../shared/panel-styles.ts';
import { PLANE_TITLES } from '../../shared/plane-titles.ts';
import { HATCH_PATTERN, statusCell, statusStyles, waitingCell } from '../../shared/status-styles.ts';

const LEGEND_CELL = { x: 0, width: 10, bottom: 12, height: 12 };

const HELD_OUT_WHY =
  'Held out to judge models: what you accept here measures them and never trains them. Draw it by hand from the image, for ' +
  'labels that start from a proposal lean towards the model that made it.';

/** Shows how far the review of this case is, and what can be decided about the slice that is shown. */
@customElement('voxel-loop-review-panel')
export class ReviewPanel extends LitElement {
  static override styles = [
    controlStyles,
    panelStyles,
    statusStyles,
    css`
      p {
        margin: 0 0 8px;
        line-height: 1.4;
      }
      .current {
        display: flex;
        align-items: center;
        gap: 6px;
        margin-bottom: 8px;
      }
      /* The buttons below must not move when the state takes a longer word: the words give way instead. */
      .current > span {
        flex: 0 1 auto;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .current > strong {
        flex: none;
        margin-left: auto;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-bottom: 8px;
      }
      /* There are two in a row; a long name in a large font takes a row for itself instead of leaving the panel. */
      .actions > * {
        flex: 1 1 40%;
        min-width: max-content;
      }
      .actions > .wide {
        flex-basis: 100%;
      }
      ul {
        list-style: none;
        margin: 10px 0 0;
        padding: 0;
        display: grid;
        gap: 3px;
      }
      li {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .number {
        margin-left: auto;
        font-variant-numeric: tabular-nums;
      }
      .cell {
        flex: none;
        width: 10px;
        height: 12px;
        overflow: visible;
      }
      .marked {
        padding-left: 6px;
        border-left: 2px solid var(--vscode-focusBorder, var(--vscode-foreground));
      }
      .badge {
        padding: 1px 7px;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 9px;
        background: var(--vscode-badge-background);
        color: var(--vscode-badge-foreground);
        font-size: 11px;
        cursor: help;
      }
      .quiet {
        color: var(--vscode-descriptionForeground);
      }
      kbd {
        margin-left: 4px;
        padding: 0 4px;
        border: 1px solid currentColor;
        border-radius: 3px;
        font: inherit;
        font-size: 11px;
        line-height: 14px;
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'status']);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { editor } = this;
    const open = editor?.open;
    if (!editor || !open) return nothing;
    return html`
      <section aria-labelledby="title">
        <header>
          <h2 id="title">Review</h2>
          ${
            editor.status?.heldOut
              ? html`<span class="badge" tabindex="0" title=${HELD_OUT_WHY} aria-label="Held out. ${HELD_OUT_WHY}">Held out</span>`
              : nothing
          }
        </header>
        <div class="body">
          ${this.#guidance(editor, open)} ${this.#current(editor, open)}
          <div class="actions">${this.#sliceActions(editor, open)} ${this.#proposalActions(editor, open)}</div>
          <vscode-checkbox
            label="Go on after accepting"
            ?checked=${open.view.advanceAfterAccept}
            @change=${(event: Event) =>
              editor.dispatch({ kind: 'set-advance-after-accept', on: (event.target as VscodeCheckbox).checked })}
          ></vscode-checkbox>
          ${legend(editor.statuses)}
        </div>
      </section>
    `;
  }

  /** The slice that is shown, what it is, and the range that is marked around it. */
  #current(editor: Editor, open: OpenEditor): TemplateResult {
    const plane = open.planes[open.snapshot.reviewPlane];
    const slice = shownSlice(open.view, plane);
    const { waiting, proposedWithLabels: withLabels, uncertainty, range } = editor;
    const status = editor.statuses[slice];
    return html`
      <div class="current">
        <span>${PLANE_TITLES[plane.name]} slice ${slice + 1}/${plane.sliceCount}</span>
        <strong>${SLICE_STATUS_TEXT[status]}</strong>
        <button
          class="icon-button"
          type="button"
          title="Show History Of This Slice"
          aria-label="Show history of this slice"
          @click=${() => editor.dispatch({ kind: 'show-slice-history' })}
        >
          ${ICONS.history}
        </button>
      </div>
      ${
        uncertainty
          ? html`<p class="quiet details">${capitalized(sliceText(status, waiting[slice], withLabels[slice], uncertainty[slice]))}</p>`
          : nothing
      }
      ${
        range
          ? html`<p class="marked">
              Range: slices ${range.from + 1} to ${range.to + 1}. Move on to extend it, Esc drops it.
            </p>`
          : nothing
      }
    `;
  }

  /** Draws the buttons that decide about the slice that is shown, or about the marked range. */
  #sliceActions(editor: Editor, open: OpenEditor): TemplateResult {
    const { statuses, waiting, range } = editor;
    const slice = shownSlice(open.view, open.planes[open.snapshot.reviewPlane]);
    const { from, to } = range ?? { from: slice, to: slice };
    const count = to - from + 1;
    const onSlices = count > 1 ? `these ${count} slices` : 'this slice';
    const isAccepted = statuses.slice(from, to + 1).every((each) => each === 'accepted');
    const isWaiting = waiting.slice(from, to + 1).includes(true);
    const readOnly = open.snapshot.readOnlyReason !== null;
    return html`
      ${
        isAccepted
          ? this.#button({
              text: 'Take Back',
              key: 'U',
              title: `What is accepted on ${onSlices} is not finished after all`,
              disabled: readOnly,
              action: { kind: 'review', action: 'unaccept-slice' },
            })
          : this.#button({
              text: count > 1 ? `Accept ${count} Slices` : 'Accept',
              key: 'A',
              title: isWaiting
                ? `Take the proposal over: ${onSlices} ${count > 1 ? 'are' : 'is'} right as shown`
                : 'The slice is right as it stands, empty or not',
              disabled: readOnly,
              action: { kind: 'review', action: 'accept-slice' },
              primary: editor.unusable === undefined,
            })
      }
      ${this.#button({
        text: 'Reject',
        key: 'R',
        title: `Drop what waits of the proposal on ${onSlices}`,
        disabled: readOnly || !isWaiting,
        action: { kind: 'review', action: 'reject-slice' },
      })}
      ${this.#button({
        text: 'Next',
        key: 'N',
        title: 'Go to the least certain slice that waits',
        disabled: false,
        action: { kind: 'next-to-review' },
      })}
      ${this.#button({
        text: range ? 'Drop Range' : 'Range',
        key: '⇧S',
        title: range
          ? 'Decide about one slice again'
          : 'Decide about several slices at once: mark from here, then move on',
        disabled: readOnly,
        action: { kind: 'mark-range' },
      })}
      ${this.#button({
        text: 'Accept All',
        key: '⇧A',
        title: 'Accept every slice as it stands; asks first where nobody has looked at some',
        disabled: readOnly,
        action: { kind: 'review', action: 'accept-all' },
      })}
    `;
  }

  /** Draws the buttons that decide about one structure or label of the proposal. */
  #proposalActions(editor: Editor, open: OpenEditor): TemplateResult | typeof nothing {
    if (!open.snapshot.proposal) return nothing;
    const disabled = open.snapshot.readOnlyReason !== null || !editor.waiting.includes(true);
    const activeLabel = editor.labelTable[open.view.activeLabel]?.name ?? 'the active label';
    return html`
      ${this.#button({
        text: 'Accept Component',
        key: 'G',
        title: 'Take over the proposed structure under the crosshair; its slices still wait for your acceptance',
        disabled,
        action: { kind: 'review', action: 'accept-component' },
      })}
      ${this.#button({
        text: 'Reject Component',
        key: 'Z',
        title: 'Remove the structure under the crosshair from the proposal',
        disabled,
        action: { kind: 'review', action: 'reject-component' },
      })}
      ${this.#button({
        text: 'Accept Label',
        key: '⇧G',
        title: `Take over everything that is proposed as ${activeLabel}`,
        disabled,
        action: { kind: 'review', action: 'accept-label' },
      })}
    `;
  }

  #guidance({ waiting, proposedWithLabels, status }: Editor, open: OpenEditor): TemplateResult | typeof nothing {
    const proposed = waiting.filter((waits) => waits).length;
    const modelName = open.snapshot.proposal?.modelName;
    if (proposed > 0 && modelName) {
      const empty = waiting.filter((waits, slice) => waits && !proposedWithLabels[slice]).length;
      const ofThem = empty === 0 ? '' : `, ${empty} of them proposed as empty`;
      return html`<p>Proposal of ${modelName}: ${proposed} ${proposed === 1 ? 'slice waits' : 'slices wait'}${ofThem}.</p>`;
    }
    if (status?.heldOut) {
      return html`<p class="quiet">Draw by hand: what you accept here judges models and never trains them.</p>`;
    }
    return status?.noModel ? html`<p class="quiet">${status.noModel}</p>` : nothing;
  }

  #button({ text, key, title, disabled, action, primary = false }: ActionButton): TemplateResult {
    return html`
      <vscode-button
        ?secondary=${!primary}
        ?disabled=${disabled}
        title="${title} (${key})"
        @click=${() => this.editor?.dispatch(action)}
        >${text}<kbd>${key}</kbd></vscode-button
      >
    `;
  }
}

interface ActionButton {
  readonly text: string;
  /** The key that does the same, as the user reads it. */
  readonly key: string;
  readonly title: string;
  readonly disabled: boolean;
  readonly action: EditorAction;
  readonly primary?: boolean;
}

/** Draws how many slices are in each state, with the sign that the slider has for it. */
function legend(statuses: readonly SliceStatus[]): TemplateResult {
  const counts = countStatuses(statuses);
  return html`
    <ul aria-label="Slices by state">
      ${SLICE_STATUSES.map(
        (each) => html`
          <li>
            <svg class="cell" viewBox="0 0 10 12" aria-hidden="true">
              ${statusCell(each, LEGEND_CELL)}
              ${each === 'proposed' ? [HATCH_PATTERN, waitingCell(LEGEND_CELL)] : nothing}
            </svg>
            ${SLICE_STATUS_TEXT[each]} <span class="number">${counts[each]}</span>
          </li>
        `,
      )}
    </ul>
  `;
}

function capitalized(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
