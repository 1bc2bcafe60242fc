import { TOOLS } from '../../core/tools/registry.ts';
import type { Tool, ToolKey } from '../../core/tools/tool.ts';
import type { EditorAction } from './editor-action.ts';

/** The part of a key event that the map looks at; see the DOM's KeyboardEvent. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

interface KeyBinding {
  /**
   * The values that `KeyboardEvent.key` may have (letters in lower case), or `code` after a colon, e.g. ":BracketLeft".
   */
  readonly keys: readonly string[];
  readonly shift?: boolean;
  readonly action: EditorAction;
}

/** One line of the help. */
export interface KeyHelp {
  /** The keys as the user reads them. */
  readonly keys: string;
  readonly text: string;
  readonly bindings: readonly KeyBinding[];
}

export interface KeyHelpGroup {
  readonly title: string;
  readonly lines: readonly KeyHelp[];
}

function line(keys: string, text: string, ...bindings: KeyBinding[]): KeyHelp {
  return { keys, text, bindings };
}

/** Writes a key as the user reads it. */
export function keyText({ letter, shift }: ToolKey): string {
  return `${shift ? 'Shift+' : ''}${letter.toUpperCase()}`;
}

/** These keys move the crosshair in columns and rows of the active plane, so they need its geometry. */
export const CROSSHAIR_KEYS: Readonly<Record<string, readonly [columns: number, rows: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Every key of the editor: the keys that the help lists are the ones that work. Keys with Ctrl, Cmd or Alt are never
 * ours: VS Code handles them (undo, redo, save, the palette).
 */
export const KEY_HELP: readonly KeyHelpGroup[] = [
  {
    title: 'Review',
    lines: [
      line('A', 'Accept this slice, or the marked range', {
        keys: ['a'],
        action: { kind: 'review', action: 'accept-slice' },
      }),
      line('Shift+A', 'Accept all slices', {
        keys: ['a'],
        shift: true,
        action: { kind: 'review', action: 'accept-all' },
      }),
      line('R', 'Reject the proposal on this slice, or on the range', {
        keys: ['r'],
        action: { kind: 'review', action: 'reject-slice' },
      }),
      line('Shift+R', 'Reject the whole proposal', {
        keys: ['r'],
        shift: true,
        action: { kind: 'review', action: 'reject-all' },
      }),
      line(
        'U  Shift+Z',
        'Take back the acceptance of this slice, or of the range',
        { keys: ['u'], action: { kind: 'review', action: 'unaccept-slice' } },
        { keys: ['z'], shift: true, action: { kind: 'review', action: 'unaccept-slice' } },
      ),
      line('Shift+S', 'Start a range of slices here, or drop it', {
        keys: ['s'],
        shift: true,
        action: { kind: 'mark-range' },
      }),
      line('G', 'Accept the component pointed at; its slices stay to be accepted', {
        keys: ['g'],
        action: { kind: 'review', action: 'accept-component' },
      }),
      line('Shift+G', 'Accept all that is proposed as the active label', {
        keys: ['g'],
        shift: true,
        action: { kind: 'review', action: 'accept-label' },
      }),
      line('Z', 'Reject the component pointed at', {
        keys: ['z'],
        action: { kind: 'review', action: 'reject-component' },
      }),
      line('N  Q', 'Go to the next slice to review, the least certain first', {
        keys: ['n', 'q'],
        action: { kind: 'next-to-review' },
      }),
    ],
  },
  {
    title: 'Second reviewer',
    lines: [
      line('D', 'Go to the slice that differs most', { keys: ['d'], action: { kind: 'next-disagreement' } }),
      line('K', 'Keep mine on this slice', { keys: ['k'], action: { kind: 'adjudicate', take: 'mine' } }),
      line('T', 'Take theirs on this slice', { keys: ['t'], action: { kind: 'adjudicate', take: 'theirs' } }),
      line('Shift+T', 'Take the piece of theirs under the crosshair', {
        keys: ['t'],
        shift: true,
        action: { kind: 'adjudicate', take: 'theirs-here' },
      }),
    ],
  },
  {
    title: 'Tools',
    lines: [
      line('V', 'Navigate', { keys: ['v'], action: { kind: 'set-tool', tool: 'navigate' } }),
      ...TOOLS.map(({ id, help, key }: Tool) =>
        line(keyText(key), help, {
          keys: [key.letter],
          ...(key.shift && { shift: true }),
          action: { kind: 'set-tool', tool: id },
        }),
      ),
      line(
        '[  ]',
        'Smaller, larger brush',
        { keys: ['[', ':BracketLeft'], action: { kind: 'resize-brush', steps: -1 } },
        { keys: [']', ':BracketRight'], action: { kind: 'resize-brush', steps: 1 } },
      ),
      line(
        '1 … 9',
        'Label to draw with',
        ...Array.from(
          { length: 9 },
          (_, n): KeyBinding => ({
            keys: [String(n + 1)],
            action: { kind: 'set-active-label', label: n + 1 },
          }),
        ),
      ),
      // Enter is not used: it is pressed in dialogs, and one press too many must not draw.
      line('P', 'Draw or erase from the crosshair; Shift+Arrows go on, P ends', {
        keys: ['p'],
        action: { kind: 'toggle-crosshair-pen' },
      }),
      line('Esc', 'Cancel the stroke; drop the range; show all planes', {
        keys: ['escape'],
        action: { kind: 'escape' },
      }),
    ],
  },
  {
    title: 'View',
    lines: [
      line(
        '↑  ↓, S  X',
        'Next, previous slice',
        { keys: ['arrowup', 's'], action: { kind: 'step-slice', by: 1 } },
        { keys: ['arrowdown', 'x'], action: { kind: 'step-slice', by: -1 } },
      ),
      line(
        'PgUp  PgDn',
        'Five slices on, back',
        { keys: ['pageup'], action: { kind: 'step-slice', by: 5 } },
        { keys: ['pagedown'], action: { kind: 'step-slice', by: -5 } },
      ),
      line('Shift+Arrows', 'Move the crosshair in the plane'),
      line(
        '+  −',
        'Zoom in, out',
        { keys: ['+', '='], action: { kind: 'zoom-by', factor: 1.25 } },
        { keys: ['-'], action: { kind: 'zoom-by', factor: 0.8 } },
      ),
      line('F', 'Fit the planes to their panes', { keys: ['f'], action: { kind: 'fit' } }),
      line('M', 'Show one plane alone, or all three', { keys: ['m'], action: { kind: 'toggle-maximized' } }),
      line('W', 'Reset window level and width', { keys: ['w'], action: { kind: 'reset-window' } }),
      line('L', 'Show or hide labels', { keys: ['l'], action: { kind: 'toggle-labels' } }),
      line('C', 'Show or hide the crosshair', { keys: ['c'], action: { kind: 'toggle-crosshair' } }),
      line('I', 'Smooth or sharp voxels', { keys: ['i'], action: { kind: 'toggle-interpolation' } }),
      line('?', 'Show or hide this help', { keys: ['?'], action: { kind: 'toggle-help' } }),
    ],
  },
];

/** The help says what the mouse does. */
export const POINTER_HELP: readonly { readonly keys: string; readonly text: string }[] = [
  { keys: 'Wheel', text: 'Scroll through slices' },
  { keys: 'Ctrl+Wheel, pinch', text: 'Zoom around the pointer' },
  { keys: 'Shift+Wheel', text: 'Brush size' },
  { keys: 'Drag', text: 'Crosshair, or what the tool draws' },
  { keys: 'Ctrl+Drag, pen’s eraser', text: 'Erase with the brush in hand' },
  { keys: 'Shift+Drag', text: 'Crosshair, whatever the tool' },
  { keys: 'Right drag', text: 'Window level (up, down) and width (left, right)' },
  { keys: 'Middle drag, Space+Drag', text: 'Pan' },
  { keys: 'Shift+Click on the strip', text: 'Mark all slices up to there' },
  { keys: 'Double click', text: 'Show one plane alone, or all three' },
];

/** Returns what `press` asks for; it is undefined if the key is not ours. */
export function actionForKey(press: KeyPress): EditorAction | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const key = press.key.toLowerCase();
  // Signs need Shift on some keyboards; with letters and named keys Shift means something else.
  const isSign = key.length === 1 && !/[a-z]/.test(key);
  for (const { lines } of KEY_HELP) {
    for (const { bindings } of lines) {
      for (const { keys, shift, action } of bindings) {
        if (!keys.includes(key) && !(keys.includes(`:${press.code}`) && !press.shiftKey)) continue;
        if (isSign || press.shiftKey === (shift ?? false)) return action;
      }
    }
  }
  return undefined;
}
