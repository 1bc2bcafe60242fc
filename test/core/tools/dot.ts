import * as v from 'valibot';
import { gestureEntries, gridPoint } from '../../../src/core/tools/gesture-schemas.ts';
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
  begin: ({ plane, slice, at, label }) => ({ tool: 'dot' as const, plane, slice, at, label }),
  cover: ({ planes }, { plane, slice, at, label }, paint) => {
    const { normalAxis, columnAxis, rowAxis, grid } = planes[plane];
    const strides = [1, grid.shape[0], grid.shape[0] * grid.shape[1]];
    paint(slice * strides[normalAxis] + at[0] * strides[columnAxis] + at[1] * strides[rowAxis], 1, label);
  },
});
