import { css } from 'lit';

export const effortPageStyles = css`
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
  }
  h1 {
    margin: 0;
  }
  p,
  ol,
  li {
    max-width: 76ch;
    line-height: 1.5;
  }
  .verdict {
    margin: 14px 0 0;
    font-size: 15px;
  }
  .verdict + p {
    margin-top: 4px;
  }
  .quiet {
    color: var(--vscode-descriptionForeground);
  }
  .problem {
    padding: 6px 10px;
    border: 1px solid var(--vscode-inputValidation-warningBorder, currentColor);
    background: var(--vscode-inputValidation-warningBackground, transparent);
    color: var(--vscode-inputValidation-warningForeground, inherit);
  }
  .push {
    margin-left: auto;
  }
  .choice {
    display: inline-flex;
    gap: 2px;
  }
  .choice .icon-button {
    padding: 0 10px;
    color: var(--vscode-foreground);
  }
  .charts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr));
    gap: 12px;
    margin-top: 12px;
  }
  .scroll {
    overflow-x: auto;
    margin-bottom: 12px;
  }
  table {
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  caption {
    padding: 0 0 6px;
    text-align: left;
    color: var(--vscode-descriptionForeground);
  }
  th,
  td {
    padding: 4px 12px 4px 0;
    text-align: right;
    vertical-align: baseline;
    white-space: nowrap;
  }
  thead th {
    font-weight: 600;
    vertical-align: bottom;
    white-space: normal;
    min-width: 7ch;
  }
  tbody tr {
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor));
  }
  tbody th {
    font-weight: 400;
    text-align: left;
  }
  th.words,
  td.words {
    text-align: left;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--vscode-textLink-foreground);
    cursor: pointer;
  }
  .link:hover {
    text-decoration: underline;
  }
`;
