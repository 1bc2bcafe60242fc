/** Zeros around the axes of space: one number per axis and side. */
export interface Padding {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The padding under which an odd kernel keeps the size: half the kernel on each side. */
export function samePadding(kernel: readonly number[]): Padding {
  const half = kernel.map((size) => (size - 1) / 2);
  return { before: half, after: half };
}
