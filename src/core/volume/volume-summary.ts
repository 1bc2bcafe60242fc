import { sliceFormatOf } from './extract-slice.ts';
import { headerFindings } from './findings.ts';
import type { VolumeHeader } from './volume-header.ts';
import type { VolumeSummary } from './volume-schemas.ts';

/** Says what can be said of a volume from its header alone. `scaling` is that of its slices (see `SliceImage`). */
export function summarizeVolume(name: string, header: VolumeHeader): VolumeSummary {
  const format = sliceFormatOf(header.datatype);
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
    warnings: headerFindings(header).map(({ sentence }) => sentence),
  };
}
