import type { Plan } from '../plan/plan.ts';
import { type InputDirection, inputDirection } from '../samples/augment/mirror-directions.ts';

/** These directions of the network's input are turned round. */
export type Mirroring = Readonly<Record<InputDirection, boolean>>;

/**
 * Lists every combination of the plan's mirror axes, the image as it is first. Without neighbouring slices their
 * direction changes nothing.
 */
export function planMirrorings({ prediction, slicing, neighbours }: Plan): Mirroring[] {
  const directions = new Set(prediction.mirror.map((axis) => inputDirection(slicing, axis)));
  if (neighbours === 0) directions.delete('neighbours');
  let combinations: Mirroring[] = [{ rows: false, columns: false, neighbours: false }];
  for (const direction of directions) {
    combinations = [...combinations, ...combinations.map((other) => ({ ...other, [direction]: true }))];
  }
  return combinations;
}

/** Mirrors one plane (row-major) in place. It is its own inverse. */
export function mirrorPlane(
  plane: Float32Array,
  columns: number,
  mirroring: Pick<Mirroring, 'rows' | 'columns'>,
): void {
  // A plane that is read backwards is mirrored in both directions.
  if (mirroring.rows) plane.reverse();
  if (mirroring.rows === mirroring.columns) return;
  for (let start = 0; start < plane.length; start += columns) plane.subarray(start, start + columns).reverse();
}

/**
 * Writes a mirrored copy of one input to `target`, which is as long.
 *
 * @param input `[slice offset, channel, row, column]`
 * @param size slice offsets, image channels, and columns of a plane
 */
export function mirrorInput(
  input: Float32Array,
  size: { readonly offsets: number; readonly channels: number; readonly columns: number },
  mirroring: Mirroring,
  target: Float32Array,
): void {
  const slice = input.length / size.offsets;
  for (let offset = 0; offset < size.offsets; offset++) {
    const from = mirroring.neighbours ? size.offsets - 1 - offset : offset;
    target.set(input.subarray(from * slice, (from + 1) * slice), offset * slice);
  }
  const pixels = slice / size.channels;
  for (let start = 0; start < target.length; start += pixels) {
    mirrorPlane(target.subarray(start, start + pixels), size.columns, mirroring);
  }
}
