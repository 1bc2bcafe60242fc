import { css, type SVGTemplateResult, svg } from 'lit';
import type { SliceStatus } from '../../state/review-summary.ts';

/** How high each status stands in its cell, of 1: the strip can be read without colours. */
export const STATUS_HEIGHT: Readonly<Record<SliceStatus, number>> = {
  accepted: 1,
  edited: 0.7,
  proposed: 0.45,
  unreviewed: 0.15,
};

/** Fills of the strip and its legend. What waits is hatched, as in the picture. */
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
