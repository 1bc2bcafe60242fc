import * as v from 'valibot';
import { vec3 } from '../basic-schemas.ts';
import { PLANE_NAMES } from './slice-plane.ts';

/**
 * These are the run-time schemas of what this folder calls a plane and a grid. Each must stay assignable to the type
 * that it checks.
 */

export const plane = v.picklist(PLANE_NAMES);

export const grid = v.strictObject({
  shape: vec3,
  spacingMm: vec3,
  voxelToWorld: v.pipe(v.array(v.number()), v.length(16)),
});
