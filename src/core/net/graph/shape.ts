import { NetworkShapeError } from './errors.ts';

/** A size that is known only when the graph runs: `scale` times the run's value of `symbol`. */
export interface SymbolicDim {
  readonly symbol: string;
  readonly scale: number;
}

export type Dim = number | SymbolicDim;

/** The sizes of a tensor's axes, the last axis fastest in memory. Feature maps are `[batch, channels, ...space]`. */
export type Shape = readonly Dim[];

export function symbol(name: string): SymbolicDim {
  return { symbol: name, scale: 1 };
}

export function sameDim(a: Dim, b: Dim): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.symbol === b.symbol && a.scale === b.scale;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis] as Dim));
}

/** @throws NetworkShapeError if a known size does not divide evenly */
export function scaleDim(dim: Dim, factor: number): Dim {
  if (typeof dim !== 'number') return { symbol: dim.symbol, scale: dim.scale * factor };
  const scaled = dim * factor;
  if (!Number.isInteger(scaled)) {
    throw new NetworkShapeError(
      `A size of ${dim} cannot be divided by ${1 / factor}: pad the image to a multiple first.`,
    );
  }
  return scaled;
}

/** @throws NetworkShapeError if the size is symbolic */
export function knownSize(dim: Dim): number {
  if (typeof dim === 'number') return dim;
  throw new NetworkShapeError(`This needs a known size where the graph has the symbolic size "${describeDim(dim)}".`);
}

export function knownShape(shape: Shape): number[] {
  return shape.map(knownSize);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Broadcasts by numpy's rule: shapes are aligned at the last axis, and a size of 1 stretches.
 * @throws NetworkShapeError
 */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === 1) return right;
    if (right === 1 || sameDim(left, right)) return left;
    throw new NetworkShapeError(`Shapes ${describeShape(a)} and ${describeShape(b)} do not broadcast.`);
  });
}

export function describeDim(dim: Dim): string {
  if (typeof dim === 'number') return String(dim);
  return dim.scale === 1 ? dim.symbol : `${dim.symbol}*${dim.scale}`;
}

export function describeShape(shape: Shape): string {
  return `[${shape.map(describeDim).join(', ')}]`;
}
