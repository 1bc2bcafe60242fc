import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { scoreCohort } from '../../../src/core/metrics/cohort-scores.ts';
import { scoreSegmentation } from '../../../src/core/metrics/score-segmentation.ts';
import { worstSlicePicture } from '../../../src/core/report/slice-picture.ts';
import type { ReportedCase, ReportPicture, TrainingReport } from '../../../src/core/report/training-report.ts';
import { tinyGrid } from '../../support/tiny-volume.ts';

const shape: Vec3 = [24, 20, 10];
const spacingMm: Vec3 = [2, 2, 4];

/** An organ (1) with two lesions (2); `shift` moves everything along i. */
export function phantom(shift: number, lesions: number): Uint8Array {
  const [nx, ny, nz] = shape;
  return Uint8Array.from({ length: nx * ny * nz }, (_, n) => {
    const [i, j, k] = [(n % nx) - shift, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
    const within = (ci: number, cj: number, ck: number, r: number) =>
      (i - ci) ** 2 + (j - cj) ** 2 + (2 * (k - ck)) ** 2 < r * r;
    if ((lesions > 0 && within(8, 8, 5, 2.2)) || (lesions > 1 && within(13, 11, 4, 1.5))) return 2;
    return within(11, 10, 5, 8) ? 1 : 0;
  });
}

/** A full report, with names as a user may choose them. */
export function sampleReport(names: { caseId?: string; label?: string; cohort?: string } = {}): TrainingReport {
  const labels = [
    { value: 1, name: 'liver', color: '#d55e00' },
    { value: 2, name: names.label ?? 'tumour', color: '#56b4e9' },
  ];
  const options = { shape, spacingMm, labels, toleranceMm: 1 };
  const ids = Array.from({ length: 23 }, (_, n) => (n === 0 ? (names.caseId ?? 'case_00') : `case_${n}`));
  const predictions = ids.map((_, n) => phantom(n % 3, n === 0 ? 0 : 2 - (n % 2)));
  const score = (shift: number) =>
    scoreCohort(ids.map((id, n) => scoreSegmentation(id, predictions[(n + shift) % 23], phantom(0, 2), options)));
  const picture = worstSlicePicture({
    caseId: ids[0],
    grid: tinyGrid(shape, spacingMm),
    axis: 2,
    image: Float32Array.from(phantom(0, 2), (label, n) => label * 100 + (n % 7)),
    prediction: predictions[0],
    truth: phantom(0, 2),
  }) as ReportPicture;
  const sets = ['train', 'tune', 'holdout'] as const;
  return {
    version: 3,
    cohort: names.cohort ?? 'Livers',
    created: '2026-01-02T03:04:05.678Z',
    parent: 2,
    verdict: { activated: true, reason: 'Dice 0.871 on cases it never saw, model 2 has 0.859.' },
    labels,
    curve: Array.from({ length: 12 }, (_, n) => ({
      step: 100 * (n + 1),
      loss: 1 / (n + 1),
      tuneDice: 0.9 - 0.5 / (n + 1),
      learningRate: 0.002 * (1 - n / 12),
    })),
    bestStep: 1100,
    epochs: 4,
    steps: 1200,
    ended: 'The time was up.',
    planSentences: ['Slices are seen at 2 mm x 2 mm per pixel.'],
    plan: { preset: 'auto', labels },
    dataFingerprint: 'sha256-0123456789abcdef',
    cases: sets.flatMap((set) =>
      ids.map(
        (id): ReportedCase => ({
          id: `${set} ${id}`,
          set,
          shape,
          spacingMm,
          countedSlices: 8,
          slices: 10,
          labelVoxels: [1234567, 89],
        }),
      ),
    ),
    holdout: score(0),
    previous: { version: 2, holdout: score(1) },
    toleranceMm: 1,
    measuredOn: 'holdout',
    pictures: [picture],
    preset: 'auto',
    engine: 'ONNX Runtime CPU',
    machine: 'Linux x64, 2 cores',
    seed: 1,
    seconds: 598,
  };
}
