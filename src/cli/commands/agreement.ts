import { leftOutSummary } from '../../core/cohort/left-out.ts';
import { BACKGROUND, labelTableFrom } from '../../core/label/table/label-table.ts';
import { agreementCsv, type CaseAgreement } from '../../core/metrics/agreement.ts';
import { definedMean } from '../../core/metrics/overlap-scores.ts';
import { DEFAULT_TOLERANCE_MM } from '../../core/metrics/score-segmentation.ts';
import { counted } from '../../core/text/counted.ts';
import { compareReviewers, type LabelFilePair } from '../../node/cohort/comparison/agreement.ts';
import { describedLabels } from '../../node/cohort/comparison/evaluate-folders.ts';
import { folderPairs, reviewerPairs } from '../../node/cohort/comparison/reviewer-pairs.ts';
import { positiveNumber, readArguments } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { formatScore, textTable } from '../text-table.ts';

export const agreementCommand: Command = {
  name: 'agreement',
  usage: '(COHORT [--reviewer NAME] | FOLDER FOLDER) [--tolerance MM] [--json | --csv]',
  summary: 'how far two people agree: Dice, surface distances, kappa',
  help: `Compares two people's label maps. Neither is taken for the truth: every score is the same the other way round. Of a
COHORT, the label maps of its second reviewer (x_seg.NAME.nii.gz beside x_seg.nii.gz, or labelsTr_NAME) are compared with
the first person's; of two folders, the files of one name. A file that holds a piece of the other's grid, or runs in other
directions, is placed where its header says, which is said on stderr. What is not defined (a label in neither map; a distance where it
is in one) is "-", in JSON null, in CSV empty.

  --reviewer NAME   whose, where the cohort has several second reviewers
  --tolerance MM    how far a surface may be off to count as the same in surface Dice (default ${DEFAULT_TOLERANCE_MM})
  --json            everything as one JSON object
  --csv             one row per case and label, and one "all" per case

kappa is Cohen's, over all voxels: of a label against everything else, and in the row "all" over all labels.`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      reviewer: { type: 'string' },
      tolerance: { type: 'string' },
      json: { type: 'boolean' },
      csv: { type: 'boolean' },
    });
    if (values.json && values.csv) throw new UsageError('--json and --csv cannot be had at once.');
    const toleranceMm = positiveNumber(values.tolerance, 'tolerance') ?? DEFAULT_TOLERANCE_MM;
    const { pairs, first, passedOver } = await chosenPairs(positionals, values.reviewer);
    const dataset = await describedLabels(first);
    const table = dataset ? labelTableFrom(dataset.labels) : [BACKGROUND];
    const compared = await compareReviewers(pairs, table, {
      ignoreValue: dataset?.ignoreValue ?? null,
      toleranceMm,
      signal: io.signal,
      onCase: (done, all) => io.progress(`case ${done} of ${all}: ${pairs[done - 1].id}`),
    });
    const { cases, failed } = compared;
    const notes = [...passedOver, ...compared.notes];
    for (const sentence of [...notes, ...failed.map(({ reason }) => reason)]) io.note(sentence);
    if (values.json) io.print(JSON.stringify({ toleranceMm, cases, failed, notes }, null, 2));
    else io.print(values.csv ? agreementCsv(cases).trimEnd() : agreementText(cases));
    if (failed.length > 0) io.note(leftOutSummary(failed, pairs.length));
    return failed.length > 0 ? 1 : 0;
  },
};

interface ChosenPairs {
  readonly pairs: readonly LabelFilePair[];
  /** The folder of the first person. */
  readonly first: string;
  /** Sentences about files that are passed over. */
  readonly passedOver: readonly string[];
}

async function chosenPairs(positionals: readonly string[], reviewer: string | undefined): Promise<ChosenPairs> {
  if (positionals.length === 2) {
    if (reviewer !== undefined) throw new UsageError('--reviewer belongs to a cohort, not to two folders.');
    const passedOver: string[] = [];
    return { pairs: await folderPairs(positionals[0], positionals[1], passedOver), first: positionals[0], passedOver };
  }
  if (positionals.length !== 1) throw new UsageError('Name a cohort, or two folders of label maps.');
  const byReviewer = await reviewerPairs(positionals[0]);
  const names = [...byReviewer.keys()];
  if (reviewer === undefined && names.length > 1) {
    throw new UsageError(
      `This cohort has several second reviewers: choose with --reviewer one of ${names.join(', ')}.`,
    );
  }
  const pairs = byReviewer.get(reviewer ?? names[0]);
  if (!pairs)
    throw new UsageError(`There is no second reviewer "${reviewer}" in this cohort; there is ${names.join(', ')}.`);
  return { pairs, first: positionals[0], passedOver: [] };
}

function agreementText(cases: readonly CaseAgreement[]): string {
  const rows = cases.flatMap(({ id, labels, meanDice, kappa }) => [
    ...labels.map((label) => [
      `${id}  ${label.name} (${label.value})`,
      formatScore(label.dice),
      label.hd95Mm === null ? '-' : label.hd95Mm.toFixed(2),
      formatScore(label.surfaceDice),
      formatScore(label.kappa),
      String(label.firstVoxels),
      String(label.secondVoxels),
    ]),
    [`${id}  all`, formatScore(meanDice), '', '', formatScore(kappa), '', ''],
  ]);
  const mean = (of: (each: CaseAgreement) => number | null) =>
    formatScore(definedMean(cases.map((each) => of(each) ?? Number.NaN)));
  return [
    textTable([['', 'Dice', 'HD95, mm', 'surface Dice', 'kappa', 'first, voxels', 'second, voxels'], ...rows]),
    `Mean over ${counted(cases.length, 'case')}: Dice ${mean((each) => each.meanDice)}, kappa ${mean((each) => each.kappa)}`,
  ].join('\n\n');
}
