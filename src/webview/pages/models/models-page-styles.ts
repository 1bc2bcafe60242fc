import { css } from 'lit';

export const modelsPageStyles = css`
  :host {
    max-width: 1120px;
  }
  p {
    margin: 0 0 8px;
    max-width: 75ch;
  }
  .quiet {
    color: var(--vscode-descriptionForeground);
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-bottom: 14px;
  }
  .choice select {
    max-width: 320px;
  }
  .verdict {
    padding: 10px 14px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-left: 4px solid var(--vscode-descriptionForeground);
    background: var(--vscode-textBlockQuote-background, transparent);
  }
  .verdict.good {
    border-left-color: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
  }
  .verdict.bad {
    border-left-color: var(--vscode-charts-orange, var(--vscode-editorWarning-foreground));
  }
  .verdict p:last-child {
    margin-bottom: 0;
  }
  .verdict strong {
    font-size: 14px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 12px;
  }
  .progress {
    margin: 14px 0;
    max-width: 480px;
  }
  progress {
    width: 100%;
    height: 6px;
    appearance: none;
    border: 0;
  }
  progress::-webkit-progress-bar {
    background: var(--vscode-editorWidget-border, var(--vscode-input-background));
  }
  progress::-webkit-progress-value {
    background: var(--vscode-progressBar-background);
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    border-collapse: collapse;
  }
  caption {
    padding-bottom: 6px;
    text-align: left;
    color: var(--vscode-descriptionForeground);
  }
  th,
  td {
    padding: 3px 14px 3px 0;
    text-align: right;
    font-weight: normal;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    border-bottom: 1px solid var(--vscode-editorWidget-border, var(--vscode-panel-border, transparent));
  }
  thead th {
    color: var(--vscode-descriptionForeground);
    vertical-align: bottom;
  }
  tbody th,
  .text {
    text-align: left;
  }
  td.wrap {
    max-width: 60ch;
    white-space: normal;
  }
  .gain {
    color: var(--vscode-charts-green, var(--vscode-foreground));
  }
  .loss {
    color: var(--vscode-errorForeground);
  }
  figure {
    width: fit-content;
    margin: 0 0 20px;
  }
  figure img {
    display: block;
    max-width: 100%;
    height: auto;
  }
  figcaption {
    margin-bottom: 6px;
  }
  .panels {
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    color: var(--vscode-descriptionForeground);
  }
  .key {
    display: inline-block;
    width: 22px;
    margin: 0 4px 3px 10px;
    border-bottom: 2px solid #56b4e9;
  }
  .key.dashed {
    border-bottom: 2px dashed #f0e442;
  }
  .plot {
    display: block;
    width: 300px;
    height: 18px;
    overflow: visible;
  }
  .axis {
    stroke: var(--vscode-descriptionForeground);
  }
  .margin {
    stroke: var(--vscode-descriptionForeground);
    stroke-dasharray: 2 3;
  }
  .dot {
    fill: var(--vscode-charts-green, var(--vscode-foreground));
  }
  .dot.loss {
    fill: var(--vscode-errorForeground);
  }
  .stem {
    stroke: var(--vscode-descriptionForeground);
    stroke-opacity: 0.6;
  }
  .tick {
    fill: var(--vscode-descriptionForeground);
    font-size: 11px;
    text-anchor: middle;
  }
`;
