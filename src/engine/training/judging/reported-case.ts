import type { Plan } from '../../../core/learn/plan/plan.ts';
import { planFrame } from '../../../core/learn/planes/slice-frame.ts';
import type { CaseTruth, ImageVolume } from '../../../core/learn/planes/volume-input.ts';
import type { ReportedCase } from '../../../core/report/training-report.ts';

/** Says for the report what a case's data is. */
export function reportedCase(
  id: string,
  set: ReportedCase['set'],
  { grid }: Pick<ImageVolume, 'grid'>,
  { classes }: CaseTruth,
  { labels, slicing }: Pick<Plan, 'labels' | 'slicing'>,
): ReportedCase {
  const labelVoxels = labels.slice(1).map(() => 0);
  const { origin, slices, sliceStride, rows, rowStride, columns, columnStride } = planFrame(grid, slicing);
  let countedSlices = 0;
  for (let slice = 0; slice < slices; slice++) {
    let counts = false;
    for (let row = 0; row < rows; row++) {
      let voxel = origin + slice * sliceStride + row * rowStride;
      for (let column = 0; column < columns; column++, voxel += columnStride) {
        const label = classes[voxel];
        if (label >= 0) counts = true;
        if (label > 0) labelVoxels[label - 1]++;
      }
    }
    if (counts) countedSlices++;
  }
  return { id, set, shape: grid.shape, spacingMm: grid.spacingMm, countedSlices, slices, labelVoxels };
}
