import { quantile } from '../../metrics/quantile.ts';
import type { Plan } from '../plan/plan.ts';
import type { SlicedCase } from './fingerprint.ts';

/** A structure is to stay at least so many pixels across. */
const PIXELS_ACROSS = 4;
/** Label components that are fewer pixels across in the images themselves are specks: no pixel size shows them. */
const SPECK_PIXELS = 2;
/**
 * Where not all slices are affordable, this share of them is to fit, by height and by width: larger ones are seen in
 * parts, so that one odd case does not decide for all.
 */
const FITTING_SHARE = 0.95;

/** What a person has decided of the plane; the rest follows. */
export interface GivenPlane {
  readonly rowSpacingMm?: number | undefined;
  readonly columnSpacingMm?: number | undefined;
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  readonly levels?: number | undefined;
}

export interface PlannedPlane {
  readonly plane: Extract<Plan['plane'], { kind: 'spacing' }>;
  /** How often the network halves the plane. */
  readonly levels: number;
  readonly window: Plan['prediction']['window'];
}

/**
 * Plans pixels and plane. The pixel size is the cohort's median. It is made coarser where slices would not fit the
 * pixels that are affordable, but only while the smallest structures stay four pixels across; where they would not, the
 * network is shown windows of the affordable size instead. The plane is the slice or that window, in multiples of what
 * the network halves.
 *
 * @param cases at least one
 * @param affordablePixels the number of pixels that the plane may have
 * @param severalSlicings `cases` holds each case in several: pixels are then square, so that anatomy has the same
 * proportions whichever way it is cut
 */
export function planPlane(
  cases: readonly SlicedCase[],
  crop: Plan['crop'],
  affordablePixels: number,
  severalSlicings: boolean,
  given: GivenPlane,
): PlannedPlane {
  const rowsMm = cases.map(({ rowSpacingMm }) => rowSpacingMm);
  const columnsMm = cases.map(({ columnSpacingMm }) => columnSpacingMm);
  const bothMm = [...rowsMm, ...columnsMm];
  const medianRowMm = quantileOf(severalSlicings ? bothMm : rowsMm, 0.5);
  const medianColumnMm = quantileOf(severalSlicings ? bothMm : columnsMm, 0.5);
  const heightsMm = cases.map(({ rows, bodyRows, rowSpacingMm }) => (crop === 'body' ? bodyRows : rows) * rowSpacingMm);
  const widthsMm = cases.map(
    ({ columns, bodyColumns, columnSpacingMm }) => (crop === 'body' ? bodyColumns : columns) * columnSpacingMm,
  );
  const medianPixels = (share: number) =>
    (quantileOf(heightsMm, share) * quantileOf(widthsMm, share)) / (medianRowMm * medianColumnMm);
  const share = medianPixels(1) <= affordablePixels ? 1 : FITTING_SHARE;
  const [heightMm, widthMm] = [quantileOf(heightsMm, share), quantileOf(widthsMm, share)];
  const wished = Math.sqrt(medianPixels(share) / affordablePixels);
  const structureMm = smallestStructureMm(cases) ?? Number.POSITIVE_INFINITY;
  const bearable = structureMm / PIXELS_ACROSS / Math.max(medianRowMm, medianColumnMm);
  const coarser = Math.max(1, Math.min(wished, bearable));
  const rowSpacingMm = given.rowSpacingMm ?? medianRowMm * coarser;
  const columnSpacingMm = given.columnSpacingMm ?? medianColumnMm * coarser;

  const wholeRows = Math.max(1, Math.round(heightMm / rowSpacingMm));
  const wholeColumns = Math.max(1, Math.round(widthMm / columnSpacingMm));
  // The window keeps the slice's proportions. A few pixels more are not worth cutting slices into windows.
  const part = Math.sqrt(affordablePixels / (wholeRows * wholeColumns));
  const fits = part > 0.9;
  const rows = given.rows ?? (fits ? wholeRows : Math.round(wholeRows * part));
  const columns = given.columns ?? (fits ? wholeColumns : Math.round(wholeColumns * part));
  const levels = given.levels ?? planLevels(rows, columns);
  const multiple = 2 ** levels;
  const plane = {
    kind: 'spacing',
    rowSpacingMm,
    columnSpacingMm,
    rows: given.rows ?? Math.ceil(rows / multiple) * multiple,
    columns: given.columns ?? Math.ceil(columns / multiple) * multiple,
  } as const;
  const holdsSlices = plane.rows >= wholeRows && plane.columns >= wholeColumns;
  return { plane, levels, window: holdsSlices ? 'whole' : 'tiles' };
}

/**
 * Says how large the smaller structures look in slices: of each label the component below which a tenth lie, of the
 * labels the smallest. It is undefined where nothing but specks is labelled.
 */
export function smallestStructureMm(cases: readonly SlicedCase[]): number | undefined {
  const classes = Math.max(...cases.map(({ componentsMm }) => componentsMm.length));
  const byClass = Array.from({ length: classes }, (_, index) =>
    cases.flatMap(({ componentsMm, rowSpacingMm, columnSpacingMm }) =>
      (componentsMm[index] ?? []).filter((mm) => mm >= SPECK_PIXELS * Math.max(rowSpacingMm, columnSpacingMm)),
    ),
  );
  const tenths = byClass.filter((found) => found.length > 0).map((found) => quantileOf(found, 0.1));
  return tenths.length === 0 ? undefined : Math.min(...tenths);
}

function quantileOf(values: readonly number[], share: number): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    share,
  );
}

/**
 * Says how often the plane is halved: at most four times (the paper's), less where the bottom would be under 3 pixels
 * across.
 */
function planLevels(rows: number, columns: number): number {
  return Math.max(1, Math.min(4, Math.floor(Math.log2(Math.min(rows, columns) / 2.6))));
}
