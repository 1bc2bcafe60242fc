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
  }
  .count {
    font-variant-numeric: tabular-nums;
    color: var(--vscode-foreground);
  }
  .spacer {
    flex: 1;
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
    stroke: #4fc3f7;
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
    text-shadow:
      0 0 2px #000,
      0 0 4px #000;
    pointer-events: none;
  }
  .left {
    left: 4px;
    top: calc(50% - 9px);
  }
  .right {
    right: 4px;
    top: calc(50% - 9px);
  }
  .top {
    top: 2px;
    left: calc(50% - 9px);
    width: 18px;
    text-align: center;
  }
  .bottom {
    bottom: 2px;
    left: calc(50% - 9px);
    width: 18px;
    text-align: center;
  }
  .scale {
    position: absolute;
    right: 8px;
    bottom: 6px;
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
  .waiting {
    position: absolute;
    inset: auto 0 12px 12px;
    width: fit-content;
    padding: 2px 8px;
    border-radius: 3px;
    background: rgb(0 0 0 / 70%);
    color: #e0e0e0;
    pointer-events: none;
  }
  .status {
    padding: 0 7px;
    border-radius: 9px;
    border: 1px solid currentColor;
    font-size: 11px;
    line-height: 16px;
  }
  .status.accepted {
    color: var(--vscode-testing-iconPassed, var(--vscode-charts-green));
  }
  .status.edited {
    color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
  }
  .status.proposed {
    color: var(--vscode-textLink-foreground, var(--vscode-charts-blue));
    border-style: dashed;
  }
  .status.unreviewed {
    color: var(--vscode-foreground);
  }
`;
