import * as v from 'valibot';
import { gestureEntries, gridPoint } from '../gesture-schemas.ts';
import { type SliceLayout, sliceLayout } from '../raster/slice-layout.ts';
import { defineTool, type Paint, type ToolContext } from '../tool.ts';
import { type ChoiceSetting, settingValue } from '../tool-setting.ts';
import { enclosingLabel, holesOf, type LabelSlice, regionAround } from './slice-regions.ts';

const fillModes = ['region', 'holes'] as const;
type FillMode = (typeof fillModes)[number];

const fillMode: ChoiceSetting<FillMode> = {
  kind: 'choice',
  name: 'fillMode',
  title: 'Fill',
  help: 'What a click fills; Ctrl+click fills the other',
  options: [
    { value: 'region', title: 'regions' },
    { value: 'holes', title: 'holes' },
  ],
  schema: v.picklist(fillModes),
  fresh: () => 'region',
};

/**
 * A click fills a slice. With `region` all that is joined to the pixel and has its label gets the active label; with
 * `holes` the background that the label at the pixel encloses gets that label. Labels are taken as they show, so a
 * waiting proposal can be filled as well.
 */
export const fill = defineTool({
  id: 'fill',
  title: 'Fill',
  icon: 'm6.5 2.5 6 6-5 5a1.4 1.4 0 0 1-2 0l-4-4a1.4 1.4 0 0 1 0-2l5-5zM6.5 2.5 5 1M2 8.5h10M14 10.5c.9 1.3 1.2 2 0 2.8-1.2-.8-.9-1.5 0-2.8z',
  key: { letter: 'f', shift: true },
  help: 'Fill: a click fills the region under it, Ctrl+click the holes of the label',
  erases: false,
  gestureKind: 'click',
  cursor: 'point',
  settings: [fillMode],
  gesture: v.strictObject({ tool: v.literal('fill'), ...gestureEntries, at: gridPoint, mode: v.picklist(fillModes) }),
  editTitle: ({ mode, label }) => (mode === 'holes' ? 'Fill Holes' : label === 0 ? 'Erase Region' : 'Fill Region'),
  begin: ({ plane, slice, at, settings, label, onlyOver, erases, alternative }) => {
    const set = settingValue(fillMode, settings);
    const other = set === 'region' ? 'holes' : 'region';
    return {
      tool: 'fill' as const,
      plane,
      slice,
      at,
      // An eraser never adds a label, and filling holes can do nothing else.
      mode: erases ? ('region' as const) : alternative ? other : set,
      label: erases ? 0 : label,
      ...(!erases && onlyOver !== undefined && { onlyOver }),
    };
  },
  // Only what changes is covered: a click that changes nothing must not take a proposal over on all slices it crosses.
  cover: (context, { plane, at, mode, label, onlyOver, slice: index }, paint) => {
    const layout = sliceLayout(context.planes[plane], { tool: 'fill', plane, slice: index, label });
    const [u, v] = layout.uv(at).map(Math.round);
    if (u < 0 || u >= layout.uCount || v < 0 || v >= layout.vCount) return;
    const slice = labelSlice(context, layout);
    const pixel = u + layout.uCount * v;
    const spares = (before: number) => onlyOver !== undefined && onlyOver !== before;
    if (mode === 'region') {
      const before = slice.labels[pixel];
      if (before === label || spares(before)) return;
      paintPixels(regionAround(slice, pixel), layout, label, paint);
    } else if (label !== 0 && !spares(0)) {
      const enclosing = enclosingLabel(slice, pixel, layout.uMm, layout.vMm);
      if (enclosing !== 0) paintPixels(holesOf(slice, enclosing), layout, enclosing, paint);
    }
  },
});

/** Returns the slice as it shows. */
function labelSlice({ labels }: ToolContext, { uCount, vCount, base, uStride, vStride }: SliceLayout): LabelSlice {
  const slice = { labels: new Uint16Array(uCount * vCount), width: uCount, height: vCount };
  for (let v = 0; v < vCount; v++) {
    const start = base + v * vStride;
    const first = v * uCount;
    if (uStride === 1) {
      labels.forEachRun(start, uCount, (label, at, length) =>
        slice.labels.fill(label, first + at - start, first + at - start + length),
      );
    } else {
      for (let u = 0; u < uCount; u++) slice.labels[first + u] = labels.get(start + u * uStride);
    }
  }
  return slice;
}

function paintPixels(pixels: Uint8Array, layout: SliceLayout, label: number, paint: Paint): void {
  const { uCount, vCount, base, uStride, vStride } = layout;
  for (let v = 0; v < vCount; v++) {
    for (let u = 0; u < uCount; u++) {
      if (pixels[v * uCount + u] === 0) continue;
      const from = u;
      while (uStride === 1 && u + 1 < uCount && pixels[v * uCount + u + 1] !== 0) u++;
      paint(base + v * vStride + from * uStride, u - from + 1, label);
    }
  }
}
