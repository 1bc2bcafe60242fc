import * as v from 'valibot';
import { gestureEntries, gridPoint } from '../../../src/core/tools/gesture-schemas.ts';
import { sliceLayout } from '../../../src/core/tools/raster/slice-layout.ts';
import { defineTool } from '../../../src/core/tools/tool.ts';
import type { ChoiceSetting } from '../../../src/core/tools/tool-setting.ts';

const dots: ChoiceSetting = {
  kind: 'choice',
  name: 'dots',
  title: 'Dots',
  help: 'How many',
  options: [{ value: 'one', title: 'one' }],
  schema: v.picklist(['one', 'row']),
  fresh: () => 'row',
};

/** A toy: what a newcomer would write in the folder of a tool of one voxel with one setting. */
export const dot = defineTool({
  id: 'dot',
  title: 'Dot',
  icon: 'M8 8h.1',
  key: { letter: 'o' },
  help: 'Dot: paints one voxel',
  erases: false,
  gestureKind: 'click',
  cursor: 'point',
  settings: [dots],
  gesture: v.strictObject({ tool: v.literal('dot'), ...gestureEntries, at: gridPoint }),
  editTitle: () => 'Dot',
  begin: ({ plane, slice, at, label, onlyOver, erases }) => ({
    tool: 'dot' as const,
    plane,
    slice,
    at,
    label: erases ? 0 : label,
    ...(!erases && onlyOver !== undefined && { onlyOver }),
  }),
  cover: ({ planes }, gesture, paint) => {
    const layout = sliceLayout(planes[gesture.plane], gesture);
    const [u, v] = layout.uv(gesture.at).map(Math.round);
    if (u < 0 || u >= layout.uCount || v < 0 || v >= layout.vCount) return;
    paint(layout.base + u * layout.uStride + v * layout.vStride, 1, gesture.label);
  },
});
