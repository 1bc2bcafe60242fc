import type { Vec3 } from '../geometry/vector.ts';
import type { SeededRandom } from '../random.ts';
import type { Solid } from './shapes.ts';

/**
 * One imagined patient, as the sizes that differ from case to case. All lengths are in mm, intensities in Hounsfield
 * units (portal venous phase), coordinates RAS+ about the middle of the trunk at the height of the liver.
 */
export interface Anatomy {
  /** Half the width of the trunk to the side, skin included; `halfDepthMm` is the same to front and back. */
  readonly halfWidthMm: number;
  readonly halfDepthMm: number;
  readonly fatMm: number;
  readonly wallMm: number;
  /** The liver's size is relative to the average. */
  readonly liverScale: number;
  readonly liverShiftMm: Vec3;
  /** How far the left lobe reaches across, 0 to 1. */
  readonly leftLobe: number;
  /** The heights of the diaphragm's two domes. */
  readonly domeRightMm: number;
  readonly domeLeftMm: number;
  readonly vertebraPhaseMm: number;
  readonly ribPhaseMm: number;
  readonly liverHu: number;
  readonly spleenHu: number;
  readonly vesselHu: number;
  readonly muscleHu: number;
  readonly fatHu: number;
}

/** The trunk is so much flatter behind than in front. */
export const BACK = 0.92;

export function drawAnatomy(random: SeededRandom): Anatomy {
  const halfWidthMm = random.uniform(142, 168);
  // One liver in five is fatty.
  const fatty = random.uniform() < 0.2;
  return {
    halfWidthMm,
    halfDepthMm: halfWidthMm * random.uniform(0.66, 0.74),
    fatMm: random.uniform(8, 22),
    wallMm: random.uniform(10, 14),
    liverScale: random.uniform(0.9, 1.1),
    liverShiftMm: [random.uniform(-5, 5), random.uniform(-6, 4), random.uniform(-10, 8)],
    leftLobe: random.uniform(0.25, 1),
    domeRightMm: random.uniform(56, 74),
    domeLeftMm: random.uniform(50, 66),
    vertebraPhaseMm: random.uniform(0, 34),
    ribPhaseMm: random.uniform(0, 28),
    liverHu: fatty ? random.uniform(72, 84) : random.uniform(98, 116),
    spleenHu: random.uniform(112, 128),
    vesselHu: random.uniform(150, 180),
    muscleHu: random.uniform(50, 62),
    fatHu: random.uniform(-110, -98),
  };
}

/**
 * The trunk up to the skin is an oval, squarer than an ellipse and flatter at the back, the same at every height. Half
 * way between the 2-norm and the 4-norm lies about what a superellipse of power 2.6 is, and it needs no powers, which
 * counts because every voxel asks often.
 */
export function trunk({ halfWidthMm: a, halfDepthMm: b }: Anatomy): Solid {
  return (x, y) => {
    const u = x / a;
    const v = y / (y < 0 ? BACK * b : b);
    const uu = u * u;
    const vv = v * v;
    return ((Math.sqrt(uu + vv) + Math.sqrt(Math.sqrt(uu * uu + vv * vv))) / 2 - 1) * b;
  };
}

/** The space within the trunk's wall. */
export function cavity(anatomy: Anatomy): Solid {
  const outside = trunk(anatomy);
  const wall = anatomy.fatMm + anatomy.wallMm;
  return (x, y, z) => outside(x, y, z) + wall;
}

/** What lies above the diaphragm is inside (negative). The diaphragm has two domes, the right one over the liver. */
export function aboveDiaphragm({ domeRightMm, domeLeftMm, halfWidthMm: a, halfDepthMm: b }: Anatomy): Solid {
  return (x, y, z) => {
    const right = domeRightMm - 46 * (squared((x - 0.42 * a) / (0.5 * a)) + squared((y + 4) / (0.75 * b)));
    const left = domeLeftMm - 46 * (squared((x + 0.42 * a) / (0.5 * a)) + squared((y + 4) / (0.75 * b)));
    // The domes are steep at their edges: the vertical distance is shortened to about the true one.
    return 0.75 * (Math.max(right, left) - z);
  };
}

function squared(x: number): number {
  return x * x;
}
