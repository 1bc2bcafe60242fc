import { engineId } from '../../core/engines/engine-id.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { NetworkRunError, NotANumberError, ProviderStartError } from '../device/engine-errors.ts';
import { type FailureWords, wordsOf } from './failure-words.ts';
import { engineModules } from './registry.ts';

/**
 * What a failed run says of its engine. `out-of-memory`: fewer slices at once may still go. `device-lost`: nothing will
 * go there any more. `not-a-number`: it ran, to no result. `other`: nobody knows.
 */
export type RunFailure = 'out-of-memory' | 'device-lost' | 'not-a-number' | 'other';

/** These are JavaScript's and C++'s own words, and plain ones that every runtime may use. */
const PLAIN: FailureWords = {
  outOfMemory: [/out[ _-]?of[ _-]?memory|bad_alloc|array buffer allocation failed/i],
  deviceLost: [/device (was |is )?(lost|removed|hung)|lost (the )?device|DEVICE_LOST|DEVICE_REMOVED|DEVICE_HUNG/i],
};

/** Says what the words of an error mean, by the words that the engines of the registry bring. */
export function runFailure(error: unknown): RunFailure {
  const text = error instanceof Error ? `${error.name} ${error.message}` : String(error);
  const says = (pattern: RegExp) => pattern.test(text);
  const words = wordsOf(PLAIN, ...engineId.options.map((id) => engineModules[id](undefined).failureWords));
  if (words.outOfMemory.some(says)) return 'out-of-memory';
  return words.deviceLost.some(says) ? 'device-lost' : 'other';
}

/**
 * Says what an error that came out of an engine means. It is null where it is no failure of the engine (it was
 * cancelled, the model is wrong, or we have a defect).
 */
export function engineFailure(error: unknown): RunFailure | null {
  if (error instanceof NotANumberError) return 'not-a-number';
  if (error instanceof NetworkRunError || error instanceof ProviderStartError) return runFailure(error.cause);
  if (error instanceof VoxelLoopError) return null;
  // The engine may not wrap its library's errors; an error that is unknown here is more likely ours.
  const failure = runFailure(error);
  return failure === 'other' ? null : failure;
}

/**
 * Says whether the same may go another time: memory that is short now, or a device that is gone, says nothing of what
 * an engine can do.
 */
export function isPassing(error: unknown): boolean {
  const failure = engineFailure(error);
  return failure === 'out-of-memory' || failure === 'device-lost';
}
