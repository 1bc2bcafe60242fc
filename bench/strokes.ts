/**
 * What a pointer event costs while a stroke grows: `npm run bench -- strokes [--points 2000] [--rounds 5]`. A replica of a case
 * of 512 x 512 x 300 voxels, as the editor's page has one; no picture is drawn.
 */
import { parseArgs } from 'node:util';
import { CaseDocument } from '../src/core/case/document/case-document.ts';
import { CaseReplica } from '../src/core/case/document/case-replica.ts';
import type { VoxelGrid } from '../src/core/geometry/grid.ts';
import { slicePlanes } from '../src/core/geometry/slice-plane.ts';
import { LabelMap } from '../src/core/label/label-map.ts';
import { DEFAULT_LABEL_TABLE } from '../src/core/label/table/label-table.ts';
import { describeRounds, median } from './support/statistics.ts';

const { values } = parseArgs({
  options: { points: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '5' } },
});
const points = Number(values.points);
const SHAPE = [512, 512, 300] as const;
const grid: VoxelGrid = {
  shape: SHAPE,
  spacingMm: [0.8, 0.8, 2],
  voxelToWorld: [0.8, 0, 0, 0, 0, 0.8, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
};
const planes = slicePlanes(grid, 'radiological');

/** A pointer that goes round and round, wider and wider: about two voxels an event. */
function place(event: number): [number, number] {
  const angle = Math.sqrt(event) * 0.9;
  const radius = 10 + angle * 2.5;
  return [256 + radius * Math.cos(angle), 256 + radius * Math.sin(angle)];
}

/** Milliseconds of processor time of each event of one stroke, garbage collection included: others may use the machine. */
function drawOnce(tool: 'brush' | 'ball', plane: 'axial' | 'sagittal', radiusMm: number): number[] {
  const document = new CaseDocument({
    planes,
    reviewPlane: 'axial',
    labels: new LabelMap(SHAPE),
    table: DEFAULT_LABEL_TABLE,
  });
  const replica = new CaseReplica(document);
  const scale = plane === 'axial' ? 1 : 300 / 512;
  const at = (event: number): [number, number] => {
    const [column, row] = place(event);
    return [column, row * scale];
  };
  const stroke = replica.draw({ tool, plane, slice: 150, path: [at(0)], radiusMm, label: 1 });
  const times: number[] = [];
  for (let event = 1; event < points; event++) {
    const began = process.cpuUsage();
    replica.extend(stroke, [at(event)]);
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / 1000);
  }
  return times;
}

for (const [tool, plane, radiusMm] of [
  ['brush', 'axial', 8],
  ['brush', 'sagittal', 8],
  ['ball', 'axial', 8],
  ['ball', 'axial', 20],
  ['ball', 'sagittal', 20],
] as const) {
  const rounds = Array.from({ length: Number(values.rounds) }, () => drawOnce(tool, plane, radiusMm));
  const part = (from: number, to: number) => rounds.map((times) => median(times.slice(from, to)));
  const worst = rounds.map((times) => [...times].sort((a, b) => a - b)[Math.floor(0.95 * times.length)] ?? 0);
  const first = part(0, 100);
  const last = part(points - 101, points - 1);
  console.log(
    `${tool}, ${radiusMm} mm, ${plane}: the first hundred events ${describe(first)}, the last hundred ${describe(last)}, p95 of all ${describe(worst)} (microseconds, ${values.rounds} strokes of ${points} points; last / first ${(median(last) / median(first)).toFixed(2)})`,
  );
}

function describe(milliseconds: readonly number[]): string {
  return describeRounds(milliseconds.map((each) => 1000 * each));
}
