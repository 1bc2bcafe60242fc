import { css } from 'lit';

export const trainingPageStyles = css`
  :host {
    max-width: 940px;
  }
  p,
  li {
    max-width: 76ch;
  }
  p {
    margin: 6px 0;
  }
  .quiet {
    color: var(--vscode-descriptionForeground);
  }
  .banner {
    margin: 0 0 14px;
    padding: 8px 12px;
    border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    border-left: 3px solid var(--vscode-charts-blue, currentColor);
    background: var(--vscode-textBlockQuote-background, transparent);
  }
  .banner.warning {
    border-left-color: var(--vscode-charts-orange, currentColor);
  }
  .banner.good {
    border-left-color: var(--vscode-charts-green, currentColor);
  }
  .banner.bad {
    border-left-color: var(--vscode-charts-red, currentColor);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin: 10px 0;
  }
  .actions label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .actions input {
    width: 7em;
  }
  table {
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 3px 18px 3px 0;
    text-align: right;
    vertical-align: baseline;
  }
  thead th {
    font-weight: 600;
  }
  tbody tr {
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor));
  }
  tbody th {
    font-weight: 400;
  }
  th:first-child {
    text-align: left;
  }
  ul,
  ol {
    margin: 4px 0;
    padding-left: 20px;
  }
  li {
    margin: 2px 0;
  }
  summary {
    cursor: pointer;
    font-weight: 600;
    margin: 14px 0 4px;
  }
  progress {
    appearance: none;
    display: block;
    width: 100%;
    height: 6px;
    margin: 8px 0;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 3px;
    overflow: hidden;
    background: var(--vscode-scrollbarSlider-background, transparent);
  }
  progress::-webkit-progress-bar {
    background: var(--vscode-scrollbarSlider-background, transparent);
  }
  progress::-webkit-progress-value {
    background: var(--vscode-progressBar-background, var(--vscode-button-background));
  }
  dl {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 28px;
    margin: 8px 0;
  }
  dt {
    color: var(--vscode-descriptionForeground);
  }
  dd {
    margin: 0;
    font-size: 15px;
    font-variant-numeric: tabular-nums;
  }
  .charts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
    gap: 18px 24px;
    margin: 14px 0;
  }
  .worse {
    font-weight: 600;
  }
  .kbd {
    padding: 0 4px;
    border: 1px solid var(--vscode-keybindingLabel-border, currentColor);
    border-radius: 3px;
    background: var(--vscode-keybindingLabel-background, transparent);
    color: var(--vscode-keybindingLabel-foreground, inherit);
    font-size: 11px;
  }
`;
