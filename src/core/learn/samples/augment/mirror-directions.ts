import type { AnatomicalSlicing, MirrorAxis, Slicing } from '../../plan/plan.ts';

/** A direction of the network's input: down the plane, across it, or through the neighbouring slices. */
export type InputDirection = 'rows' | 'columns' | 'neighbours';

/** Slices are turned so that columns follow the lower world axis and rows the higher (see `SliceFrame`). */
const DIRECTIONS: Readonly<Record<AnatomicalSlicing, Readonly<Record<MirrorAxis, InputDirection>>>> = {
  axial: { 'left-right': 'columns', 'anterior-posterior': 'rows', 'superior-inferior': 'neighbours' },
  coronal: { 'left-right': 'columns', 'anterior-posterior': 'neighbours', 'superior-inferior': 'rows' },
  sagittal: { 'left-right': 'neighbours', 'anterior-posterior': 'columns', 'superior-inferior': 'rows' },
};

/**
 * Returns the direction of the input that runs along an anatomical axis.
 * @throws RangeError for slices of the acquisition, which no plan mirrors
 */
export function inputDirection(slicing: Slicing, axis: MirrorAxis): InputDirection {
  if (slicing === 'acquired') throw new RangeError('Slices of the acquisition run along no anatomical axis.');
  return DIRECTIONS[slicing][axis];
}
