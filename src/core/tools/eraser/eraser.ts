import * as v from 'valibot';
import { draggedEntries } from '../gesture-schemas.ts';
import { radius } from '../radius.ts';
import { forEachSweptDiscRange } from '../raster/swept-disc.ts';
import { defineTool } from '../tool.ts';
import { settingValue } from '../tool-setting.ts';

const { onlyOver: _any, ...entries } = draggedEntries;

/** The brush's other end: it takes away every label under it, whatever the brush may paint over. */
export const eraser = defineTool({
  id: 'eraser',
  title: 'Eraser',
  icon: 'm9.3 2.6 4.1 4.1-6 6H4.6L2.5 10.6z M5.9 6l4.1 4.1 M7 12.7h6.5',
  key: { letter: 'e' },
  help: 'Eraser: takes labels away in the slice',
  erases: true,
  gestureKind: 'drag',
  cursor: 'disc',
  settings: [radius],
  gesture: v.strictObject({ tool: v.literal('eraser'), ...entries, label: v.literal(0) }),
  editTitle: () => 'Erase',
  begin: ({ plane, slice, at, settings }) => ({
    tool: 'eraser' as const,
    plane,
    slice,
    path: [at],
    radiusMm: settingValue(radius, settings),
    label: 0 as const,
  }),
  cover: ({ planes }, stroke, paint) =>
    forEachSweptDiscRange(planes[stroke.plane], stroke, (start, length) => paint(start, length, 0)),
});
