import { leftOutSentences, leftOutSummary } from '../../core/cohort/left-out.ts';
import { BOOTSTRAP } from '../../core/metrics/bootstrap.ts';
import { DEFAULT_TOLERANCE_MM } from '../../core/metrics/score-segmentation.ts';
import { evaluateFolders } from '../../node/cohort/comparison/evaluate-folders.ts';
import { positiveNumber, readArguments, required } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { evaluationText } from '../evaluation-text.ts';

export const evaluateCommand: Command = {
  name: 'evaluate',
  usage: '--predictions DIR --labels DIR [--tolerance MM] [--json]',
  summary: 'Dice, surface distances, volumes and lesions of predictions',
  help: `Compares the label maps of two folders. Files belong together by name (x.nii.gz and x.nii.gz, or x_seg.nii.gz; a
prediction of volume-0 and segmentation-0, and so on for the data sets and the names of cohort.json that a cohort is found by).
Where one holds a piece of the other's grid, or runs in other directions, both are placed where their headers say: a note on
stderr (in JSON under "notes") says so. A case that cannot be compared is named on stderr (in JSON under "failed"), the others are
scored all the same, and the exit code is 1. Cases that are in one folder only are reported and do not count. A label that is in neither
map of a case has no score there ("-", in JSON null) and does not count in means. In one map only, its Dice is 0 and its
distances are infinite ("-", in JSON null): they are in no mean, and the cases are counted beside it.

  --predictions DIR   what a model said
  --labels DIR        what is true
  --tolerance MM      how far a surface may be off to count as right in surface Dice (default ${DEFAULT_TOLERANCE_MM})
  --json              everything as one JSON object, per case and label and per label over cases. docs/reading-the-report.md
                      says what each score means

Distances (HD, HD95, surface Dice) are those of MONAI. Intervals: 95 % bootstrap, ${BOOTSTRAP.resamples} resamples of the cases.`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      predictions: { type: 'string' },
      labels: { type: 'string' },
      tolerance: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not expected.`);
    const evaluation = await evaluateFolders(
      required(values.predictions, 'predictions'),
      required(values.labels, 'labels'),
      {
        toleranceMm: positiveNumber(values.tolerance, 'tolerance'),
        signal: io.signal,
        onCase: (done, all, id) => io.progress(`case ${done} of ${all}: ${id}`),
      },
    );
    reportMissing(evaluation.withoutPrediction, 'has no prediction', 'have no prediction', io.note);
    reportMissing(evaluation.withoutLabels, 'has no labels', 'have no labels', io.note);
    for (const sentence of [...evaluation.notes, ...leftOutSentences(evaluation.failed)]) io.note(sentence);
    // JSON has neither NaN nor infinity: both become null.
    io.print(values.json ? JSON.stringify(evaluation, null, 2) : evaluationText(evaluation));
    const { failed, cases } = evaluation;
    if (failed.length === 0) return 0;
    io.note(leftOutSummary(failed, cases.length + failed.length));
    return 1;
  },
};

function reportMissing(ids: readonly string[], one: string, many: string, note: (text: string) => void): void {
  if (ids.length === 1) note(`${ids[0]} ${one} and does not count.`);
  else if (ids.length > 0) {
    note(`${ids.length} cases ${many} and do not count: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', ...' : ''}`);
  }
}
