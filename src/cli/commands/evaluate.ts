import { type Evaluation, evaluateFolders } from '../../node/evaluate-folders.ts';
import { readArguments, required } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { formatScore, textTable } from '../text-table.ts';

export const evaluateCommand: Command = {
  name: 'evaluate',
  usage: '--predictions DIR --labels DIR [--json]',
  summary: 'Dice and IoU of predictions, per case and pooled',
  help: `Compares the label maps of two folders. Files belong together by name (x.nii.gz and x.nii.gz, or x_seg.nii.gz);
they must lie on one grid. Cases that are in one folder only are reported and do not count. A label that is in neither
map of a case has no score there ("-", in JSON null) and does not count in means.

  --predictions DIR   what a model said
  --labels DIR        what is true
  --json              everything as one JSON object: per case and label Dice, IoU, voxels and ml; per label the mean
                      over cases and pooled over all voxels; meanDice: the mean over cases of the mean over labels`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      predictions: { type: 'string' },
      labels: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not expected.`);
    const evaluation = await evaluateFolders(
      required(values.predictions, 'predictions'),
      required(values.labels, 'labels'),
      { signal: io.signal, onCase: (done, all, id) => io.progress(`case ${done} of ${all}: ${id}`) },
    );
    reportMissing(evaluation.withoutPrediction, 'has no prediction', 'have no prediction', io.note);
    reportMissing(evaluation.withoutLabels, 'has no labels', 'have no labels', io.note);
    // JSON has no NaN: undefined scores become null.
    io.print(values.json ? JSON.stringify(evaluation, null, 2) : describe(evaluation));
    return 0;
  },
};

function reportMissing(ids: readonly string[], one: string, many: string, note: (text: string) => void): void {
  if (ids.length === 1) note(`${ids[0]} ${one} and does not count.`);
  else if (ids.length > 0) {
    note(`${ids.length} cases ${many} and do not count: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', ...' : ''}`);
  }
}

function describe({ cases, labels, meanDice }: Evaluation): string {
  const perCase = textTable([
    ['case', ...labels.map(({ value, name }) => `${name} (${value})`), 'mean'],
    ...cases.map(({ id, labels: scores, meanDice: mean }) => [
      id,
      ...scores.map(({ dice }) => formatScore(dice)),
      formatScore(mean),
    ]),
  ]);
  const perLabel = textTable([
    ['label', 'Dice', 'IoU', 'pooled Dice', 'pooled IoU', 'cases'],
    ...labels.map((label) => [
      `${label.name} (${label.value})`,
      formatScore(label.meanDice),
      formatScore(label.meanIou),
      formatScore(label.pooledDice),
      formatScore(label.pooledIou),
      String(label.cases),
    ]),
  ]);
  return `Dice\n${perCase}\n\nMean over cases\n${perLabel}\n\nMean Dice ${formatScore(meanDice)} over ${cases.length} cases`;
}
