import type { Vec3 } from '../geometry/vector.ts';
import type { SeededRandom } from '../random.ts';
import { type Anatomy, aboveDiaphragm, BACK, cavity } from './anatomy.ts';
import { type Bounds, bumpy, ellipsoid, ellipsoidBounds, merged, rod, rodBounds, type Solid } from './shapes.ts';
import type { TissueCanvas } from './tissue-canvas.ts';

const AIR_HU = -960;

function randomPhase(random: SeededRandom): Vec3 {
  return [random.uniform(0, 6.28), random.uniform(0, 6.28), random.uniform(0, 6.28)];
}

/** Paints the loops of bowel in the lower abdomen and the colon in front of them, with walls, fluid, gas and stool. */
export function paintBowel(canvas: TissueCanvas, anatomy: Anatomy, random: SeededRandom): void {
  const inside = cavity(anatomy);
  const front = anatomy.halfDepthMm - anatomy.fatMm - anatomy.wallMm;
  for (let loop = 0; loop < 26; loop++) {
    const a: Vec3 = [random.uniform(-95, 75), random.uniform(-5, front - 18), random.uniform(-95, -25)];
    const b: Vec3 = [a[0] + random.uniform(-35, 35), a[1] + random.uniform(-18, 18), a[2] + random.uniform(-18, 18)];
    const radius = random.uniform(9, 13);
    const filled = random.uniform(15, 70);
    paintHollow(canvas, rod(a, b, radius, radius), rodBounds(a, b, radius), inside, 2.5, () => filled);
  }
  // The transverse colon runs from side to side; gas lies in front, because the patient lies on the back.
  let last: Vec3 = [92, front - 30, -48];
  for (let n = 1; n <= 6; n++) {
    const next: Vec3 = [
      92 - 30 * n,
      front - 20 - random.uniform(0, 14),
      -40 + random.uniform(-14, 14) - 6 * Math.abs(n - 3),
    ];
    const radius = random.uniform(15, 20);
    const gasAbove = last[1] + random.uniform(-8, 8);
    const stool = randomPhase(random);
    paintHollow(canvas, rod(last, next, radius, radius), rodBounds(last, next, radius), inside, 3, (x, y, z) =>
      y > gasAbove ? AIR_HU : stoolHu(x + stool[0], y + stool[1], z + stool[2]),
    );
    last = next;
  }
}

/** Paints the stomach under the left dome, with fluid below and air above one horizontal level. */
export function paintStomach(canvas: TissueCanvas, anatomy: Anatomy, random: SeededRandom): void {
  const inside = cavity(anatomy);
  const center: Vec3 = [-56 + random.uniform(-8, 8), 30 + random.uniform(-6, 8), 16 + random.uniform(-8, 12)];
  const radii: Vec3 = [46 + random.uniform(-8, 6), 34 + random.uniform(-6, 6), 52];
  const solid = bumpy(ellipsoid(center, radii, random.uniform(15, 40)), 4, 60, randomPhase(random));
  const airAbove = center[1] + random.uniform(4, 20);
  paintHollow(canvas, solid, ellipsoidBounds(center, radii, 5), inside, 5, (_x, y) => (y > airAbove ? AIR_HU : 18));
  // The pancreas and the duodenum lie between stomach and spine.
  const tail: Vec3 = [-70, -2, 2];
  const head: Vec3 = [30, 8, -38];
  const neck: Vec3 = [-8, 22, -18];
  for (const [a, b, from, to] of [
    [tail, neck, 9, 10],
    [neck, head, 10, 15],
  ] as const) {
    canvas.paint({
      solid: bumpy(rod(a, b, from, to), 2.5, 14, randomPhase(random)),
      bounds: rodBounds(a, b, 18),
      tissue: 98,
      label: 0,
    });
  }
}

/** Paints a wall round an inside. The place decides whether that is gas, fluid or stool. */
function paintHollow(
  canvas: TissueCanvas,
  solid: Solid,
  bounds: Bounds,
  inside: Solid,
  wallMm: number,
  content: (x: number, y: number, z: number) => number,
): void {
  canvas.paint({
    solid: (x, y, z) => Math.max(solid(x, y, z), inside(x, y, z)),
    bounds,
    tissue: (x, y, z, depth) => (depth < wallMm ? 72 : content(x, y, z)),
    label: 0,
  });
}

/** Shapes the liver: two lobes that the wall, the diaphragm and the neighbours bound. */
export function liver(anatomy: Anatomy, random: SeededRandom): { readonly solid: Solid; readonly bounds: Bounds } {
  const [sx, sy, sz] = anatomy.liverShiftMm;
  const scale = anatomy.liverScale;
  const right = bumpy(
    ellipsoid([0.5 * anatomy.halfWidthMm + sx, -2 + sy, 2 + sz], [72 * scale, 88 * scale, 78 * scale], 12),
    3.5,
    75,
    randomPhase(random),
  );
  const reach = 40 + 38 * anatomy.leftLobe;
  const left = bumpy(
    ellipsoid([14 - 0.5 * reach + sx, 46 + sy, 16 + sz], [reach, 27 * scale, 44 * scale], -14),
    3,
    60,
    randomPhase(random),
  );
  const lobes = merged(right, left, 26);
  const inside = cavity(anatomy);
  const above = aboveDiaphragm(anatomy);
  const behind = ellipsoid([-6, -0.4 * anatomy.halfDepthMm - 6, 0], [46, 50, 4000]);
  return {
    solid: (x, y, z) => {
      const distance = lobes(x, y, z);
      return distance > 2
        ? distance
        : Math.max(distance, inside(x, y, z) + 2.5, 1.5 - above(x, y, z), -behind(x, y, z));
    },
    bounds: { center: [20, 5, 5], halfMm: [160, 115, 100] },
  };
}

/** Paints what lies beside the liver and takes room from it: gallbladder, kidneys in their fat, adrenals, spleen. */
export function paintNeighbours(canvas: TissueCanvas, anatomy: Anatomy, random: SeededRandom): void {
  const inside = cavity(anatomy);
  const back = -BACK * anatomy.halfDepthMm;

  const gallbladder: Vec3 = [52 + random.uniform(-8, 8), 34 + random.uniform(-6, 8), -34 + random.uniform(-6, 6)];
  canvas.paint({
    solid: ellipsoid(gallbladder, [13, 19, 24], random.uniform(-20, 20)),
    bounds: ellipsoidBounds(gallbladder, [13, 19, 24]),
    tissue: (_x, _y, _z, depth) => (depth < 1.5 ? 50 : 9),
    label: 0,
  });

  const spleen: Vec3 = [-0.62 * anatomy.halfWidthMm, -26 + random.uniform(-6, 6), 20 + random.uniform(-8, 8)];
  const spleenRadii: Vec3 = [26, 46 + random.uniform(-6, 8), 46];
  const body = bumpy(ellipsoid(spleen, spleenRadii, -24), 2.5, 50, randomPhase(random));
  const hilum = ellipsoid([spleen[0] + 27, spleen[1] + 10, spleen[2]], [18, 26, 40], -24);
  canvas.paint({
    solid: (x, y, z) => Math.max(body(x, y, z), inside(x, y, z) + 2.5, -hilum(x, y, z)),
    bounds: ellipsoidBounds(spleen, spleenRadii, 3),
    tissue: anatomy.spleenHu,
    label: 0,
  });

  for (const side of [1, -1]) {
    const center: Vec3 = [
      side * (60 + random.uniform(-4, 6)),
      back + 66,
      (side > 0 ? -54 : -40) + random.uniform(-8, 8),
    ];
    const radii: Vec3 = [27, 24, 52];
    const turned = side * 30;
    const bed: Vec3 = [radii[0] + 9, radii[1] + 8, radii[2] + 2];
    canvas.paint({
      solid: ellipsoid(center, bed, turned),
      bounds: ellipsoidBounds(center, bed),
      tissue: anatomy.fatHu,
      label: 0,
    });
    const sinusCenter: Vec3 = [center[0] - side * 15, center[1] + 8, center[2]];
    const sinus = ellipsoid(sinusCenter, [16, 11, 20], turned);
    const kidney = bumpy(ellipsoid(center, radii, turned), 1.5, 40, randomPhase(random));
    const phase = random.uniform(0, 6);
    canvas.paint({
      solid: (x, y, z) => Math.max(kidney(x, y, z), -sinus(x, y, z)),
      bounds: ellipsoidBounds(center, radii, 2),
      tissue: (x, y, z, depth) =>
        depth > 8 && Math.sin(0.42 * (x + y) + phase) * Math.sin(0.35 * z + 0.2 * y) > -0.1 ? 148 : 196,
      label: 0,
    });
    // The renal vein and pelvis leave through the sinus.
    canvas.paint({
      solid: rod([center[0] - side * 8, center[1] + 4, center[2]], [side * 22, center[1] + 20, center[2] + 8], 4, 5),
      bounds: rodBounds([center[0], center[1] + 4, center[2]], [side * 22, center[1] + 20, center[2] + 8], 8),
      tissue: anatomy.vesselHu - 10,
      label: 0,
    });
    const adrenal: Vec3 = [side * 29, center[1] + 17, center[2] + 52];
    const adrenalTip: Vec3 = [side * 36, center[1] + 3, center[2] + 52];
    canvas.paint({
      solid: rod(adrenal, adrenalTip, 3, 2.2),
      bounds: rodBounds(adrenal, adrenalTip, 3),
      tissue: 80,
      label: 0,
    });
  }
}

/** Stool is soft tissue with crumbs of gas. */
function stoolHu(x: number, y: number, z: number): number {
  const lumps =
    Math.sin(0.31 * x + 1.7 * Math.sin(0.17 * y)) +
    Math.sin(0.37 * y + 1.9 * Math.sin(0.13 * x + 0.1 * z)) +
    Math.sin(0.53 * x - 0.41 * y + 0.2 * z);
  return 45 - 90 * Math.max(0, lumps - 0.4);
}
