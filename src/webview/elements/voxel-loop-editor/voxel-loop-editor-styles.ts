import { css } from 'lit';

export const editorStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr) auto;
    height: 100vh;
    min-height: 0;
    background: var(--vscode-editor-background);
    container-type: size;
  }
  .message {
    grid-row: 3;
    place-self: center;
    max-width: 60ch;
    padding: 24px;
    line-height: 1.5;
    text-align: center;
  }
  .message h1 {
    font-size: 16px;
    font-weight: 600;
    margin: 0 0 8px;
  }
  header {
    grid-row: 1;
  }
  .banners {
    grid-row: 2;
  }
  .read-only,
  .unusable {
    padding: 5px 10px;
    border-left: 3px solid var(--vscode-editorInfo-foreground, var(--vscode-focusBorder));
    border-bottom: 1px solid var(--vscode-contrastBorder, transparent);
    background: var(--vscode-editorWidget-background);
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
  }
  .read-only {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
  }
  .read-only > vscode-button {
    flex: none;
  }
  .unusable {
    border-left-color: var(--vscode-editorWarning-foreground, var(--vscode-focusBorder));
  }
  /* Notices lie over the planes and never push them, because the image must not move under a brush. */
  .notices {
    position: absolute;
    z-index: 2;
    top: 0;
    left: 0;
    right: 240px;
    pointer-events: none;
  }
  .notice {
    pointer-events: auto;
    display: flex;
    align-items: center;
    gap: 8px;
    width: fit-content;
    max-width: min(70ch, 94%);
    margin: 36px auto 0;
    padding: 4px 6px 4px 12px;
    border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
    border-radius: 4px;
    box-shadow: 0 2px 10px var(--vscode-widget-shadow, rgb(0 0 0 / 40%));
    border-left: 3px solid var(--vscode-editorInfo-foreground, var(--vscode-focusBorder));
    background: var(--vscode-editorWidget-background);
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
  }
  .notice.error {
    border-left-color: var(--vscode-editorError-foreground, var(--vscode-errorForeground));
  }
  .notice span {
    flex: 1;
  }
  vscode-progress-bar {
    display: block;
  }
  .notice.work {
    animation: late 0.2s 0.4s both;
  }
  .notice.work vscode-progress-bar {
    width: 12ch;
  }
  @keyframes late {
    from {
      visibility: hidden;
      opacity: 0;
    }
  }
  main {
    position: relative;
    grid-row: 3;
    display: grid;
    grid-template-columns: minmax(0, 1fr) 264px;
    min-height: 0;
  }
  aside {
    min-height: 0;
    overflow-y: auto;
    background: var(--vscode-sideBar-background);
    border-left: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .time {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 10px;
    border-bottom: 1px solid var(--vscode-sideBarSectionHeader-border, var(--vscode-panel-border, transparent));
  }
  .time input {
    flex: 1;
    min-width: 0;
  }
  .time output {
    font-variant-numeric: tabular-nums;
  }
  footer {
    grid-row: 4;
  }
  .warnings {
    margin: 0;
    padding: 8px 10px 8px 24px;
    color: var(--vscode-descriptionForeground);
    line-height: 1.4;
  }

  /* In a narrow editor (beside another one) the side panel goes below the planes. */
  @container (max-width: 760px) {
    .notices {
      right: 0;
    }
    main {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr) auto;
    }
    aside {
      display: grid;
      grid-template-columns: 1fr 1fr;
      max-height: 200px;
      border-left: none;
      border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    }
  }
`;
