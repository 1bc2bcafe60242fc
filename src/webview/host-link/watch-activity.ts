import type { Editor } from '../editor/editor.ts';
import { ActivityReporter } from '../session/activity-reporter.ts';

/**
 * Reports to the host's clock of active time that the user does something in this page, and never what. It also tells
 * the editor whether it can be seen at all.
 */
export function watchActivity(editor: Editor): void {
  const reporter = new ActivityReporter(
    () => editor.reviewSlice,
    (slice) => editor.reportActivity(slice),
    () => performance.now(),
  );
  const watch = (names: readonly string[], decides: boolean) => {
    for (const name of names) {
      // The listener captures: an element that keeps an event to itself is used all the same.
      window.addEventListener(name, () => reporter.noticed(decides), { capture: true, passive: true });
    }
  };
  document.addEventListener('visibilitychange', () => editor.setVisible(document.visibilityState === 'visible'));
  watch(['pointermove', 'wheel'], false);
  watch(['pointerdown', 'keydown'], true);
  editor.subscribe((topic) => {
    if (topic === 'view') reporter.moved();
  });
}
