import * as v from 'valibot';
import { defineDataTool, queryEntries } from '../../../src/core/tools/data-tool.ts';

/** A toy: what a newcomer would write in the folder of a tool that looks at the image and at the labels. */
export const above = defineDataTool({
  id: 'above',
  title: 'Above',
  icon: 'M8 8h.1',
  key: { letter: 'o', shift: true },
  help: 'Above: paints what is brighter than 50 and has no label, in the whole volume',
  erases: false,
  gestureKind: 'click',
  cursor: 'point',
  settings: [],
  query: v.strictObject({ tool: v.literal('above'), ...queryEntries }),
  editTitle: () => 'Above',
  begin: ({ plane, slice, timeIndex, label }) => ({ tool: 'above' as const, plane, slice, timeIndex, label }),
  answer: async ({ planes, image, labels, progress }, { label, timeIndex }, paint) => {
    const box = { from: [0, 0, 0], to: planes.axial.grid.shape } as const;
    const [values, drawn] = await Promise.all([image(box, timeIndex), labels(box)]);
    progress(0.5);
    values.forEach((value, at) => {
      if (value > 50 && drawn[at] === 0) paint(at, 1, label);
    });
  },
});
