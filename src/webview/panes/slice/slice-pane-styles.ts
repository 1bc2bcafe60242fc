import { css } from 'lit';

export const slicePaneStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    min-width: 0;
    min-height: 0;
    background: #000;
    border: 1px solid var(--vscode-contrastBorder, transparent);
  }
  header {
    container-type: inline-size;
    display: flex;
    align-items: center;
    gap: 8px;
    height: 28px;
    padding: 0 4px 0 8px;
    background: var(--vscode-editorGroupHeader-tabsBackground, var(--vscode-sideBar-background));
    border-bottom: 1px solid var(--vscode-contrastBorder, transparent);
    border-top: 2px solid transparent;
    white-space: nowrap;
    overflow: hidden;
  }
  :host([active]) header {
    border-top-color: var(--vscode-tab-activeBorderTop, var(--vscode-focusBorder));
  }
  h2 {
    margin: 0;
    font-size: inherit;
    font-weight: 600;
    /* In a small pane words give way, so that the buttons behind them stay whole. */
    flex: 0 1 auto;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .count {
    font-variant-numeric: tabular-nums;
    color: var(--vscode-foreground);
  }
  .spacer {
    flex: 1;
  }
  header button {
    flex: none;
  }
  /* Beside another editor there is room for one button only, the one that shows the pane alone. */
  @container (max-width: 190px) {
    header button.large {
      display: none;
    }
  }
  .stage {
    position: relative;
    overflow: hidden;
    touch-action: none;
    user-select: none;
    outline-offset: -2px;
  }
  .stage:focus-visible {
    outline-offset: -2px !important;
  }
  .stage.drawing {
    cursor: none;
  }
  .stage.navigating {
    cursor: crosshair;
  }
  .stage.panning {
    cursor: grabbing;
  }
  .stage.refused {
    cursor: not-allowed;
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .overlay {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    pointer-events: none;
  }
  .crosshair {
    stroke: #b2ff59;
    stroke-width: 1;
    opacity: 0.75;
    shape-rendering: crispEdges;
  }
  .brush-under {
    fill: none;
    stroke: #000;
    stroke-width: 3;
    opacity: 0.55;
  }
  .brush {
    fill: none;
    stroke-width: 1.25;
    stroke: #fff;
  }
  .brush.erases {
    stroke-dasharray: 4 3;
  }
  .letter {
    position: absolute;
    padding: 0 4px;
    font-weight: 600;
    font-size: 13px;
    line-height: 18px;
    color: #ffd54f;
    background: rgb(0 0 0 / 60%);
    border-radius: 3px;
    pointer-events: none;
  }
  .left {
    left: 3px;
    top: calc(50% - 9px);
  }
  .right {
    right: 3px;
    top: calc(50% - 9px);
  }
  .top {
    top: 2px;
    left: calc(50% - 9px);
    width: 18px;
    padding: 0;
    text-align: center;
  }
  .bottom {
    bottom: 2px;
    left: calc(50% - 9px);
    width: 18px;
    padding: 0;
    text-align: center;
  }
  .scale {
    position: absolute;
    right: 10px;
    bottom: 13px;
    color: #e0e0e0;
    font-size: 11px;
    text-shadow:
      0 0 2px #000,
      0 0 4px #000;
    pointer-events: none;
  }
  .scale-bar {
    stroke: #e0e0e0;
    stroke-width: 2;
    shape-rendering: crispEdges;
  }
  .instead {
    position: absolute;
    inset: auto 0 12px 12px;
    width: fit-content;
    padding: 2px 8px;
    border-radius: 3px;
    background: rgb(0 0 0 / 70%);
    color: #e0e0e0;
    pointer-events: none;
  }
  /* The word carries the meaning and has the text's contrast; the dot only repeats it. */
  .status {
    flex: 0 2 auto;
    min-width: 9px;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .status::before {
    content: '';
    display: inline-block;
    box-sizing: border-box;
    margin-right: 5px;
    width: 9px;
    height: 9px;
    border-radius: 50%;
    border: 1px solid var(--status-color);
    background: var(--status-color);
  }
  .status.accepted {
    --status-color: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
  }
  .status.edited {
    --status-color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
  }
  .status.proposed {
    --status-color: var(--vscode-textLink-foreground, var(--vscode-charts-blue));
  }
  .status.rejected {
    --status-color: var(--vscode-editorError-foreground, var(--vscode-errorForeground));
  }
  /* It is also crossed out, for those who do not see the colour. */
  .status.rejected::before {
    background: linear-gradient(45deg, transparent 40%, var(--status-color) 40% 60%, transparent 60%);
  }
  .status.unreviewed {
    --status-color: var(--vscode-foreground);
  }
  .status.unreviewed::before {
    background: none;
  }
`;
