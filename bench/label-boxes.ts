/**
 * How a large label map reaches an editor: whole, in one message, and in boxes, what is on the screen first:
 * `npm run bench -- label-boxes [--rounds 7]`. Both sides run in this process; messages are copied as those of a page are,
 * and a round trip takes no time.
 */
import { parseArgs } from 'node:util';
import { slicePlanes } from '../src/core/geometry/slice-plane.ts';
import { ArrivingLabels } from '../src/core/label/arriving-labels.ts';
import { encodeLabelBox } from '../src/core/label/label-box.ts';
import { LabelMap } from '../src/core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../src/core/label/label-map-codec.ts';
import { describeRounds } from './support/statistics.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const SHAPE = [512, 512, 300] as const;
const planes = slicePlanes(
  { shape: SHAPE, spacingMm: [0.8, 0.8, 2], voxelToWorld: [0.8, 0, 0, 0, 0, 0.8, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] },
  'radiological',
);
const CROSSHAIR = [256, 256, 150] as const;

/** Organs with uneven surfaces, one of them full of small lesions; about a tenth of the volume. */
function organs(): LabelMap {
  const map = new LabelMap(SHAPE);
  const row = new Uint8Array(SHAPE[0]);
  const bump = (i: number, j: number, k: number) =>
    0.06 * Math.sin(i / 7) * Math.sin(j / 9) * Math.sin(k / 5) + 0.02 * Math.sin(i * 1.7 + j * 2.3 + k * 3.1);
  const centers = [
    { label: 1, at: [190, 250, 160], radius: [110, 90, 80] },
    { label: 2, at: [350, 220, 190], radius: [60, 50, 50] },
    { label: 3, at: [330, 330, 120], radius: [35, 40, 60] },
    { label: 4, at: [180, 340, 110], radius: [35, 40, 60] },
    { label: 5, at: [256, 380, 150], radius: [25, 25, 140] },
  ] as const;
  for (let k = 0; k < SHAPE[2]; k++) {
    for (let j = 0; j < SHAPE[1]; j++) {
      row.fill(0);
      for (const { label, at, radius } of centers) {
        const across = ((j - at[1]) / radius[1]) ** 2 + ((k - at[2]) / radius[2]) ** 2;
        if (across > 1.2) continue;
        for (let i = Math.max(0, at[0] - 1.2 * radius[0]); i < Math.min(SHAPE[0], at[0] + 1.2 * radius[0]); i++) {
          const x = Math.floor(i);
          if (((x - at[0]) / radius[0]) ** 2 + across + bump(x, j, k) > 1) continue;
          const isLesion = label === 1 && Math.sin(x / 6) * Math.sin(j / 6) * Math.sin(k / 4) > 0.8;
          row[x] = isLesion ? 6 : label;
        }
      }
      map.write(SHAPE[0] * (j + SHAPE[1] * k), row);
    }
  }
  return map;
}

interface Round {
  readonly firstMs: number;
  readonly wholeMs: number;
  readonly longestBytes: number;
  readonly allBytes: number;
  readonly messages: number;
  /** The longest time for which the host's thread answers nothing else. */
  readonly hostMs: number;
}

function inOneMessage(labels: LabelMap): Round {
  const began = performance.now();
  const bytes = encodeLabelMap(labels);
  const hostMs = performance.now() - began;
  const map = decodeLabelMap(structuredClone(bytes), SHAPE);
  map.extractSlice(planes.axial, CROSSHAIR[2]);
  const wholeMs = performance.now() - began;
  return { firstMs: wholeMs, wholeMs, longestBytes: bytes.length, allBytes: bytes.length, messages: 1, hostMs };
}

function inBoxes(labels: LabelMap): Round {
  const arriving = new ArrivingLabels(SHAPE, 0);
  const shown = Object.values(planes).map(({ normalAxis }) => ({ axis: normalAxis, index: CROSSHAIR[normalAxis] }));
  const figures = { firstMs: 0, longestBytes: 0, allBytes: 0, messages: 0, hostMs: 0 };
  const began = performance.now();
  for (let box = arriving.next(shown); box; box = arriving.next(shown)) {
    const asked = performance.now();
    const bytes = encodeLabelBox(labels, box);
    figures.hostMs = Math.max(figures.hostMs, performance.now() - asked);
    figures.messages++;
    figures.allBytes += bytes.length;
    figures.longestBytes = Math.max(figures.longestBytes, bytes.length);
    arriving.receive(box, 0, structuredClone(bytes));
    if (figures.firstMs === 0 && arriving.has(shown[0])) {
      arriving.labels.extractSlice(planes.axial, CROSSHAIR[2]);
      figures.firstMs = performance.now() - began;
    }
  }
  if (!arriving.isWhole) throw new Error('Something is missing.');
  return { ...figures, wholeMs: performance.now() - began };
}

const labels = organs();
console.log(
  `512 x 512 x 300 voxels, ${((100 * (labels.voxelCount - labels.count(0))) / labels.voxelCount).toFixed(1)} % labelled`,
);
for (const [name, open] of [
  ['in one message', inOneMessage],
  ['in boxes', inBoxes],
] as const) {
  open(labels);
  const rounds = Array.from({ length: Number(values.rounds) }, () => open(labels));
  const [{ longestBytes, allBytes, messages }] = rounds;
  console.log(`${name}: ${messages} messages, ${allBytes} bytes, the longest ${longestBytes}`);
  console.log(`  first labelled slice ${describeRounds(rounds.map(({ firstMs }) => firstMs))} ms`);
  console.log(`  everything ${describeRounds(rounds.map(({ wholeMs }) => wholeMs))} ms`);
  console.log(`  the host answers nothing else for ${describeRounds(rounds.map(({ hostMs }) => hostMs))} ms`);
}
