import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { LabelAgreement } from '../../../core/metrics/agreement.ts';
import type { EditorAction } from '../../actions/editor-action.ts';
import type { Editor } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { shownSlice } from '../../looking/view-state.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { ICONS } from '../../shared/icons.ts';
import { panelStyles } from '../../shared/panel-styles.ts';
import { PLANE_TITLES } from '../../shared/plane-titles.ts';
import { secondReviewPanelStyles } from './second-review-panel-styles.ts';

/**
 * Shows where a second reviewer's labels differ from the ones on the screen, and lets the user choose. It shows nothing
 * while there are none.
 */
@customElement('voxel-loop-second-review-panel')
export class SecondReviewPanel extends LitElement {
  static override styles = [controlStyles, panelStyles, secondReviewPanelStyles];

  @property({ attribute: false }) accessor editor: Editor | undefined;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'status']);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { editor } = this;
    const open = editor?.open;
    const summary = editor?.secondReview.summary;
    if (!editor || !open || !summary) return nothing;
    return html`
      <section aria-labelledby="title">
        <header>
          <h2 id="title" title="Second reviewer: ${summary.reviewer}">Second reviewer: ${summary.reviewer}</h2>
          <button
            class="icon-button"
            type="button"
            title="Hide the second reviewer"
            aria-label="Hide the second reviewer"
            @click=${() => editor.dispatch({ kind: 'hide-second-reviewer' })}
          >
            ${ICONS.close}
          </button>
        </header>
        <div class="body">${this.#body(editor, open)}</div>
      </section>
    `;
  }

  protected override updated(): void {
    this.toggleAttribute('hidden', !this.editor?.secondReview.summary);
  }

  #body(editor: Editor, open: OpenEditor): TemplateResult {
    const { disagreements, secondReview } = editor;
    if (!disagreements) return html`<p class="quiet">Loading their labels…</p>`;
    const { counts, open: undecided } = disagreements;
    const plane = open.planes[open.snapshot.reviewPlane];
    const slice = shownSlice(open.view, plane);
    const decided = secondReview.isAdjudicated(slice);
    const readOnly = open.snapshot.readOnlyReason !== null;
    const differing = counts.filter((count) => count > 0).length;
    return html`
      <p>
        ${
          differing === 0
            ? 'The two agree on every slice.'
            : html`${differing} of ${counts.length} slices differ, ${undecided.length} to decide.`
        }
      </p>
      ${this.#strip(counts, slice, plane.sliceCount)}
      <div class="current">
        <span>${PLANE_TITLES[plane.name]} slice ${slice + 1}/${plane.sliceCount}</span>
        <strong>${decided ? 'Decided' : counts[slice] === 0 ? 'Agreed' : voxels(counts[slice])}</strong>
      </div>
      <div class="actions">
        ${this.#button('Take Mine', 'K', 'This slice is right as it stands here', readOnly, { kind: 'adjudicate', take: 'mine' })}
        ${this.#button('Take Theirs', 'T', 'This slice becomes what they drew', readOnly, { kind: 'adjudicate', take: 'theirs' })}
        ${this.#button(
          'Take Piece',
          '⇧T',
          'Take the hatched piece under the crosshair, and go on drawing',
          readOnly || counts[slice] === 0,
          { kind: 'adjudicate', take: 'theirs-here' },
        )}
        ${this.#button('Next', 'D', 'Go to the slice that differs most', undecided.length === 0, { kind: 'next-disagreement' })}
      </div>
      <p class="key">
        <svg class="swatch" viewBox="0 0 16 12" aria-hidden="true">
          <path d="M2 12 12 0M8 12 16 2M-2 8 6 0M0 2 8 12M6 0 16 12M-2 8 2 12M12 0 18 6" />
          <rect x="0.75" y="0.75" width="14.5" height="10.5" />
        </svg>
        Hatched: differs, in the colour of their label; white where they have none.
      </p>
      ${this.#agreement(editor)}
    `;
  }

  /** Draws how many voxels differ, slice by slice; a click goes there. */
  #strip(counts: readonly number[], shown: number, slices: number): TemplateResult {
    const most = Math.max(1, ...counts);
    const bar = (count: number) => (count === 0 ? 0 : 2 + 18 * Math.sqrt(count / most));
    return html`
      <svg
        class="strip"
        viewBox="0 0 ${slices} 20"
        preserveAspectRatio="none"
        role="img"
        aria-label="Differing voxels by slice, at most ${most}"
        @click=${(event: MouseEvent) => this.#go(event, slices)}
      >
        <rect class="here" x=${shown} y="0" width="1" height="20" />
        ${counts.map((count, slice) =>
          count === 0
            ? nothing
            : svg`<rect class=${this.editor?.secondReview.isAdjudicated(slice) ? 'decided' : 'differs'}
                x=${slice + 0.1} width="0.8" y=${20 - bar(count)} height=${bar(count)}><title>Slice ${slice + 1}: ${voxels(count)}</title></rect>`,
        )}
      </svg>
    `;
  }

  #agreement(editor: Editor): TemplateResult {
    const state = editor.secondReview.agreement;
    if (state.kind === 'asking') return html`<p class="quiet" role="status">Measuring the agreement…</p>`;
    const again = html`<button class="link" type="button" @click=${() => void editor.secondReview.compare()}>
      Measure again
    </button>`;
    if (state.kind === 'failed') return html`<p class="quiet">The agreement could not be measured. ${again}</p>`;
    const { labels, kappa } = state.agreement;
    const present = labels.filter(({ firstVoxels, secondVoxels }) => firstVoxels + secondVoxels > 0);
    return html`
      <table>
        <caption class="visually-hidden">Agreement by label</caption>
        <thead>
          <tr>
            <th scope="col">Label</th>
            <th scope="col" title="2 × common voxels / voxels of both">Dice</th>
            <th scope="col" title="95th percentile of surface distances, mm">HD95</th>
            <th scope="col" title="Share of the surfaces that lie within 1 mm">Surf.</th>
            <th scope="col" title="Cohen's kappa of the label against everything else">κ</th>
          </tr>
        </thead>
        <tbody>
          ${present.map(
            (label) => html`<tr title=${volumes(label)}>
              <th scope="row">${label.name}</th>
              <td>${score(label.dice)}</td>
              <td>${label.hd95Mm === null ? '–' : label.hd95Mm.toFixed(1)}</td>
              <td>${score(label.surfaceDice)}</td>
              <td>${score(label.kappa)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      <p class=${state.isCurrent ? '' : 'quiet'}>
        κ over all labels ${score(kappa)}${state.isCurrent ? '' : ', before your last edits.'}
        ${state.isCurrent ? nothing : again}
      </p>
    `;
  }

  #go(event: MouseEvent, slices: number): void {
    const open = this.editor?.open;
    if (!open) return;
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const slice = Math.floor(((event.clientX - bounds.left) / bounds.width) * slices);
    this.editor?.dispatch({ kind: 'go-to-slice', plane: open.snapshot.reviewPlane, slice });
  }

  #button(text: string, key: string, title: string, disabled: boolean, action: EditorAction): TemplateResult {
    return html`
      <vscode-button
        secondary
        ?disabled=${disabled}
        title="${title} (${key})"
        @click=${() => this.editor?.dispatch(action)}
        >${text}<kbd>${key}</kbd></vscode-button
      >
    `;
  }
}

function voxels(count: number): string {
  return count === 1 ? '1 voxel differs' : `${count.toLocaleString('en')} voxels differ`;
}

function score(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

function volumes({ name, firstVoxels, secondVoxels, firstMl, secondMl }: LabelAgreement): string {
  return `${name}: mine ${firstVoxels} voxels, ${firstMl.toFixed(2)} ml; theirs ${secondVoxels} voxels, ${secondMl.toFixed(2)} ml`;
}
