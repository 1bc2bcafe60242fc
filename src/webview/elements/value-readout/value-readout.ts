import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { voxelOnPlane } from '../../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../core/geometry/vector.ts';
import type { Editor } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { activePlane } from '../../looking/pane-layout.ts';
import { valueText, worldCoordinates } from '../../looking/readout.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { valueAt } from '../../slices/slice-samples.ts';

/** Shows what lies under the pointer, or under the crosshair while the pointer is elsewhere. */
@customElement('voxel-loop-value-readout')
export class ValueReadout extends LitElement {
  static override styles = [
    controlStyles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 0 20px;
        align-items: center;
        min-height: 24px;
        padding: 0 8px;
        background: var(--vscode-editorGroupHeader-tabsBackground, var(--vscode-sideBar-background));
        border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
        overflow: hidden;
      }
      dl {
        display: contents;
      }
      .field {
        display: flex;
        gap: 6px;
        align-items: baseline;
      }
      dt {
        color: var(--vscode-descriptionForeground);
      }
      dd {
        margin: 0;
      }
      .voxel dd {
        min-width: 92px;
      }
      .world dd {
        min-width: 150px;
      }
      .value dd {
        min-width: 60px;
      }
      .window {
        margin-left: auto;
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'image', 'hover', 'status']);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { editor } = this;
    const open = editor?.open;
    if (!editor || !open) return nothing;
    const { hover } = editor;
    const voxel = hover?.voxel ?? open.view.crosshair;
    const { window } = editor.window;
    return html`
      <dl>
        <div class="field">
          <dt>${hover ? 'Pointer' : 'Crosshair'}</dt>
        </div>
        <div class="field voxel"><dt>voxel</dt><dd>${voxel.join(', ')}</dd></div>
        <div class="field world">
          <dt>RAS</dt>
          <dd>${worldCoordinates(open.snapshot.volume.grid, voxel)} mm</dd>
        </div>
        <div class="field value"><dt>value</dt><dd>${this.#value(editor, open, voxel)}</dd></div>
        <div class="field label"><dt>label</dt><dd>${this.#label(editor, voxel)}</dd></div>
        <div class="field window">
          <dt>window</dt>
          <dd>
            L ${valueText(Number(window.level.toPrecision(4)))} W ${valueText(Number(window.width.toPrecision(4)))}
          </dd>
        </div>
      </dl>
    `;
  }

  /** The slice under the pointer is on the screen, so its value is here as soon as the slice is. */
  #value(editor: Editor, open: OpenEditor, voxel: Vec3): string {
    const plane = open.planes[editor.hover?.plane ?? activePlane(open.view)];
    const image = editor.image(plane);
    if (!image) return '…';
    const { column, row } = voxelOnPlane(plane, voxel);
    return valueText(valueAt(image, open.snapshot.volume.scaling, column, row));
  }

  #label(editor: Editor, voxel: Vec3): string {
    const at = editor.labelAt(voxel);
    if (!at) return '…';
    if (at.label === 0) return 'none';
    const name = editor.labelTable[at.label]?.name ?? `label ${at.label}`;
    return at.proposed ? `${name} (proposed)` : name;
  }
}
