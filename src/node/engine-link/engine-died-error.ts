import { VoxelLoopError } from '../../core/errors.ts';

/** The engine process died with a request open. Nothing of the user's is lost, because it holds no documents. */
export class EngineDiedError extends VoxelLoopError {
  readonly code = 'engine-died';

  /** @param exit how the process ended ("signal SIGKILL") */
  constructor(
    readonly exit: string,
    during = '',
    next = 'It will be started again when you retry.',
    readonly nextTakesAnother = false,
  ) {
    super(`The compute engine stopped unexpectedly (${exit})${during}. ${next}`);
  }

  /** The next try uses another engine (see `EngineDeaths`). */
  static ofReplaceable(exit: string, engineName: string): EngineDiedError {
    return new EngineDiedError(exit, ` while ${engineName} predicted`, 'The next try takes another engine.', true);
  }

  static ofChosen(exit: string, engineName: string): EngineDiedError {
    return new EngineDiedError(
      exit,
      ` while ${engineName} predicted`,
      'That engine was chosen: set voxelLoop.engine (--engine on the command line) to "auto" or another one before you retry.',
    );
  }
}
