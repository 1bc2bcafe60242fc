import type { LossName } from '../../src/core/net/losses/registry.ts';
import { seedUNet, type UNetDescription } from '../../src/core/net/unet-description.ts';

/** A network and the work it is measured at; `bench/peers/seed_torch.py` has the same. */
export interface ComparedNetwork {
  readonly name: string;
  readonly description: UNetDescription;
  readonly loss: LossName;
  readonly batch: number;
  /** Rows and columns of a slice. */
  readonly size: number;
}

/** The network that the preset `auto` plans for slices of up to 64x64 pixels with two structures: three neighbouring slices in, batches of 16. */
const autoNetwork: ComparedNetwork = {
  name: 'auto',
  description: {
    kind: 'unet',
    spaceAxes: 2,
    inChannels: 3,
    classes: 3,
    baseFilters: 16,
    levels: 4,
    convolutionsPerLevel: 2,
    normalisation: 'instance',
    activation: 'leaky-relu',
    upsamplingKernel: 2,
  },
  loss: 'dice-ce',
  batch: 16,
  size: 64,
};

/** @param name `auto`, or the filters of the first level of the preset `seed`'s network */
export function comparedNetwork(name: string): ComparedNetwork {
  if (name === 'auto') return autoNetwork;
  return {
    name: `seed f=${name}`,
    description: seedUNet({ baseFilters: Number(name) }),
    loss: 'soft-dice',
    batch: 8,
    size: 240,
  };
}
