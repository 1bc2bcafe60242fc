import { quantile } from '../../metrics/quantile.ts';
import type { AnatomicalSlicing, Slicing } from '../plan/plan.ts';
import { allHounsfield, type CaseFingerprint } from './fingerprint.ts';

/** How a figure ranges over the cases. */
export interface FigureRange {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What planning saw in the data: plain JSON, for the model's card, the report and the plan in words. */
export interface DataSummary {
  readonly cases: number;
  /** So many cases have their finest pixels in each anatomical plane. */
  readonly finest: Readonly<Record<AnatomicalSlicing, number>>;
  /** The figures below are about slices in this slicing. */
  readonly slicing: Slicing;
  /** The slices of all cases; the next two are those that train, and those of these that show a label. */
  readonly slices: number;
  readonly trainingSlices: number;
  readonly foregroundSlices: number;
  readonly slicesPerCase: FigureRange;
  readonly rows: FigureRange;
  readonly columns: FigureRange;
  readonly rowSpacingMm: FigureRange;
  readonly columnSpacingMm: FigureRange;
  readonly sliceSpacingMm: FigureRange;
  /** The share of a slice's pixels that lie in the body's box. */
  readonly bodyShare: FigureRange;
  /** In so many cases that box would cut labels off. */
  readonly labelsOutsideBody: number;
  readonly channels: readonly {
    /** It is true when the values are Hounsfield units in every case. */
    readonly hounsfield: boolean;
    /** The ranges of the 0.5th and of the 99.5th percentile. */
    readonly low: FigureRange;
    readonly high: FigureRange;
  }[];
  /** The classes, background first. */
  readonly classes: readonly {
    readonly voxels: number;
    /** The share of all voxels that train. */
    readonly share: number;
    /** So many cases show it. */
    readonly cases: number;
    /** The number of connected components in all cases; it is 0 for the background. */
    readonly components: number;
    /** How large they look in a slice. It is null where there are none. */
    readonly componentMm: { readonly p10: number; readonly median: number; readonly p90: number } | null;
  }[];
}

/**
 * @param cases at least one
 * @param slicing the slicing in which the slices are described
 */
export function summarizeFingerprints(cases: readonly CaseFingerprint[], slicing: Slicing): DataSummary {
  const sliced = cases.map((found) => found.sliced[slicing]);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const range = (figure: (found: (typeof sliced)[number]) => number) => rangeOf(sliced.map(figure));
  const votes = (wanted: AnatomicalSlicing) => cases.filter(({ finest }) => finest === wanted).length;
  // A case knows only the labels of the cases that were read before it.
  const classes = Math.max(...cases.map((found) => found.classVoxels.length));
  const classVoxels = Array.from({ length: classes }, (_, label) =>
    sum(cases.map((found) => found.classVoxels[label] ?? 0)),
  );
  return {
    cases: cases.length,
    finest: { axial: votes('axial'), coronal: votes('coronal'), sagittal: votes('sagittal') },
    slicing,
    slices: sum(sliced.map(({ slices }) => slices)),
    trainingSlices: sum(sliced.map(({ trainingSlices }) => trainingSlices)),
    foregroundSlices: sum(sliced.map(({ foregroundSlices }) => foregroundSlices)),
    slicesPerCase: range(({ slices }) => slices),
    rows: range(({ rows }) => rows),
    columns: range(({ columns }) => columns),
    rowSpacingMm: range(({ rowSpacingMm }) => rowSpacingMm),
    columnSpacingMm: range(({ columnSpacingMm }) => columnSpacingMm),
    sliceSpacingMm: range(({ sliceSpacingMm }) => sliceSpacingMm),
    bodyShare: range(({ rows, columns, bodyRows, bodyColumns }) => (bodyRows * bodyColumns) / (rows * columns)),
    labelsOutsideBody: sliced.filter(({ labelledOutsideBody }) => labelledOutsideBody > 0).length,
    channels: cases[0].intensities.map((_, channel) => ({
      hounsfield: allHounsfield(cases, channel),
      low: rangeOf(cases.map(({ intensities }) => intensities[channel].low)),
      high: rangeOf(cases.map(({ intensities }) => intensities[channel].high)),
    })),
    classes: classVoxels.map((voxels, label) => {
      const componentsMm = sliced.flatMap((found) => found.componentsMm[label - 1] ?? []).sort((a, b) => a - b);
      return {
        voxels,
        share: voxels / Math.max(1, sum(classVoxels)),
        cases: cases.filter((found) => (found.classVoxels[label] ?? 0) > 0).length,
        components: componentsMm.length,
        componentMm:
          componentsMm.length === 0
            ? null
            : {
                p10: quantile(componentsMm, 0.1),
                median: quantile(componentsMm, 0.5),
                p90: quantile(componentsMm, 0.9),
              },
      };
    }),
  };
}

function rangeOf(values: readonly number[]): FigureRange {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: quantile(sorted, 0.5), max: sorted[sorted.length - 1] };
}
