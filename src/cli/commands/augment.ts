import { resolve } from 'node:path';
import { leftOutSentences } from '../../core/cohort/left-out.ts';
import type { PreviewParams, PreviewResult } from '../../core/protocol/engine/preview-augmentation.ts';
import { onlyArgument, readArguments, required, wholeNumber } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { withEngine } from '../engine.ts';

export const augmentCommand: Command = {
  name: 'augment',
  usage: 'COHORT --preview FILE.png [--plan FILE] [--seed S] [--case ID]',
  summary: 'show what augmentation makes of training slices',
  help: `Writes a picture of slices of COHORT, each as it is and then changed at random as training would change it, with the
outlines of its labels; what it shows is printed. Changes that are rare in training are shown more often than they
happen there. Look whether the anatomy stays one that could be a patient's. The plan is that of the preset auto on this
machine, made from at most 24 cases, so its pixel size may differ a little from that of a training. A case that cannot be used is
named, the picture is made of the others, and the exit code is 1.

  --preview FILE.png  the picture to write
  --plan FILE         decisions of the plan, as for train: its "augmentation" is what to try out
                      (default COHORT/.voxel-loop/plan.json, if it is there)
  --seed S            of the random changes (default 0)
  --case ID           slices of this case (default: of cases from all over the cohort)`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      preview: { type: 'string' },
      plan: { type: 'string' },
      seed: { type: 'string' },
      case: { type: 'string' },
    });
    const params: PreviewParams = {
      cohortRoot: resolve(onlyArgument(positionals, 'COHORT')),
      planFile: values.plan === undefined ? undefined : resolve(values.plan),
      seed: wholeNumber(values.seed, 'seed', 0),
      caseId: values.case,
      path: resolve(required(values.preview, 'preview')),
    };
    if (!params.path.toLowerCase().endsWith('.png')) {
      throw new UsageError('--preview writes a PNG picture: choose a name that ends in .png.');
    }
    const result = await withEngine(io, (endpoint) =>
      endpoint.request('previewAugmentation', params, { signal: io.signal }),
    );
    io.print(legend(result, params.path));
    for (const sentence of [...result.notes, ...leftOutSentences(result.leftOut)]) io.note(sentence);
    return result.leftOut.length > 0 ? 1 : 0;
  },
};

function legend({ rows, columns, labels, changes }: PreviewResult, path: string): string {
  const lines = [
    path,
    `From left to right: the slice as it is, then ${columns - 1} times changed at random. From the top:`,
    ...rows.map(({ caseId, slicing, slice, slices }) => `  ${caseId}, ${slicing} slice ${slice + 1} of ${slices}`),
    'Outlines:',
    ...labels.slice(1).map(({ name, color }) => `  ${color}  ${name}`),
    changes.length === 0 ? 'The plan changes nothing: all pictures of a row are alike.' : 'In training:',
    ...changes.map((change) => `  ${change}`),
  ];
  return lines.join('\n');
}
