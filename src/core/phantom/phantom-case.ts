import type { VoxelGrid } from '../geometry/grid.ts';
import { BACKGROUND, type LabelTable, labelTableFrom } from '../label/table/label-table.ts';
import { SeededRandom } from '../random.ts';
import { drawAnatomy } from './anatomy.ts';
import { paintTumours } from './liver-tumours.ts';
import { paintLiverVessels } from './liver-vessels.ts';
import { liver, paintBowel, paintNeighbours, paintStomach } from './paint-organs.ts';
import { paintGreatVessels, paintLungs, paintSpine, paintTrunk, paintWall } from './paint-trunk.ts';
import { scan } from './scanner.ts';
import { TissueCanvas } from './tissue-canvas.ts';

/** An imagined CT of the upper abdomen with its true labels. */
export interface PhantomCase {
  readonly grid: VoxelGrid;
  /** Hounsfield units, element `i + nx * (j + ny * k)`. */
  readonly image: Int16Array;
  /** The labels of `PHANTOM_LABELS` at every voxel's centre, in the same order. */
  readonly labels: Uint8Array;
}

export const PHANTOM_LABELS: LabelTable = labelTableFrom([
  BACKGROUND,
  { value: 1, name: 'liver' },
  { value: 2, name: 'tumour' },
]);

const PIXEL_MM = 1.9;
const SLICE_MM = 5;
const SHAPE = [192, 152, 30] as const;

/**
 * The axes run as those of a CT as scanners send it: i to the patient's left, j to the back, k to the head. The origin
 * is the middle of the volume.
 */
const GRID: VoxelGrid = {
  shape: SHAPE,
  spacingMm: [PIXEL_MM, PIXEL_MM, SLICE_MM],
  voxelToWorld: [
    [-PIXEL_MM, 0, 0, (PIXEL_MM * (SHAPE[0] - 1)) / 2],
    [0, -PIXEL_MM, 0, (PIXEL_MM * (SHAPE[1] - 1)) / 2],
    [0, 0, SLICE_MM, (-SLICE_MM * (SHAPE[2] - 1)) / 2],
    [0, 0, 0, 1],
  ].flat(),
};

/**
 * Makes one case: a CT of trunk, spine, ribs, lungs' bases and abdominal organs, with a liver that holds vessels and
 * two to six tumours. Every seed gives another patient, the same on every machine. No patient was ever involved.
 */
export function makePhantomCase(seed: number): PhantomCase {
  const random = new SeededRandom(seed);
  const anatomy = drawAnatomy(random);
  const canvas = new TissueCanvas(GRID, -1000, random.fork());
  paintTrunk(canvas, anatomy);
  paintBowel(canvas, anatomy, random.fork());
  paintStomach(canvas, anatomy, random.fork());
  const { solid, bounds } = liver(anatomy, random.fork());
  const texture = random.uniform(0, 6);
  canvas.paint({
    solid,
    bounds,
    tissue: (x, y, z) => anatomy.liverHu + 2.5 * Math.sin(0.21 * x + texture) * Math.sin(0.19 * y) * Math.sin(0.17 * z),
    label: 1,
  });
  paintLiverVessels(canvas, anatomy, solid, random.fork());
  paintNeighbours(canvas, anatomy, random.fork());
  paintLungs(canvas, anatomy, random.fork());
  paintGreatVessels(canvas, anatomy);
  paintWall(canvas, anatomy);
  paintSpine(canvas, anatomy);
  // Tumours come last, because only then is it known what room its neighbours leave the liver.
  paintTumours(canvas, anatomy, solid, random.fork());
  return { grid: GRID, image: scan(canvas.hu, SHAPE, random.uniform(9, 14), random.fork()), labels: canvas.labels };
}
