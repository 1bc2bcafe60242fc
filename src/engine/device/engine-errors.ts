import { VoxelLoopError } from '../../core/errors.ts';

/** An engine does not start on this machine: no adapter, no driver, not enough memory. */
export class ProviderStartError extends VoxelLoopError {
  readonly code = 'provider-start';
}

/** An engine refused or failed to run a graph. */
export class NetworkRunError extends VoxelLoopError {
  readonly code = 'network-run';
}

/** In training an engine computed what is no number. Nobody knows yet whether it or the images are to blame. */
export class NotANumberError extends NetworkRunError {
  constructor(engineName: string) {
    super(
      `Training went out of bounds on ${engineName} (the loss is not a number), and no other engine is left to train on: check the images for extreme values, or train with another seed or engine.`,
    );
  }
}
