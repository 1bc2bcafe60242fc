import type { LabelMap } from '../../../src/core/label/label-map.ts';
import type { AnnotationView } from './annotation-view.ts';

/**
 * Corrects an open case to the truth as a person would, with mouse and keyboard: for every axial slice that differs, one
 * short drag along each row of wrong voxels, with the label that belongs there or the eraser.
 *
 * The volume must be stored RAS (shown radiologically: column = nx - 1 - i, row = ny - 1 - j).
 * @returns how many strokes were drawn
 */
export async function correctTo(view: AnnotationView, shown: LabelMap, truth: LabelMap): Promise<number> {
  const [nx, ny, nz] = truth.shape;
  let strokes = 0;
  // Covers exactly the voxels under the path.
  await view.setBrushDiameterMm(0.2);
  for (let k = 0; k < nz; k++) {
    const runs = wrongRuns(shown, truth, k);
    if (runs.length === 0) continue;
    await view.goToSlice('axial', k);
    for (const label of new Set(runs.map((run) => run.label))) {
      if (label === 0) await view.press('e');
      else {
        await view.press('b');
        await view.press(String(label));
      }
      const rows = runs.filter((run) => run.label === label);
      await view.dragEach(
        'axial',
        rows.map(({ j, from, to }) => [
          [nx - 1 - from, ny - 1 - j],
          [nx - 1 - to, ny - 1 - j],
        ]),
      );
      strokes += rows.length;
    }
  }
  return strokes;
}

/** Runs along i on axial slice k where `shown` is not what it should be, by what it should be; `to` belongs to the run. */
export function wrongRuns(shown: LabelMap, truth: LabelMap, k: number) {
  const [nx, ny] = truth.shape;
  const runs: { readonly label: number; readonly j: number; readonly from: number; readonly to: number }[] = [];
  for (let j = 0; j < ny; j++) {
    const start = nx * (j + ny * k);
    for (let i = 0; i < nx; i++) {
      const label = truth.get(start + i);
      if (shown.get(start + i) === label) continue;
      const from = i;
      while (i + 1 < nx && truth.get(start + i + 1) === label && shown.get(start + i + 1) !== label) i++;
      runs.push({ label, j, from, to: i });
    }
  }
  return runs;
}
