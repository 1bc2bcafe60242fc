import { css, nothing, type SVGTemplateResult, svg } from 'lit';
import type { SliceStatus } from '../reviewing/review-summary.ts';

/** The height of each status in its cell, as a share of 1, so that the strip can be read without colours. */
export const STATUS_HEIGHT: Readonly<Record<SliceStatus, number>> = {
  accepted: 1,
  edited: 0.7,
  proposed: 0.45,
  rejected: 0.15,
  unreviewed: 0.15,
};
/** A rejected slice looks unreviewed, under a bar that hangs from the top, where no other status draws anything. */
const REJECTED_BAR = 0.35;

/** A box in an SVG, in its units. */
interface Box {
  readonly x: number;
  readonly width: number;
  readonly bottom: number;
  /** The height of a full cell. */
  readonly height: number;
}

/** Draws the cell of a status for the strip and its legend; hatching comes on top where something waits. */
export function statusCell(status: SliceStatus, box: Box): SVGTemplateResult {
  const { x, width, bottom, height } = box;
  const base = height * STATUS_HEIGHT[status];
  const kind = status === 'rejected' ? 'unreviewed' : status;
  return svg`
    <rect class=${kind} x=${x} width=${width} y=${bottom - base} height=${base} />
    ${
      status === 'rejected'
        ? svg`<rect class="rejected" x=${x} width=${width} y=${bottom - height} height=${height * REJECTED_BAR} />`
        : nothing
    }`;
}

/** Hatches a cell on which a proposal waits. */
export function waitingCell({ x, width, bottom, height }: Box): SVGTemplateResult {
  const hatched = height * STATUS_HEIGHT.proposed;
  return svg`<rect class="waits" fill="url(#hatch)" x=${x} width=${width} y=${bottom - hatched} height=${hatched} />`;
}

/** The fills of the strip and its legend. A waiting proposal is hatched, as in the picture. */
export const statusStyles = css`
  .accepted {
    fill: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
  }
  .edited {
    fill: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
  }
  .proposed {
    fill: var(--vscode-textLink-foreground, var(--vscode-charts-blue));
    fill-opacity: 0.3;
  }
  .rejected {
    fill: var(--vscode-editorError-foreground, var(--vscode-errorForeground));
  }
  .unreviewed {
    fill: var(--vscode-foreground);
    opacity: 0.45;
  }
  .hatch-line {
    stroke: var(--vscode-textLink-foreground, var(--vscode-charts-blue));
    stroke-width: 1.6;
  }
`;

/** The hatching, for `fill="url(#hatch)"` in the same shadow root. */
export const HATCH_PATTERN: SVGTemplateResult = svg`
  <defs>
    <pattern id="hatch" patternUnits="userSpaceOnUse" width="4" height="4" patternTransform="rotate(45)">
      <path class="hatch-line" d="M2 0V4" />
    </pattern>
  </defs>`;
