import * as v from 'valibot';
import { beginStroke } from '../begin-stroke.ts';
import { draggedEntries } from '../gesture-schemas.ts';
import { radius } from '../radius.ts';
import { defineTool } from '../tool.ts';
import { forEachSweptBallRange, rowsUnderSegment } from './swept-ball.ts';

/** A ball in mm, drawn along a path in a slice: it paints the slices around as well. */
export const ball = defineTool({
  id: 'ball',
  title: '3-D brush',
  icon: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8c0 1.2 2.7 2.2 6 2.2s6-1 6-2.2M8 2c-1.2 0-2.2 2.7-2.2 6s1 6 2.2 6',
  key: { letter: 'b', shift: true },
  help: '3-D brush: paints a ball, in the slices around as well',
  erases: false,
  gestureKind: 'drag',
  cursor: 'ball',
  settings: [radius],
  gesture: v.strictObject({ tool: v.literal('ball'), ...draggedEntries }),
  editTitle: ({ label }) => (label === 0 ? 'Erase in 3-D' : 'Paint in 3-D'),
  begin: (hand) => ({ tool: 'ball' as const, ...beginStroke(hand) }),
  workOf: rowsUnderSegment,
  cover: ({ planes }, stroke, paint) =>
    forEachSweptBallRange(planes[stroke.plane], stroke, (start, length) => paint(start, length, stroke.label)),
});
