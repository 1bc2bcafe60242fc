import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { Editor } from '../../state/editor.ts';
import type { EditorAction } from '../../state/editor-action.ts';
import { countStatuses, SLICE_STATUS_TEXT, SLICE_STATUSES } from '../../state/review-summary.ts';
import { shownSlice } from '../../state/view-state.ts';
import { controlStyles } from '../shared/control-styles.ts';
import { EditorWatch } from '../shared/editor-watch.ts';
import { ICONS } from '../shared/icons.ts';
import { panelStyles } from '../shared/panel-styles.ts';
import { PLANE_TITLES } from '../shared/plane-titles.ts';

/** Where the review of this case stands, and what can be decided about the slice that is shown. */
@customElement('voxel-loop-review-panel')
export class ReviewPanel extends LitElement {
  static override styles = [
    controlStyles,
    panelStyles,
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
      .current > strong {
        margin-left: auto;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-bottom: 8px;
      }
      /* Two in a row; a long name in a large font takes a row for itself instead of leaving the panel. */
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
      .accepted {
        fill: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
      }
      .edited {
        fill: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
      .proposed {
        fill: var(--vscode-textLink-foreground, var(--vscode-charts-blue));
      }
      .unreviewed {
        fill: var(--vscode-foreground);
        opacity: 0.45;
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
    const plane = open.planes[open.snapshot.reviewPlane];
    const slice = shownSlice(open.view, plane);
    const statuses = editor.statuses;
    const counts = countStatuses(statuses);
    const status = statuses[slice];
    const readOnly = open.snapshot.readOnlyReason !== null;
    const proposal = open.snapshot.proposal;
    return html`
      <section aria-labelledby="title">
        <header><h2 id="title">Review</h2></header>
        <div class="body">
          ${this.#guidance(counts.proposed, proposal?.modelName)}
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
          <div class="actions">
            ${
              status === 'accepted'
                ? this.#button('Take Back', 'U', 'The slice is not finished after all', readOnly, {
                    kind: 'review',
                    action: 'unaccept-slice',
                  })
                : this.#button(
                    'Accept',
                    'A',
                    status === 'proposed'
                      ? 'Take the proposal over: the slice is right as it stands'
                      : 'The slice is right as it stands, empty or not',
                    readOnly,
                    { kind: 'review', action: 'accept-slice' },
                    true,
                  )
            }
            ${this.#button('Reject', 'R', 'Drop the proposal on this slice', readOnly || status !== 'proposed', {
              kind: 'review',
              action: 'reject-slice',
            })}
            ${this.#button('Next', 'N', 'Go to the next slice to review', false, { kind: 'next-to-review' })}
            ${this.#button('Accept All', '⇧A', 'Accept every slice as it stands', readOnly, {
              kind: 'review',
              action: 'accept-all',
            })}
          </div>
          <vscode-checkbox
            label="Go on after accepting"
            ?checked=${open.view.advanceAfterAccept}
            @change=${(event: Event) =>
              editor.dispatch({ kind: 'set-advance-after-accept', on: (event.target as VscodeCheckbox).checked })}
          ></vscode-checkbox>
          <ul aria-label="Slices by state">
            ${SLICE_STATUSES.map(
              (each) => html`
                <li>
                  <svg class="cell" viewBox="0 0 10 12" aria-hidden="true">
                    <rect class=${each} x="0" y=${12 - CELL_HEIGHT[each]} width="10" height=${CELL_HEIGHT[each]} />
                  </svg>
                  ${SLICE_STATUS_TEXT[each]} <span class="number">${counts[each]}</span>
                </li>
              `,
            )}
          </ul>
        </div>
      </section>
    `;
  }

  #guidance(proposed: number, modelName: string | undefined): TemplateResult | typeof nothing {
    if (proposed > 0 && modelName) {
      return html`<p>Proposal of ${modelName}: ${proposed} ${proposed === 1 ? 'slice waits' : 'slices wait'}.</p>`;
    }
    if (this.editor?.status?.modelName === null) {
      return html`<p class="quiet">No model yet. Label three cases, then Retrain.</p>`;
    }
    return nothing;
  }

  #button(
    text: string,
    key: string,
    title: string,
    disabled: boolean,
    action: EditorAction,
    primary = false,
  ): TemplateResult {
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

/** As in the strip (`SliceSlider`), scaled to the legend's cells. */
const CELL_HEIGHT = { accepted: 12, edited: 8.4, proposed: 4.8, unreviewed: 1.8 } as const;
