import { css } from 'lit';

export const secondReviewPanelStyles = css`
  :host([hidden]) {
    display: none;
  }
  h2 {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  p {
    margin: 0 0 8px;
    line-height: 1.4;
  }
  .quiet,
  .key {
    color: var(--vscode-descriptionForeground);
  }
  .key {
    display: flex;
    gap: 6px;
    align-items: flex-start;
  }
  .current {
    display: flex;
    justify-content: space-between;
    align-items: baseline;
    gap: 8px;
    margin-bottom: 8px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-bottom: 8px;
  }
  .actions > * {
    flex: 1 1 40%;
    min-width: max-content;
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
  .strip {
    display: block;
    width: 100%;
    height: 26px;
    margin-bottom: 8px;
    border-bottom: 1px solid var(--vscode-descriptionForeground);
    cursor: pointer;
  }
  .differs {
    fill: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
  }
  .decided {
    fill: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
  }
  .here {
    fill: var(--vscode-foreground);
    opacity: 0.35;
  }
  .swatch {
    flex: none;
    width: 16px;
    height: 12px;
    margin-top: 3px;
    overflow: hidden;
    fill: none;
    stroke: var(--vscode-foreground);
  }
  table {
    width: 100%;
    border-collapse: collapse;
    margin-bottom: 6px;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 2px 0 2px 6px;
    text-align: right;
    font-weight: normal;
  }
  thead th {
    color: var(--vscode-descriptionForeground);
    border-bottom: 1px solid var(--vscode-panel-border, currentColor);
  }
  th:first-child {
    padding-left: 0;
    text-align: left;
    max-width: 90px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .link {
    padding: 0;
    border: none;
    background: none;
    color: var(--vscode-textLink-foreground);
    font: inherit;
    cursor: pointer;
    text-decoration: underline;
  }
`;
