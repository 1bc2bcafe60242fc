/**
 * Blurs one plane with a Gaussian, in place; beyond the edge the outermost pixel is repeated.
 * @param plane `rows * columns`
 * @param scratch as long as `plane`
 */
export function blurPlane(
  plane: Float32Array,
  rows: number,
  columns: number,
  sigmaPixels: number,
  scratch: Float32Array,
): void {
  const kernel = gaussianKernel(sigmaPixels);
  if (kernel.length === 1) return;
  blurRows(plane, rows, columns, kernel, scratch);
  blurColumns(scratch, rows, columns, kernel, plane);
}

/** Makes half of the kernel: the weights of distance 0, 1, ... up to three sigmas; all of them sum to 1. */
function gaussianKernel(sigmaPixels: number): Float64Array {
  const radius = Math.ceil(3 * sigmaPixels);
  const half = Float64Array.from({ length: radius + 1 }, (_, distance) =>
    distance === 0 ? 1 : Math.exp(-(distance ** 2) / (2 * sigmaPixels ** 2)),
  );
  const sum = half.reduce((total, weight) => total + 2 * weight, 0) - half[0];
  return half.map((weight) => weight / sum);
}

function blurRows(source: Float32Array, rows: number, columns: number, kernel: Float64Array, target: Float32Array) {
  const last = columns - 1;
  const radius = kernel.length - 1;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      let sum = kernel[0] * source[start + column];
      if (column >= radius && column + radius <= last) {
        for (let d = 1; d <= radius; d++) sum += kernel[d] * (source[start + column - d] + source[start + column + d]);
      } else {
        for (let d = 1; d <= radius; d++) {
          sum += kernel[d] * (source[start + Math.max(0, column - d)] + source[start + Math.min(last, column + d)]);
        }
      }
      target[start + column] = sum;
    }
  }
}

function blurColumns(source: Float32Array, rows: number, columns: number, kernel: Float64Array, target: Float32Array) {
  const last = rows - 1;
  for (let row = 0; row < rows; row++) {
    const write = row * columns;
    for (let column = 0; column < columns; column++) target[write + column] = kernel[0] * source[write + column];
    for (let d = 1; d < kernel.length; d++) {
      const above = Math.max(0, row - d) * columns;
      const below = Math.min(last, row + d) * columns;
      const weight = kernel[d];
      for (let column = 0; column < columns; column++) {
        target[write + column] += weight * (source[above + column] + source[below + column]);
      }
    }
  }
}
