import { VoxelLoopError } from '../core/errors.ts';

/** An engine does not start on this machine: no adapter, no driver, not enough memory. */
export class ProviderStartError extends VoxelLoopError {
  readonly code = 'provider-start';
}

/** An engine refused or failed to run a graph. */
export class NetworkRunError extends VoxelLoopError {
  readonly code = 'network-run';
}
