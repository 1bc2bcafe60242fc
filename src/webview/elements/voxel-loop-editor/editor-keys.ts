import type { HostCommand } from '../../../core/protocol/editor-contract.ts';
import { actionForKey, CROSSHAIR_KEYS } from '../../actions/keymap.ts';
import type { Editor } from '../../editor/editor.ts';

/** Says which keys the focused element takes for itself. */
type FocusKind = 'text' | 'choice' | 'button' | 'other';

/**
 * Handles the keys of the whole page. A key that is ours goes no further; every other key is left alone, so that VS
 * Code gets it (it forwards what webviews do not handle, for instance the palette's key).
 */
export class EditorKeys {
  /** While the space bar is held, dragging pans. */
  spaceHeld = false;

  constructor(
    private readonly editor: () => Editor | undefined,
    private readonly onSpace: (held: boolean) => void,
  ) {}

  connect(): () => void {
    const controller = new AbortController();
    const { signal } = controller;
    // VS Code listens on window, so a listener on document comes first.
    document.addEventListener('keydown', (event) => this.#down(event), { signal });
    document.addEventListener('keyup', (event) => this.#up(event), { signal });
    window.addEventListener('blur', () => this.#setSpace(false), { signal });
    return () => controller.abort();
  }

  #down(event: KeyboardEvent): void {
    const editor = this.editor();
    if (!editor || event.defaultPrevented) return;
    // A question takes all keys, and the browser's Escape cancels it.
    if (editor.question) {
      keepLetter(event);
      return;
    }
    const command = hostCommand(event);
    if (command) {
      if (focusKind(event) === 'text') {
        // The browser undoes what was typed; if VS Code heard of the key, it would undo what was drawn.
        if (command !== 'save') event.stopPropagation();
        return;
      }
      // VS Code drops an undo that comes while another one runs, which happens when the key is held. The host puts ours
      // in order, and a save comes after the strokes and undos before it. It thus also knows of a save before it
      // begins.
      claim(event);
      editor.dispatch({ kind: 'host-command', command });
      return;
    }
    const focus = focusKind(event);
    if (focus === 'text') {
      keepLetter(event);
      return;
    }
    if (event.key === ' ' && focus === 'other' && !hasModifier(event)) {
      claim(event);
      this.#setSpace(true);
      return;
    }
    if (focus === 'choice' && /^(Arrow|Page|Home|End)/.test(event.key)) return;
    if (focus !== 'other' && (event.key === 'Enter' || event.key === ' ')) return;
    const move = event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey && CROSSHAIR_KEYS[event.key];
    if (move) {
      claim(event);
      editor.nudgeCrosshair(move[0], move[1]);
      return;
    }
    // While the modal help is open, only keys that close it count.
    const action = actionForKey(event);
    if (editor.helpOpen && action?.kind !== 'toggle-help') {
      keepLetter(event);
      return;
    }
    if (!action) {
      if (editor.strokeKey(event.key)) claim(event);
      return;
    }
    claim(event);
    // A key that is held would decide about slices that nobody can have looked at.
    if (event.repeat && action.kind === 'review') return;
    editor.dispatch(action);
  }

  #up(event: KeyboardEvent): void {
    if (event.key === ' ') this.#setSpace(false);
  }

  #setSpace(held: boolean): void {
    if (this.spaceHeld === held) return;
    this.spaceHeld = held;
    this.onSpace(held);
  }
}

function claim(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Typed letters must not reach VS Code, which has letters of ours in its keyboard shortcuts. */
function keepLetter(event: KeyboardEvent): void {
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

function hasModifier(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
}

function hostCommand(event: KeyboardEvent): HostCommand | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
  if (key === 'y' && !event.shiftKey) return 'redo';
  return key === 's' && !event.shiftKey ? 'save' : undefined;
}

function focusKind(event: KeyboardEvent): FocusKind {
  // The first element in the path is the real target, inside whatever shadow roots.
  const target = event.composedPath()[0];
  if (target instanceof HTMLTextAreaElement) return 'text';
  if (target instanceof HTMLInputElement) {
    if (target.type === 'range' || target.type === 'radio') return 'choice';
    return target.type === 'checkbox' || target.type === 'color' ? 'button' : 'text';
  }
  if (target instanceof HTMLSelectElement) return 'text';
  if (target instanceof HTMLElement && target.closest('button, vscode-button, vscode-checkbox, [role="button"]')) {
    return 'button';
  }
  return 'other';
}
