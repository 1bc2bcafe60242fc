import * as v from 'valibot';
import { plane } from '../../core/geometry/geometry-schemas.ts';
import { PLANE_NAMES } from '../../core/geometry/slice-plane.ts';
import { radius } from '../../core/tools/radius.ts';
import { SLICE_PANES } from './slice-pane-state.ts';

/**
 * The first version of a saved view said this of its three panes, and of the one setting that tools had; everything
 * else has not changed.
 */
const threePlanes = v.looseObject({
  version: v.literal(1),
  poses: v.strictObject({ axial: v.looseObject({}), coronal: v.looseObject({}), sagittal: v.looseObject({}) }),
  activePlane: plane,
  mainPlane: plane,
  maximized: v.nullable(plane),
  brushRadiusMm: v.number(),
});

/** A view that version 1 saved, as version 2 writes it down; anything else as it is. It is still to be checked. */
export function fromVersion1(saved: unknown): unknown {
  const parsed = v.safeParse(threePlanes, saved);
  if (!parsed.success) return saved;
  const { poses, activePlane, mainPlane, maximized, brushRadiusMm, ...rest } = parsed.output;
  const panes = PLANE_NAMES.map((name) => ({
    id: name,
    kind: SLICE_PANES.id,
    state: { plane: name, ...poses[name] },
  }));
  return {
    ...rest,
    version: 2,
    panes,
    layout: { main: mainPlane, maximized },
    activePane: activePlane,
    toolSettings: { [radius.name]: brushRadiusMm },
  };
}
