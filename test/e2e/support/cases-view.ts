import type { Locator } from 'playwright-core';
import type { Editor } from './editor.ts';

/** The view of the cohort's cases as a person sees it. */
export class CasesView {
  constructor(private readonly editor: Editor) {}

  /** Shows it, by its icon in the activity bar. */
  async open(): Promise<void> {
    await this.editor.page.locator('.activitybar .action-item a[aria-label^="Voxel Loop"]').click();
    await this.list.waitFor();
  }

  get pane(): Locator {
    return this.editor.page.locator('.pane', { has: this.editor.page.locator('.pane-header[aria-label^="Cases"]') });
  }

  get list(): Locator {
    return this.pane.locator('.monaco-list');
  }

  /** The row of a case, while it is in sight. */
  row(id: string): Locator {
    return this.list.locator('.monaco-list-row').filter({
      has: this.editor.page.locator('.label-name').getByText(id, { exact: true }),
    });
  }

  /** What the line above the cases says. */
  get message(): Locator {
    return this.pane.locator('.message');
  }

  /** Ids of the rows in sight, from the top. */
  async ids(): Promise<string[]> {
    // In one go: rows come and go.
    const placed = await this.list.locator('.monaco-list-row').evaluateAll((rows) =>
      rows.map((row) => ({
        index: Number(row.getAttribute('data-index')),
        id: row.querySelector('.label-name')?.textContent?.trim() ?? '',
      })),
    );
    return placed.sort((a, b) => a.index - b.index).map(({ id }) => id);
  }
}
