import * as v from 'valibot';
import { beginStroke } from '../begin-stroke.ts';
import { draggedEntries } from '../gesture-schemas.ts';
import { radius } from '../radius.ts';
import { forEachSweptDiscRange } from '../raster/swept-disc.ts';
import { defineTool } from '../tool.ts';

const brushStroke = v.strictObject({ tool: v.literal('brush'), ...draggedEntries });

/**
 * A round brush is moved along a polyline within one slice. Label 0 erases, because pages before version 2 of the view
 * said it so.
 */
export type BrushStroke = v.InferOutput<typeof brushStroke>;

export const brush = defineTool({
  id: 'brush',
  title: 'Brush',
  icon: 'M13.5 2.5 7.6 9M5.8 9.3a2.2 2.2 0 0 1 1.9 2.6c-.3 1.8-2.6 2.4-5.2 1.9 1.1-.7.9-1.7 1.1-2.7a2.2 2.2 0 0 1 2.2-1.8z',
  key: { letter: 'b' },
  help: 'Brush: paints a disc in the slice',
  erases: false,
  gestureKind: 'drag',
  cursor: 'disc',
  settings: [radius],
  gesture: brushStroke,
  editTitle: ({ label }) => (label === 0 ? 'Erase' : 'Paint'),
  begin: (hand) => ({ tool: 'brush' as const, ...beginStroke(hand) }),
  cover: ({ planes }, stroke, paint) =>
    forEachSweptDiscRange(planes[stroke.plane], stroke, (start, length) => paint(start, length, stroke.label)),
});
