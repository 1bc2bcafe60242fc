import type { Vec3 } from '../../src/core/geometry/vector.ts';

/** Components (26 neighbours) of one label by flooding, voxel by voxel: lists of voxels, in the order of their first one. */
export function naiveComponents(classes: ArrayLike<number>, [nx, ny]: Vec3, label: number): number[][] {
  const place = (voxel: number) => [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny)];
  const seen = new Set<number>();
  const found: number[][] = [];
  for (let start = 0; start < classes.length; start++) {
    if (classes[start] !== label || seen.has(start)) continue;
    const component = [start];
    seen.add(start);
    for (const voxel of component) {
      const here = place(voxel);
      for (let other = 0; other < classes.length; other++) {
        if (classes[other] !== label || seen.has(other)) continue;
        if (Math.max(...place(other).map((at, axis) => Math.abs(at - here[axis]))) > 1) continue;
        seen.add(other);
        component.push(other);
      }
    }
    found.push(component);
  }
  return found;
}
