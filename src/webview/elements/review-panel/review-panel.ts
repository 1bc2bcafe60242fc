import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { EditorAction } from '../../actions/editor-action.ts';
import type { Editor } from '../../editor/editor.ts';
import { shownSlice } from '../../looking/view-state.ts';
import { countStatuses, SLICE_STATUS_TEXT, SLICE_STATUSES, sliceText } from '../../reviewing/review-summary.ts';
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

/** Where the review of this case stands, and what can be decided about the slice that is shown. */
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
    const plane = open.planes[open.snapshot.reviewPlane];
    const slice = shownSlice(open.view, plane);
    const { statuses, waiting, proposedWithLabels: withLabels, uncertainty, range } = editor;
    const counts = countStatuses(statuses);
    const status = statuses[slice];
    const readOnly = open.snapshot.readOnlyReason !== null;
    const proposal = open.snapshot.proposal;
    const waitingCount = waiting.filter((waits) => waits).length;
    const emptyCount = waiting.filter((waits, each) => waits && !withLabels[each]).length;
    const decided = range ?? { from: slice, to: slice };
    const slices = decided.to - decided.from + 1;
    const onSlices = slices > 1 ? `these ${slices} slices` : 'this slice';
    const isAccepted = statuses.slice(decided.from, decided.to + 1).every((each) => each === 'accepted');
    const isWaiting = waiting.slice(decided.from, decided.to + 1).includes(true);
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
          ${this.#guidance(waitingCount, emptyCount, proposal?.modelName)}
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
          <div class="actions">
            ${
              isAccepted
                ? this.#button(
                    'Take Back',
                    'U',
                    `What is accepted on ${onSlices} is not finished after all`,
                    readOnly,
                    {
                      kind: 'review',
                      action: 'unaccept-slice',
                    },
                  )
                : this.#button(
                    slices > 1 ? `Accept ${slices} Slices` : 'Accept',
                    'A',
                    isWaiting
                      ? `Take the proposal over: ${onSlices} ${slices > 1 ? 'are' : 'is'} right as shown`
                      : 'The slice is right as it stands, empty or not',
                    readOnly,
                    { kind: 'review', action: 'accept-slice' },
                    editor.unusable === undefined,
                  )
            }
            ${this.#button('Reject', 'R', `Drop what waits of the proposal on ${onSlices}`, readOnly || !isWaiting, {
              kind: 'review',
              action: 'reject-slice',
            })}
            ${this.#button('Next', 'N', 'Go to the least certain slice that waits', false, { kind: 'next-to-review' })}
            ${this.#button(range ? 'Drop Range' : 'Range', '⇧S', range ? 'Decide about one slice again' : 'Decide about several slices at once: mark from here, then move on', readOnly, { kind: 'mark-range' })}
            ${this.#button(
              'Accept All',
              '⇧A',
              'Accept every slice as it stands; asks first where nobody has looked at some',
              readOnly,
              {
                kind: 'review',
                action: 'accept-all',
              },
            )}
            ${
              proposal
                ? html`
                    ${this.#button(
                      'Accept Component',
                      'G',
                      'Take over the proposed structure under the crosshair; its slices still wait for your acceptance',
                      readOnly || waitingCount === 0,
                      { kind: 'review', action: 'accept-component' },
                    )}
                    ${this.#button(
                      'Reject Component',
                      'Z',
                      'Remove the structure under the crosshair from the proposal',
                      readOnly || waitingCount === 0,
                      { kind: 'review', action: 'reject-component' },
                    )}
                    ${this.#button(
                      'Accept Label',
                      '⇧G',
                      `Take over everything that is proposed as ${editor.labelTable[open.view.activeLabel]?.name ?? 'the active label'}`,
                      readOnly || waitingCount === 0,
                      { kind: 'review', action: 'accept-label' },
                    )}
                  `
                : nothing
            }
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
                    ${statusCell(each, LEGEND_CELL)}
                    ${each === 'proposed' ? [HATCH_PATTERN, waitingCell(LEGEND_CELL)] : nothing}
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

  #guidance(proposed: number, empty: number, modelName: string | undefined): TemplateResult | typeof nothing {
    if (proposed > 0 && modelName) {
      const ofThem = empty === 0 ? '' : `, ${empty} of them proposed as empty`;
      return html`<p>Proposal of ${modelName}: ${proposed} ${proposed === 1 ? 'slice waits' : 'slices wait'}${ofThem}.</p>`;
    }
    if (this.editor?.status?.heldOut) {
      return html`<p class="quiet">Draw by hand: what you accept here judges models and never trains them.</p>`;
    }
    const noModel = this.editor?.status?.noModel;
    return noModel ? html`<p class="quiet">${noModel}</p>` : nothing;
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

function capitalized(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
