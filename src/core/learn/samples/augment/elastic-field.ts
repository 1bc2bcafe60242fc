import type { SeededRandom } from '../../../random.ts';

/** A smooth displacement of a plane, in pixels, element `row * columns + column`. */
export interface ElasticField {
  readonly down: Float32Array;
  readonly across: Float32Array;
}

/**
 * A free-form deformation by uniform cubic B-splines never folds while its nodes move less than `spacing / 2.046`:
 * Choi and Lee, "Injectivity conditions of 2D and 3D uniform cubic B-spline functions", Graphical Models 62, 2000.
 */
const LARGEST_SHARE_OF_GRID = 0.48;

/**
 * The standard deviation of the displacement over that of the nodes: the root of the mean over a cell of the sum of
 * squared weights, which along one axis is 151/315 (the B-spline's autocorrelation at 0).
 */
const SMOOTHING = 151 / 315;

/**
 * Draws random displacements at the nodes of a coarse grid (uniformly distributed, so that they have a bound), with
 * cubic B-splines in between.
 * @param displacementPixels standard deviation of the displacement, along rows and columns each; made smaller where
 * anatomy would fold
 * @param gridPixels distance between nodes
 */
export function elasticField(
  rows: number,
  columns: number,
  displacementPixels: number,
  gridPixels: number,
  random: SeededRandom,
): ElasticField {
  const bound = Math.min((displacementPixels * Math.sqrt(3)) / SMOOTHING, LARGEST_SHARE_OF_GRID * gridPixels);
  // The grid starts anywhere, so that no pixel is always near a node.
  const rowPhase = random.uniform();
  const columnPhase = random.uniform();
  const nodeRows = Math.ceil(rows / gridPixels) + 4;
  const nodeColumns = Math.ceil(columns / gridPixels) + 4;
  return {
    down: spline(rows, columns),
    across: spline(rows, columns),
  };

  function spline(height: number, width: number): Float32Array {
    const nodes = Float32Array.from({ length: nodeRows * nodeColumns }, () => random.uniform(-bound, bound));
    const field = new Float32Array(height * width);
    const blended = new Float32Array(nodeColumns);
    const acrossWeights = Array.from({ length: width }, (_, column) =>
      splineWeights(column / gridPixels + columnPhase),
    );
    for (let row = 0; row < height; row++) {
      const { first, weights } = splineWeights(row / gridPixels + rowPhase);
      for (let node = 0; node < nodeColumns; node++) {
        let sum = 0;
        for (let tap = 0; tap < 4; tap++) sum += weights[tap] * nodes[(first + tap) * nodeColumns + node];
        blended[node] = sum;
      }
      for (let column = 0; column < width; column++) {
        const { first: left, weights: across } = acrossWeights[column];
        field[row * width + column] =
          across[0] * blended[left] +
          across[1] * blended[left + 1] +
          across[2] * blended[left + 2] +
          across[3] * blended[left + 3];
      }
    }
    return field;
  }
}

/** Returns the four uniform cubic B-splines that are not 0 at `position` (in grid cells); their weights sum to 1. */
function splineWeights(position: number): { first: number; weights: readonly number[] } {
  const first = Math.floor(position);
  const t = position - first;
  const u = 1 - t;
  return {
    first,
    weights: [u ** 3 / 6, (3 * t ** 3 - 6 * t ** 2 + 4) / 6, (3 * u ** 3 - 6 * u ** 2 + 4) / 6, t ** 3 / 6],
  };
}
