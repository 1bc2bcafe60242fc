import type { MirrorAxis, Slicing } from '../../plan/plan.ts';

/** A direction of the network's input: down the plane, across it, or through the neighbouring slices. */
export type InputDirection = 'rows' | 'columns' | 'neighbours';

/** Slices are turned so that columns follow the lower world axis and rows the higher (see `SliceFrame`). */
const DIRECTIONS: Readonly<Record<Slicing, Readonly<Record<MirrorAxis, InputDirection>>>> = {
  axial: { 'left-right': 'columns', 'anterior-posterior': 'rows', 'superior-inferior': 'neighbours' },
  coronal: { 'left-right': 'columns', 'anterior-posterior': 'neighbours', 'superior-inferior': 'rows' },
  sagittal: { 'left-right': 'neighbours', 'anterior-posterior': 'columns', 'superior-inferior': 'rows' },
};

/** Returns the direction of the input that runs along an anatomical axis. */
export function inputDirection(slicing: Slicing, axis: MirrorAxis): InputDirection {
  return DIRECTIONS[slicing][axis];
}
