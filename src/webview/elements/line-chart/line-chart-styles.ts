import { css } from 'lit';

/** Lines differ in colour and in dashes. */
export const lineChartStyles = css`
  figure {
    margin: 0;
  }
  figcaption {
    font-weight: 600;
    margin-bottom: 4px;
  }
  .chart {
    display: block;
    width: 100%;
    max-width: 460px;
    height: auto;
  }
  .grid {
    stroke: var(--vscode-editorWidget-border, var(--vscode-panel-border, currentColor));
    stroke-opacity: 0.5;
  }
  .tick {
    fill: var(--vscode-descriptionForeground, currentColor);
    font-size: 11px;
  }
  .line {
    fill: none;
    stroke-width: 2;
    stroke-linejoin: round;
    stroke-linecap: round;
    stroke: var(--series);
  }
  .dot {
    fill: var(--series);
  }
  .s0 {
    --series: var(--vscode-charts-blue, currentColor);
  }
  .s1 {
    --series: var(--vscode-charts-orange, currentColor);
    stroke-dasharray: 7 4;
  }
  .s2 {
    --series: var(--vscode-charts-green, currentColor);
    stroke-dasharray: 2 4;
  }
  .s3 {
    --series: var(--vscode-charts-purple, currentColor);
    stroke-dasharray: 9 3 2 3;
  }
  .s4 {
    --series: var(--vscode-charts-red, currentColor);
    stroke-dasharray: 12 5;
  }
  .s5 {
    --series: var(--vscode-charts-yellow, currentColor);
    stroke-dasharray: 4 2;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    margin: 0 0 4px;
    padding: 0;
    list-style: none;
  }
  .legend li {
    display: inline-flex;
    align-items: center;
    gap: 5px;
  }
  .key {
    width: 24px;
    height: 8px;
  }
  .empty {
    margin: 0;
    color: var(--vscode-descriptionForeground);
  }
  summary {
    cursor: pointer;
    color: var(--vscode-textLink-foreground);
  }
  summary:focus-visible,
  .table:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  .table {
    max-height: 220px;
    overflow: auto;
  }
  table {
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 2px 12px 2px 0;
    text-align: right;
    font-weight: normal;
  }
  thead th {
    color: var(--vscode-descriptionForeground);
  }
`;
