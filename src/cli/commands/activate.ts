import { VoxelLoopError } from '../../core/errors.ts';
import { listModels } from '../../node/cohort/models/list-models.ts';
import { readArguments } from '../arguments.ts';
import { modelsOf } from '../cohort-models.ts';
import { type Command, UsageError } from '../command.ts';

/** The gate refused the version, and nobody said that it shall be active all the same. */
export class RefusedVersionError extends VoxelLoopError {
  readonly code = 'refused-version';
}

export const activateCommand: Command = {
  name: 'activate',
  usage: 'COHORT VERSION [--even-refused]',
  summary: 'choose which model version predicts',
  help: `Makes a model version of COHORT the one that predicts, as Activate in the Models view does. COHORT is a cohort, or the folder
that train --out wrote; voxel-loop models lists its versions. A version that the gate did not make active when it was
trained is refused, with the reason and exit code 1. Which versions were active before is kept: Roll Back goes by it.

  --even-refused   activate a version that the gate refused`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, { 'even-refused': { type: 'boolean', default: false } });
    const [cohort, number, ...more] = positionals;
    if (cohort === undefined) throw new UsageError('COHORT is missing.');
    if (number === undefined) throw new UsageError('VERSION is missing.');
    if (more.length > 0) throw new UsageError('Only COHORT and VERSION are expected.');
    if (!/^[1-9]\d*$/.test(number))
      throw new UsageError(`VERSION is the number of a model, such as 2, not "${number}".`);
    const version = Number(number);
    const models = await modelsOf(cohort);
    const { versions } = await listModels(models, () => undefined);
    const listed = versions.find((each) => each.version === version);
    // Reading the card throws an error that says what is wrong with it.
    if (!listed) await models.card(version);
    else if (listed.state === 'active') io.note(`${listed.title} is active already.`);
    else if (listed.state === 'refused' && !values['even-refused']) {
      throw new RefusedVersionError(
        `The gate did not make model ${version} active when it was trained. ${listed.card.promotion.reason} Give --even-refused to activate it all the same.`,
      );
    }
    if (listed?.state !== 'active') await models.activate(version);
    io.print(`${listed?.title ?? `Model ${version}`} predicts from now on.`);
    return 0;
  },
};
