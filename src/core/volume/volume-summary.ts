import { obliquityDegrees } from '../geometry/orientation.ts';
import type { NiftiHeader } from '../nifti/nifti-header.ts';
import type { VolumeSummary } from '../protocol/schemas.ts';
import { sliceFormat } from './extract-slice.ts';

/** Less is what every scan has. */
const MENTIONED_DEGREES = 3;

/** What can be said of a volume from its header alone. `scaling` is that of its slices (see `SliceImage`). */
export function summarizeVolume(name: string, header: NiftiHeader): VolumeSummary {
  const format = sliceFormat(header.datatype);
  const alreadyScaled = format === 'f32' || format === 'rgba8';
  return {
    name,
    dimensions: [...header.dimensions],
    grid: {
      shape: [...header.grid.shape],
      spacingMm: [...header.grid.spacingMm],
      voxelToWorld: [...header.grid.voxelToWorld],
    },
    timePoints: header.timePoints,
    datatype: header.datatype.name,
    sliceFormat: format,
    scaling: alreadyScaled ? { slope: 1, intercept: 0 } : { ...header.scaling },
    orientation: header.orientation,
    geometrySource: header.geometrySource,
    warnings: [...header.warnings, ...obliqueness(header)],
  };
}

/** Planes follow the voxel grid (slices are never resampled): of an oblique volume they are only near what they are named. */
function obliqueness({ grid }: NiftiHeader): string[] {
  const degrees = obliquityDegrees(grid.voxelToWorld);
  if (degrees < MENTIONED_DEGREES) return [];
  return [
    `This volume is oblique: its planes follow the voxels, up to ${degrees.toFixed(0)}° away from the patient's axes.`,
  ];
}
