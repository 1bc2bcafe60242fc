import type { Vec3 } from '../geometry/vector.ts';
import type { SeededRandom } from '../random.ts';
import { type Anatomy, BACK } from './anatomy.ts';
import { rod, rodBounds, type Solid } from './shapes.ts';
import type { TissueCanvas } from './tissue-canvas.ts';

interface Branch {
  readonly from: Vec3;
  /** A unit vector. */
  readonly direction: Vec3;
  readonly radiusMm: number;
  readonly lengthMm: number;
}

/** Branches thinner than this drown in noise. */
const THINNEST_MM = 1.1;

/**
 * Paints the two trees of vessels in the liver: three hepatic veins that fan down from the vena cava under the dome,
 * and the portal vein that enters at the hilum and divides to both lobes. They run on liver only and stay labelled as
 * liver, as annotators leave them.
 */
export function paintLiverVessels(canvas: TissueCanvas, anatomy: Anatomy, liver: Solid, random: SeededRandom): void {
  const back = -BACK * anatomy.halfDepthMm;
  const cava: Vec3 = [24, back + 98, anatomy.domeRightMm - 22];
  const hilum: Vec3 = [28, back + 112, -14];
  const roots: Branch[] = [
    { from: cava, direction: unit([1, 0.05, -0.55]), radiusMm: 6, lengthMm: 95 },
    { from: cava, direction: unit([0.55, 0.75, -0.6]), radiusMm: 5.6, lengthMm: 90 },
    { from: cava, direction: unit([-0.5, 0.9, -0.4]), radiusMm: 5, lengthMm: 80 },
    { from: hilum, direction: unit([1, -0.1, 0.35]), radiusMm: 6.6, lengthMm: 75 },
    { from: hilum, direction: unit([-0.55, 0.8, 0.5]), radiusMm: 5.6, lengthMm: 75 },
  ];
  for (const root of roots)
    grow(canvas, { ...root, direction: bent(root.direction, 0.2, random) }, anatomy, liver, random);
  canvas.paint({
    solid: rod([6, back + 96, -40], hilum, 7, 6.5),
    bounds: rodBounds([6, back + 96, -40], hilum, 7),
    tissue: anatomy.vesselHu,
    label: 0,
    onlyOver: [0],
  });
}

function grow(canvas: TissueCanvas, root: Branch, anatomy: Anatomy, liver: Solid, random: SeededRandom): void {
  const waiting = [root];
  for (let branch = waiting.pop(); branch; branch = waiting.pop()) {
    const steps = 5;
    let { from, direction } = branch;
    let radius = branch.radiusMm;
    for (let step = 0; step < steps && radius > THINNEST_MM; step++) {
      // Vessels keep within the liver: what is about to leave it turns, or ends. (The roots begin outside.)
      const length = branch.lengthMm / steps;
      let to = from;
      for (let turn = 0; turn < 8; turn++) {
        const next = bent(direction, 0.2 + 0.12 * turn, random);
        to = [from[0] + length * next[0], from[1] + length * next[1], from[2] + length * next[2]];
        if (liver(...to) < -3 || (branch === root && step === 0)) {
          direction = next;
          break;
        }
      }
      if (liver(...to) >= -3 && !(branch === root && step === 0)) break;
      const thinner = radius * 0.86;
      canvas.paint({
        solid: rod(from, to, radius, thinner),
        bounds: rodBounds(from, to, radius),
        tissue: anatomy.vesselHu,
        label: 1,
        onlyOver: [1],
      });
      if (radius > 1.6) {
        waiting.push({
          from: to,
          direction: bent(direction, 0.75, random),
          radiusMm: thinner * random.uniform(0.55, 0.75),
          lengthMm: branch.lengthMm * random.uniform(0.5, 0.7),
        });
      }
      from = to;
      radius = thinner;
    }
  }
}

/** Turns `direction` by a random angle of about `amount` radians. */
function bent(direction: Vec3, amount: number, random: SeededRandom): Vec3 {
  return unit([
    direction[0] + random.normal(0, amount),
    direction[1] + random.normal(0, amount),
    direction[2] + random.normal(0, amount),
  ]);
}

function unit([x, y, z]: Vec3): Vec3 {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
