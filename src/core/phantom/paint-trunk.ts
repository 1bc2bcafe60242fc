import type { SeededRandom } from '../random.ts';
import { type Anatomy, aboveDiaphragm, BACK, cavity, trunk } from './anatomy.ts';
import { type Bounds, EVERYWHERE, ellipsoid, ellipsoidBounds, merged, rod, rodBounds, type Solid } from './shapes.ts';
import type { TissueCanvas } from './tissue-canvas.ts';

const SKIN_MM = 2.4;
const RIB_DISTANCE_MM = 28;
const VERTEBRA_MM = 34;
const DISC_MM = 8;

/** Paints the skin, the fat that everything inside is embedded in, and the table below the patient. */
export function paintTrunk(canvas: TissueCanvas, anatomy: Anatomy): void {
  const outside = trunk(anatomy);
  const tableTop = -BACK * anatomy.halfDepthMm - 16;
  canvas.paint({
    solid: (x, y) => Math.abs(y - (tableTop + (x / 60) ** 2)) - 3,
    bounds: EVERYWHERE,
    // The table is foam inside a skin of carbon.
    tissue: (_x, _y, _z, depth) => (depth < 1.5 ? -140 : -800),
    label: 0,
  });
  canvas.paint({
    solid: outside,
    bounds: EVERYWHERE,
    tissue: (x, y, z, depth) => {
      const skin = Math.min(1, Math.max(0, SKIN_MM + 0.5 - depth));
      return anatomy.fatHu + skin * (30 - anatomy.fatHu) + 6 * Math.sin(0.31 * x + 0.2 * z) * Math.sin(0.27 * y);
    },
    label: 0,
  });
}

/** Paints the lungs above the diaphragm, with their vessels, and the heart's base between them. */
export function paintLungs(canvas: TissueCanvas, anatomy: Anatomy, random: SeededRandom): void {
  const inside = cavity(anatomy);
  const above = aboveDiaphragm(anatomy);
  // Between the lungs lie spine, great vessels and heart.
  const between = ellipsoid([-4, -40, 60], [34, 46, 400]);
  const [p, q, r] = [random.uniform(0, 6), random.uniform(0, 6), random.uniform(0, 6)];
  const lung: Solid = (x, y, z) => {
    const height = above(x, y, z);
    return height > 2 ? height : Math.max(inside(x, y, z) + 2, height, -between(x, y, z));
  };
  // The diaphragm itself is a thin muscle.
  canvas.paint({
    solid: (x, y, z) => {
      const shell = Math.abs(above(x, y, z)) - 1.5;
      return shell > 2 ? shell : Math.max(shell, inside(x, y, z));
    },
    bounds: EVERYWHERE,
    tissue: anatomy.muscleHu,
    label: 0,
    onlyOver: [0],
  });
  canvas.paint({
    solid: lung,
    bounds: EVERYWHERE,
    tissue: (x, y, z) => {
      const vessels = Math.sin(0.33 * x + p) * Math.sin(0.29 * y + q) * Math.sin(0.2 * z + r + 0.02 * x * y);
      return vessels > 0.72 ? -250 : -850 + 45 * vessels + 0.25 * (z - 40);
    },
    label: 0,
  });
  const heart = ellipsoid([-32, 38, anatomy.domeLeftMm + 26], [58, 46, 40], 20);
  canvas.paint({
    solid: (x, y, z) => Math.max(heart(x, y, z), inside(x, y, z) + 3),
    bounds: ellipsoidBounds([-32, 38, anatomy.domeLeftMm + 26], [58, 46, 40]),
    tissue: (_x, _y, _z, depth) => (depth < 8 ? 100 : 145),
    label: 0,
  });
}

/**
 * Paints the muscles of the wall in their layers, and the ribs between them. They cover what bulges out of the cavity.
 */
export function paintWall(canvas: TissueCanvas, anatomy: Anatomy): void {
  const outside = trunk(anatomy);
  const { fatMm, wallMm, muscleHu, fatHu, ribPhaseMm } = anatomy;
  canvas.paint({
    solid: (x, y, z) => {
      const distance = outside(x, y, z);
      return Math.max(distance + fatMm, -(distance + fatMm + wallMm));
    },
    bounds: EVERYWHERE,
    tissue: (x, y, z) => {
      const depth = -outside(x, y, z) - fatMm;
      // At the flanks fat parts the three flat muscles; in front the midline is a thin white line.
      const flank = Math.min(1, Math.abs(x) / (0.5 * anatomy.halfWidthMm));
      const between = Math.cos((2 * Math.PI * 3 * depth) / wallMm);
      const seam = depth > 2 ? flank * between * between * between : 0;
      const midline = y > 0 && Math.abs(x) < 3 ? 0.6 : 0;
      return muscleHu + Math.max(seam * 0.4, midline) * (fatHu - muscleHu) + 4 * Math.sin(0.4 * x + 0.3 * z);
    },
    label: 0,
  });
  const ribMiddle = fatMm + 0.6 * wallMm;
  const rib: Solid = (x, y, z) => {
    const wall = -outside(x, y, z) - ribMiddle;
    if (Math.abs(wall) > 9) return 9;
    // Ribs go from the spine (0) round to the front (1), and sink on their way.
    const round = Math.atan2(Math.abs(x), -y) / Math.PI;
    const height = z + 175 * round + ribPhaseMm;
    const number = Math.round(height / RIB_DISTANCE_MM);
    const end = number < 0 ? 0.32 : number < 1 ? 0.45 : number < 2 ? 0.6 : 0.74;
    if (round < 0.1 || round > end || number < -1) return 9;
    return Math.hypot((height - number * RIB_DISTANCE_MM) * 0.75, wall * 1.5) - 5;
  };
  canvas.paint({
    solid: rib,
    bounds: EVERYWHERE,
    tissue: (_x, _y, _z, depth) => (depth < 2.2 ? 560 : 210),
    label: 0,
  });
}

/** Paints psoas and back muscles, and vertebrae with discs, canal, arches and processes. */
export function paintSpine(canvas: TissueCanvas, anatomy: Anatomy): void {
  const { muscleHu, fatHu } = anatomy;
  const back = -BACK * anatomy.halfDepthMm;
  const bodyY = back + 62;
  const canalY = bodyY - 25;
  const underFat = back + anatomy.fatMm;
  for (const side of [-1, 1]) {
    const streaks = (x: number, y: number, z: number) => muscleHu + 0.45 * (fatHu - muscleHu) * streak(x, y, z);
    for (const [x, y, rx, ry] of [
      [side * 31, underFat + 17, 25, 17],
      [side * 54, underFat + 25, 16, 13],
    ]) {
      canvas.paint({
        solid: ellipsoid([x, y, 0], [rx, ry, 4000]),
        bounds: { center: [x, y, 0], halfMm: [rx, ry, 1e6] },
        tissue: streaks,
        label: 0,
      });
    }
    const psoas = ellipsoid([side * 35, bodyY - 4, -90], [17, 19, 75]);
    canvas.paint({
      solid: psoas,
      bounds: ellipsoidBounds([side * 35, bodyY - 4, -90], [17, 19, 75]),
      tissue: streaks,
      label: 0,
    });
  }
  /** Returns the height within the vertebra that `z` is in, in mm from its middle. */
  const level = (z: number) => {
    const phase = (z + anatomy.vertebraPhaseMm) / VERTEBRA_MM;
    return (phase - Math.round(phase)) * VERTEBRA_MM;
  };
  const column: Bounds = { center: [0, bodyY - 20, 0], halfMm: [60, 62, 1e6] };
  const body = ellipsoid([0, bodyY, 0], [22, 16.5, 4000]);
  canvas.paint({
    solid: body,
    bounds: column,
    tissue: (x, y, z, depth) => {
      const fromDisc = VERTEBRA_MM / 2 - DISC_MM / 2 - Math.abs(level(z));
      if (fromDisc < 0) return 85;
      if (depth < 1.8 || fromDisc < 1.8) return 430;
      return 190 + 35 * Math.sin(0.9 * x) * Math.sin(0.8 * y + 0.5 * z);
    },
    label: 0,
  });
  // The arch is a ring of bone round the canal, open below each pedicle's height, with its three processes.
  const ring = ellipsoid([0, canalY, 0], [15, 13.5, 4000]);
  const spinous = rod([0, canalY - 8, 0], [0, underFat + 3, 0], 4, 3);
  const transverse = rod([0, canalY - 1, 0], [37, canalY - 3, 0], 5, 2.6);
  const arch = merged(
    (x, y, z) => Math.max(ring(x, y, z), Math.abs(level(z)) - 9),
    (x, y, z) =>
      Math.min(
        Math.max(spinous(x, y, 0), Math.abs(level(z) + 5) - 9),
        Math.max(transverse(Math.abs(x), y, 0), Math.abs(level(z) - 2) - 5),
      ),
    3,
  );
  const canal = ellipsoid([0, canalY, 0], [10.5, 9, 4000]);
  canvas.paint({
    solid: (x, y, z) => Math.max(arch(x, y, z), -canal(x, y, z)),
    bounds: column,
    tissue: (_x, _y, _z, depth) => (depth < 2.4 ? 520 : 240),
    label: 0,
  });
  const cord = ellipsoid([0, canalY, 0], [5.5, 4.5, 4000]);
  canvas.paint({
    solid: canal,
    bounds: column,
    tissue: (x, y, z) => (cord(x, y, z) < 0 ? 42 : 14),
    label: 0,
  });
}

/** Paints the aorta and the inferior vena cava. */
export function paintGreatVessels(canvas: TissueCanvas, anatomy: Anatomy): void {
  const front = -BACK * anatomy.halfDepthMm + 62 + 16;
  const vessel = (path: readonly [number, number, number][], radius: number, hu: number) => {
    for (let n = 1; n < path.length; n++) {
      canvas.paint({
        solid: rod(path[n - 1], path[n], radius, radius),
        bounds: rodBounds(path[n - 1], path[n], radius),
        tissue: (_x, _y, _z, depth) => (depth < 1.2 ? 70 : hu),
        label: 0,
      });
    }
  };
  vessel(
    [
      [-16, front - 8, 140],
      [-12, front + 6, 20],
      [-9, front + 9, -140],
    ],
    11.5,
    anatomy.vesselHu - 12,
  );
  vessel(
    [
      [20, front + 22, 140],
      [21, front + 14, 20],
      [19, front + 7, -140],
    ],
    12,
    anatomy.vesselHu - 18,
  );
}

/** Says how much fat lies between bundles of muscle: mostly 0, up to 1, and nowhere regular. */
function streak(x: number, y: number, z: number): number {
  const wave = Math.sin(0.37 * x + 0.9 * Math.sin(0.11 * y + 0.03 * z)) * Math.sin(0.43 * y + 0.8 * Math.sin(0.13 * x));
  return Math.max(0, 2.2 * wave - 1.2);
}
