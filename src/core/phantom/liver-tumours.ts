import type { Vec3 } from '../geometry/vector.ts';
import type { SeededRandom } from '../random.ts';
import type { Anatomy } from './anatomy.ts';
import { bumpy, ellipsoid, ellipsoidBounds, type Solid } from './shapes.ts';
import type { TissueCanvas } from './tissue-canvas.ts';

/**
 * The radii in mm of the tumours that a case may have, from what is just visible to what fills a segment of the liver.
 */
const SMALLEST_MM = 5;
const LARGEST_MM = 30;

/**
 * Paints two to six hypodense tumours into the liver, their radii log-uniform. Some have a bright rim, and large ones
 * may be dead (darker) in the middle.
 */
export function paintTumours(canvas: TissueCanvas, anatomy: Anatomy, liver: Solid, random: SeededRandom): void {
  const count = 2 + random.integer(5);
  const placed: { readonly center: Vec3; readonly radiusMm: number }[] = [];
  const candidates = liverPlaces(canvas);
  if (candidates.length === 0) return;
  for (let attempt = 0; attempt < 400 && placed.length < count; attempt++) {
    // The first is never tiny: every case has something to find.
    const smallest = placed.length === 0 ? 14 : SMALLEST_MM;
    const radiusMm = smallest * (LARGEST_MM / smallest) ** (random.uniform() ** (placed.length === 0 ? 1 : 1.6));
    const center = canvas.place(random.pick(candidates));
    const depth = -liver(...center);
    const free = placed.every((other) => distance(other.center, center) > 0.9 * (other.radiusMm + radiusMm) + 4);
    // Up to a third of a tumour may reach beyond the capsule, as real ones do.
    if (depth < radiusMm * 0.65 || !free) continue;
    placed.push({ center, radiusMm });
    paintTumour(canvas, anatomy, center, radiusMm, random);
  }
}

function paintTumour(
  canvas: TissueCanvas,
  anatomy: Anatomy,
  center: Vec3,
  radiusMm: number,
  random: SeededRandom,
): void {
  const radii: Vec3 = [
    radiusMm * random.uniform(0.85, 1.2),
    radiusMm * random.uniform(0.85, 1.15),
    radiusMm * random.uniform(0.8, 1.1),
  ];
  const bump = 0.14 * radiusMm;
  const solid = bumpy(ellipsoid(center, radii, random.uniform(0, 180)), bump, 1.8 * radiusMm, [
    random.uniform(0, 6.28),
    random.uniform(0, 6.28),
    random.uniform(0, 6.28),
  ]);
  const hu = anatomy.liverHu - random.uniform(36, 62);
  const rim = random.uniform() < 0.35 ? random.uniform(8, 18) : 0;
  const dead = radiusMm > 13 && random.uniform() < 0.5 ? random.uniform(12, 25) : 0;
  const phase = random.uniform(0, 6);
  canvas.paint({
    solid,
    bounds: ellipsoidBounds(center, radii, bump),
    tissue: (x, y, z, depth) => {
      const mottled = 5 * Math.sin(0.5 * x + phase) * Math.sin(0.45 * y) * Math.sin(0.4 * z);
      if (depth < 2.5) return hu + rim + mottled;
      return hu + mottled - dead * Math.min(1, Math.max(0, (depth - 0.4 * radiusMm) / 4));
    },
    label: 2,
    onlyOver: [1, 2],
  });
}

/** Returns the element numbers of some of the liver's voxels, evenly spread. */
function liverPlaces(canvas: TissueCanvas): number[] {
  const places: number[] = [];
  for (let n = 0; n < canvas.labels.length; n += 7) if (canvas.labels[n] === 1) places.push(n);
  return places;
}

function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
