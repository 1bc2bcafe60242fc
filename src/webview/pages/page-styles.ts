import { css } from 'lit';

/** Headings and margins of every page, so that a tab beside another looks like its sibling. */
export const pageStyles = css`
  :host {
    display: block;
    padding: 16px 20px 40px;
    line-height: 1.45;
  }
  h1 {
    margin: 0 0 12px;
    font-size: 20px;
    font-weight: 600;
  }
  h1 small {
    font-size: 13px;
    font-weight: 400;
    color: var(--vscode-descriptionForeground);
  }
  h2 {
    margin: 26px 0 8px;
    font-size: 15px;
    font-weight: 600;
  }
`;
