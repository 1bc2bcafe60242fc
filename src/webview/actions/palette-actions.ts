import type { PayloadOf } from '../../core/protocol/contract.ts';
import type { EditorContract } from '../../core/protocol/editor-contract.ts';
import { toolAction } from '../../core/tools/known-tools.ts';
import { TOOLS } from '../../core/tools/registry.ts';
import type { EditorAction } from './editor-action.ts';

type PaletteCommand = PayloadOf<EditorContract, 'perform'>['action'];

const ACTIONS: Readonly<Record<Exclude<PaletteCommand, `tool-${string}`> | 'tool-navigate', EditorAction>> = {
  'accept-slice': { kind: 'review', action: 'accept-slice' },
  'accept-all': { kind: 'review', action: 'accept-all' },
  'reject-slice': { kind: 'review', action: 'reject-slice' },
  'reject-all': { kind: 'review', action: 'reject-all' },
  'unaccept-slice': { kind: 'review', action: 'unaccept-slice' },
  'mark-range': { kind: 'mark-range' },
  'accept-component': { kind: 'review', action: 'accept-component' },
  'reject-component': { kind: 'review', action: 'reject-component' },
  'accept-label': { kind: 'review', action: 'accept-label' },
  'next-unreviewed-slice': { kind: 'next-to-review' },
  'tool-navigate': { kind: 'set-tool', tool: 'navigate' },
  'brush-larger': { kind: 'resize-brush', steps: 1 },
  'brush-smaller': { kind: 'resize-brush', steps: -1 },
  'slice-forward': { kind: 'step-slice', by: 1 },
  'slice-backward': { kind: 'step-slice', by: -1 },
  'reset-window': { kind: 'reset-window' },
  'toggle-labels': { kind: 'toggle-labels' },
  'show-slice-history': { kind: 'show-slice-history' },
  'next-disagreement': { kind: 'next-disagreement' },
  'take-mine': { kind: 'adjudicate', take: 'mine' },
  'take-theirs': { kind: 'adjudicate', take: 'theirs' },
  'take-theirs-here': { kind: 'adjudicate', take: 'theirs-here' },
};

const ALL_ACTIONS: Readonly<Record<PaletteCommand, EditorAction>> = {
  ...Object.fromEntries(TOOLS.map(({ id }) => [toolAction(id), { kind: 'set-tool', tool: id }])),
  ...ACTIONS,
};

/** Returns what a palette command asks of the editor. */
export function actionForPalette(command: PaletteCommand): EditorAction {
  return ALL_ACTIONS[command];
}
