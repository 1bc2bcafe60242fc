import { type ListedVersion, versionLine } from '../../core/cohort/records/model-list.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { listModels } from '../../node/cohort/models/list-models.ts';
import { onlyArgument, readArguments } from '../arguments.ts';
import { modelsOf } from '../cohort-models.ts';
import type { Command } from '../command.ts';

export const modelsCommand: Command = {
  name: 'models',
  usage: 'COHORT [--json]',
  summary: 'the model versions of a cohort, and which one predicts',
  help: `Lists the model versions of COHORT, newest first: which one is active, its mean Dice on the held-out cases, from how many
cases it learned. COHORT is a cohort, or the folder that train --out wrote. A version that the gate did not make active is
"refused"; voxel-loop activate makes it active all the same. A version that cannot be read is named on stderr, and the
exit code is 1.

  --json   everything as one JSON object, with what the gate said of each version`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, { json: { type: 'boolean' } });
    const cohort = onlyArgument(positionals, 'COHORT');
    const models = await modelsOf(cohort);
    const { versions, damaged } = await listModels(models, (sentence) => io.note(sentence.replace(/:$/, '.')));
    let problem: string | null = null;
    const active = await models.active().catch((error: unknown) => {
      if (!(error instanceof VoxelLoopError)) throw error;
      problem = error.message;
      return null;
    });
    if (values.json) io.print(JSON.stringify({ active, versions: versions.map(asJson), damaged }, null, 2));
    else if (versions.length > 0) {
      io.print(versions.map((listed) => `${listed.title}, ${versionLine(listed)}`).join('\n'));
    }
    if (versions.length + damaged.length === 0) io.note(`There is no model in ${cohort} yet: train one.`);
    for (const { version, reason } of damaged) io.note(`Model ${version} cannot be read: ${reason}`);
    if (problem !== null) io.note(problem);
    return damaged.length > 0 || problem !== null ? 1 : 0;
  },
};

function asJson({ version, title, state, note, card, ...figures }: ListedVersion) {
  const { created, parent, promotion } = card;
  return { version, title, state, ...figures, created, parent, reason: promotion.reason, note };
}
