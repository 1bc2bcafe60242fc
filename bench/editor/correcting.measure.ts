import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { SeededRandom } from '../../src/core/random.ts';
import { readLabelVolume } from '../../src/node/volumes/labels/label-volume.ts';
import { AnnotationView } from '../../test/e2e/support/annotation-view.ts';
import { correctTo } from '../../test/e2e/support/correct-labels.ts';
import { Editor } from '../../test/e2e/support/editor.ts';
import {
  hippocampusCohort,
  hippocampusSplit,
  imageFile,
  labelFile,
  trueLabels,
} from '../../test/e2e/support/hippocampus-cohort.ts';

const minutes = Number(process.env.VOXEL_LOOP_MINUTES ?? 1.5);
const seeds = (process.env.VOXEL_LOOP_SEEDS ?? '1,2,3').split(',').map(Number);
const split = hippocampusSplit();

interface Card {
  readonly metrics: { readonly holdout: { readonly meanDice: number } };
}

it('trains on 8 cases, corrects 8 proposals by hand, retrains', async () => {
  const rows: string[] = [];
  const gains: number[] = [];
  for (const seed of seeds) {
    const { before, after, strokes, seconds } = await playOnce(seed);
    gains.push(after - before);
    rows.push(
      `| ${seed} | ${before.toFixed(4)} | ${after.toFixed(4)} | ${(after - before).toFixed(4)} | ${strokes} | ${seconds.toFixed(0)} |`,
    );
    console.log(rows[rows.length - 1]);
  }
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  console.log(
    [
      '',
      `| seed | Dice, 8 cases | Dice, 16 cases | gain | strokes | s to correct 8 |`,
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
      `Mean gain ${mean.toFixed(4)}; ${minutes} min for each training.`,
      '',
    ].join('\n'),
  );
});

async function playOnce(seed: number) {
  const drawn = new SeededRandom(seed).shuffle([...split.train]);
  const labelled = drawn.slice(0, 8);
  const unlabelled = drawn.slice(8, 16);
  const editor = await Editor.start({
    files: hippocampusCohort({ labelled, unlabelled, holdout: split.val }),
    viewport: { width: 1000, height: 560 },
    settings: {
      'voxelLoop.training.minutes': minutes,
      'voxelLoop.training.seed': seed,
      'voxelLoop.engine': 'cpu',
    },
  });
  try {
    const card = (version: number): Card =>
      JSON.parse(readFileSync(join(editor.workspace, `.voxel-loop/models/${version}/card.json`), 'utf8'));
    await retrain(editor);
    const began = performance.now();
    let strokes = 0;
    for (const id of unlabelled) strokes += await annotate(editor, id);
    const seconds = (performance.now() - began) / 1000;
    await retrain(editor);
    return { before: card(1).metrics.holdout.meanDice, after: card(2).metrics.holdout.meanDice, strokes, seconds };
  } finally {
    await editor.close();
  }
}

async function retrain(editor: Editor): Promise<void> {
  await editor.palette('Voxel Loop: Retrain Model');
  await editor.notification('Trained on ONNX Runtime CPU').waitFor({ timeout: minutes * 60_000 + 300_000 });
  await editor.palette('Notifications: Clear All Notifications');
}

/** Predict, accept, save; then correct what differs from the truth, accept and save. */
async function annotate(editor: Editor, id: string): Promise<number> {
  const view = new AnnotationView(editor);
  const tab = `${id}.nii.gz`;
  const save = async () => {
    await view.press('Control+s');
    await editor.cleanTab(tab).waitFor();
  };
  await editor.openFile(imageFile(id));
  await view.ready();
  await editor.palette('Voxel Loop: Predict This Volume');
  await editor.notification(/with model 1 on ONNX Runtime CPU/).waitFor({ timeout: 60_000 });
  await editor.palette('Notifications: Clear All Notifications');
  await view.press('Shift+A');
  await editor.dirtyTab(tab).waitFor();
  await save();
  const truth = await readLabelVolume(trueLabels(id));
  const shown = await readLabelVolume(join(editor.workspace, labelFile(id)), { table: truth.table });
  // One plane alone: three are more than software rendering draws fluently.
  await view.press('m');
  const strokes = await correctTo(view, shown.labelMap, truth.labelMap);
  await view.press('Shift+A');
  await editor.dirtyTab(tab).waitFor();
  await save();
  await editor.palette('View: Close Editor');
  return strokes;
}
