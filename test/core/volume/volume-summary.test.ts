import { expect, it } from 'vitest';
import { parseNiftiHeader } from '../../../src/core/formats/nifti/nifti-header.ts';
import { obliquityDegrees } from '../../../src/core/geometry/orientation.ts';
import { summarizeVolume } from '../../../src/core/volume/volume-summary.ts';
import { syntheticNifti } from '../../webview/support/synthetic-volume.ts';

it('says how far an oblique volume is from the axes that its planes are named after', () => {
  const file = syntheticNifti({ shape: [2, 2, 2], spacingMm: [1, 1, 3], value: () => 0 });
  expect(summarizeVolume('straight.nii', parseNiftiHeader(file)).warnings).toEqual([]);
  // The rows of the sform: turned by 20 degrees about the first axis.
  const view = new DataView(file.buffer);
  const angle = (20 * Math.PI) / 180;
  [1, 0, 0, 0, 0, Math.cos(angle), -3 * Math.sin(angle), 0, 0, Math.sin(angle), 3 * Math.cos(angle), 0].forEach(
    (value, n) => {
      view.setFloat32(280 + 4 * n, value, true);
    },
  );
  const header = parseNiftiHeader(file);
  expect(obliquityDegrees(header.grid.voxelToWorld)).toBeCloseTo(20, 4);
  expect(summarizeVolume('tilted.nii', header).warnings.join()).toMatch(/oblique.* 20°/);
});
