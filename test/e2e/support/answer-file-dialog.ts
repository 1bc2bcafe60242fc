import { expect } from 'vitest';
import type { Editor } from './editor.ts';

/** Answers VS Code's own file dialog (a quick input in the browser) with a path. */
export async function answerFileDialog(editor: Editor, path: string): Promise<void> {
  const input = editor.page.locator('.quick-input-widget .quick-input-box input');
  await expect.poll(() => input.inputValue()).toContain(editor.workspace);
  await input.fill(path);
  // Until the dialog has taken the path in, Enter does nothing, and the folder's name may come before what was typed.
  await expect
    .poll(async () => {
      if (!(await input.isVisible())) return false;
      if ((await input.inputValue()) !== path) await input.fill(path);
      await input.press('Enter');
      return input.isVisible();
    })
    .toBe(false);
}
