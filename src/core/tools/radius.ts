import * as v from 'valibot';
import type { LengthSetting } from './tool-setting.ts';

export const RADIUS_MIN_MM = 0.1;
export const RADIUS_MAX_MM = 100;

export function clampRadius(radiusMm: number): number {
  return Math.min(Math.max(radiusMm, RADIUS_MIN_MM), RADIUS_MAX_MM);
}

/** The radius in mm of everything that is drawn along a path. Brush, eraser and 3-D brush have one. */
export const radius: LengthSetting = {
  kind: 'length',
  name: 'radiusMm',
  schema: v.pipe(v.number(), v.minValue(RADIUS_MIN_MM), v.maxValue(RADIUS_MAX_MM)),
  // This is two and a half of the finest voxels: it can be seen at once in any volume, and is still a fine brush.
  fresh: (spacingMm) => clampRadius(Number((2.5 * Math.min(...spacingMm)).toPrecision(2))),
};
