import type { PlaneName } from '../../core/geometry/slice-plane.ts';

export const PLANE_TITLES: Readonly<Record<PlaneName, string>> = {
  axial: 'Axial',
  coronal: 'Coronal',
  sagittal: 'Sagittal',
};
