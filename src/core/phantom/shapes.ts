import type { Vec3 } from '../geometry/vector.ts';

/**
 * A solid, given by its signed distance in mm: below 0 inside, above 0 outside, about 1 mm per mm near the surface.
 * `x`, `y`, `z` are RAS+ mm (right, anterior, superior).
 */
export type Solid = (x: number, y: number, z: number) => number;

/** The box that a solid lies in, by its centre and half extents in mm. */
export interface Bounds {
  readonly center: Vec3;
  readonly halfMm: Vec3;
}

export const EVERYWHERE: Bounds = { center: [0, 0, 0], halfMm: [1e6, 1e6, 1e6] };

/**
 * Makes an ellipsoid, turned about the vertical axis. The distance is the first-order one, `f |p| / |grad f|`: it is
 * exact at the surface, where it matters.
 *
 * @param turnedDegrees counter-clockwise seen from above
 */
export function ellipsoid(center: Vec3, radiiMm: Vec3, turnedDegrees = 0): Solid {
  const [cx, cy, cz] = center;
  const [rx, ry, rz] = radiiMm;
  const cos = Math.cos((turnedDegrees * Math.PI) / 180);
  const sin = Math.sin((turnedDegrees * Math.PI) / 180);
  const deepest = -Math.min(rx, ry, rz);
  return (x, y, z) => {
    const dx = x - cx;
    const dy = y - cy;
    const u = (cos * dx + sin * dy) / rx;
    const v = (cos * dy - sin * dx) / ry;
    const w = (z - cz) / rz;
    const k = Math.sqrt(u * u + v * v + w * w);
    if (k < 1e-3) return deepest;
    const gu = u / rx;
    const gv = v / ry;
    const gw = w / rz;
    return (k * (k - 1)) / Math.sqrt(gu * gu + gv * gv + gw * gw);
  };
}

/** Returns the box of an ellipsoid, whichever way it is turned about the vertical. */
export function ellipsoidBounds(center: Vec3, radiiMm: Vec3, marginMm = 0): Bounds {
  const flat = Math.max(radiiMm[0], radiiMm[1]) + marginMm;
  return { center, halfMm: [flat, flat, radiiMm[2] + marginMm] };
}

/** Makes a rod with round ends whose radius changes evenly from `a` to `b`: a piece of a vessel or a bowel loop. */
export function rod(a: Vec3, b: Vec3, radiusAMm: number, radiusBMm: number): Solid {
  const [ax, ay, az] = a;
  const [ux, uy, uz] = [b[0] - ax, b[1] - ay, b[2] - az];
  const lengthSquared = ux * ux + uy * uy + uz * uz;
  return (x, y, z) => {
    const px = x - ax;
    const py = y - ay;
    const pz = z - az;
    const along = lengthSquared === 0 ? 0 : (px * ux + py * uy + pz * uz) / lengthSquared;
    const t = Math.min(1, Math.max(0, along));
    const dx = px - t * ux;
    const dy = py - t * uy;
    const dz = pz - t * uz;
    return Math.sqrt(dx * dx + dy * dy + dz * dz) - (radiusAMm + t * (radiusBMm - radiusAMm));
  };
}

export function rodBounds(a: Vec3, b: Vec3, radiusMm: number): Bounds {
  const half = (axis: 0 | 1 | 2) => Math.abs(a[axis] - b[axis]) / 2 + radiusMm;
  return {
    center: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2],
    halfMm: [half(0), half(1), half(2)],
  };
}

/**
 * Joins both solids and fills the crease between them over about `blendMm` (polynomial smooth minimum, Quilez 2013).
 */
export function merged(a: Solid, b: Solid, blendMm: number): Solid {
  return (x, y, z) => {
    const da = a(x, y, z);
    const db = b(x, y, z);
    const h = Math.max(blendMm - Math.abs(da - db), 0) / blendMm;
    return Math.min(da, db) - (h * h * blendMm) / 4;
  };
}

/**
 * Gives `solid` bumps, because no organ is an ellipsoid.
 * @param waveMm distance between bumps
 * @param phase decides where the bumps are
 */
export function bumpy(solid: Solid, heightMm: number, waveMm: number, phase: Vec3): Solid {
  const f = (2 * Math.PI) / waveMm;
  return (x, y, z) =>
    solid(x, y, z) +
    heightMm *
      Math.sin(f * x + phase[0] + Math.sin(0.6 * f * z)) *
      Math.sin(f * y + phase[1]) *
      Math.sin(0.8 * f * z + phase[2]);
}
