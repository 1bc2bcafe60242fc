import { afterAll, expect, it } from 'vitest';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';
import { HOST_METER, type SoakFigures, SoakScale } from './support/soak-figures.ts';
import { installModel, trainedBalls } from './support/trained-balls.ts';

const ROUNDS = 200;
/** Until everything is loaded that is loaded once. */
const ROUNDS_BEFORE = 10;
/** One of each per open editor, and more. */
const CLASSES = [
  'VolumeDocument',
  'CaseSession',
  'EditorPanel',
  'Endpoint',
  'ReopeningVolume',
  'KeptEdits',
  'LabelMap',
];

const balls = await trainedBalls(6, 3);
afterAll(() => balls.remove());

const editor = useEditor({
  files: { imagesTr: { copyOf: `${balls.cohort}/imagesTr` }, labelsTr: { copyOf: `${balls.cohort}/labelsTr` } },
  // A hint over the explorer would take the click.
  settings: { 'voxelLoop.engine': 'cpu', 'workbench.hover.delay': 3_600_000 },
  viewport: { width: 1000, height: 700 },
  extensions: HOST_METER,
});

it('200 times open, paint, save and close leave nothing behind in the host, the page and the engine', async () => {
  installModel(balls, editor().workspace);
  const scale = await SoakScale.of(editor(), CLASSES);
  const view = new AnnotationView(editor());
  const { keyboard, mouse } = editor().page;
  const name = 'ball_0.nii';
  const row = editor().page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);

  /** An engine is started when something is predicted; it stays for the next one. */
  async function predict(file: string): Promise<void> {
    await editor().openFile(`imagesTr/${file}`);
    await view.ready();
    await editor().palette('Voxel Loop: Predict This Volume');
    await expect.poll(() => editor().engines().length).toBeGreaterThan(0);
    await view.frame.getByText('Proposal of model 1').waitFor();
    await keyboard.press('Control+w');
    await editor().tab(file).waitFor({ state: 'detached' });
  }

  await editor().openFile(`imagesTr/${name}`);
  await view.ready();
  const places = await view.points('axial', [
    [8, 8],
    [12, 12],
  ]);
  // What is there while a volume is open is counted: else nothing that stays could be found.
  const whileOpen = await scale.weigh();
  for (const each of CLASSES) expect(whileOpen.objects[each], each).toBeGreaterThan(0);
  await keyboard.press('Control+w');
  async function round(n: number): Promise<void> {
    await row.click();
    await view.ready();
    // What one round draws the next one erases.
    await view.press(n % 2 === 0 ? 'b' : 'e');
    await mouse.move(places[0].x, places[0].y);
    await mouse.down();
    await mouse.move(places[1].x, places[1].y);
    await mouse.up();
    await editor().dirtyTab(name).waitFor();
    await keyboard.press('Control+s');
    await editor().cleanTab(name).waitFor();
    await keyboard.press('Control+w');
    await editor().tab(name).waitFor({ state: 'detached' });
  }

  async function weigh(when: string): Promise<SoakFigures> {
    const figures = await scale.weigh();
    console.log(sentenceOf(when, figures));
    return figures;
  }

  for (let n = 0; n < ROUNDS_BEFORE; n++) await round(n);
  await predict('ball_3.nii');
  const start = await weigh('start');
  for (let n = 0; n < ROUNDS / 2; n++) await round(n);
  await predict('ball_4.nii');
  await weigh('middle');
  for (let n = 0; n < ROUNDS / 2; n++) await round(n);
  await predict('ball_5.nii');
  const end = await weigh('end');

  // What stays for every image that was ever opened would be two more: both figures come after one was closed.
  expect(end.objects.VolumeDocument - start.objects.VolumeDocument).toBeLessThan(2);
  // One per round would be 200 more.
  for (const each of CLASSES) expect(end.objects[each] - start.objects[each]).toBeLessThan(ROUNDS / 10);
  expect(end.handles - start.handles).toBeLessThan(ROUNDS / 10);
  expect(end.threads - start.threads).toBeLessThan(ROUNDS / 10);
  expect(end.pageDocuments - start.pageDocuments).toBeLessThan(ROUNDS / 10);
  // Generous: half a MiB per round.
  expect(end.hostMiB - start.hostMiB).toBeLessThan(100);
  expect(end.pageHeapMiB - start.pageHeapMiB).toBeLessThan(100);
  expect(end.engineMiB - start.engineMiB).toBeLessThan(100);
}, 1_500_000);

function sentenceOf(when: string, { objects, ...figures }: SoakFigures): string {
  const { hostMiB, pageHeapMiB, engineMiB, handles, threads, longestPauseMs, pageDocuments, pageListeners } = figures;
  const counts = Object.entries(objects).map(([name, count]) => `${count} ${name}`);
  return [
    `soak, ${when}: host ${hostMiB.toFixed(0)} MiB, page ${pageHeapMiB.toFixed(0)} MiB heap, engine ${engineMiB.toFixed(0)} MiB`,
    `${handles} handles and ${threads} threads of the host, which paused for ${longestPauseMs.toFixed(0)} ms at most`,
    `${pageDocuments} documents and ${pageListeners} listeners of the page`,
    counts.join(', '),
  ].join('; ');
}
